import type { RuleCases } from '../cases.ts';

export const cases: RuleCases = {
  flagged: [
    {
      name: 'a path and an address',
      text: `{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["getpid", "openat", "connect"], "action": "SCMP_ACT_NOTIFY"}]}`,
      at: ['1:71', '1:81'],
      messages: [
        /openat, whose argument 1 \(\w+\) is in memory/,
        /connect, whose argument 1 \(\w+\) is in memory/,
      ],
    },
  ],
  clean: [
    {
      name: 'arguments in registers, buffers that are filled, and data',
      text: `{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["socket", "read", "uname", "pwrite64"], "action": "SCMP_ACT_NOTIFY"}]}`,
    },
    {
      name: 'another action',
      text: `{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["openat"], "action": "SCMP_ACT_ERRNO"}]}`,
    },
  ],
};
