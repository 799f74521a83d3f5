import type { RuleCases } from '../cases.ts';

export const cases: RuleCases = {
  flagged: [
    {
      name: 'module loading',
      text: `{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["mkdir", "finit_module"], "action": "SCMP_ACT_NOTIFY"}]}`,
      at: ['1:70'],
      messages: [/^only the supervisor stands between the program and finit_module/],
    },
  ],
  clean: [
    {
      name: 'a call that is not dangerous',
      text: `{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["mkdir", "socket"], "action": "SCMP_ACT_NOTIFY"}]}`,
    },
    {
      name: 'a dangerous call that is denied',
      text: `{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["bpf"], "action": "SCMP_ACT_ERRNO"}]}`,
    },
  ],
};
