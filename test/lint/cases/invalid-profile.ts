import type { RuleCases } from '../cases.ts';

export const cases: RuleCases = {
  flagged: [
    { name: 'text that is not JSON', text: '{"defaultAction": }', at: ['1:19'] },
    {
      name: 'an action that does not exist',
      text: '{"defaultAction": "SCMP_ACT_DENY", "syscalls": []}',
      at: ['1:19'],
    },
    {
      name: 'rules without a default action',
      text: '{"syscalls": [{"names": ["read"], "action": "SCMP_ACT_ALLOW"}]}',
      at: ['1:1'],
    },
    { name: 'a profile that is off', text: '{"syscalls": []}', at: ['1:1'] },
    {
      name: 'a flag that the kernel takes only with a listener',
      text: '{"defaultAction": "SCMP_ACT_LOG", "flags": ["SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"]}',
      at: ['1:45'],
    },
  ],
  clean: [{ name: 'a profile', text: '{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": []}' }],
};
