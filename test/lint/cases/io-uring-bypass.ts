import type { RuleCases } from '../cases.ts';

export const cases: RuleCases = {
  flagged: [
    {
      name: 'a deny-list of network calls',
      text: `{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["socket", "connect"], "action": "SCMP_ACT_ERRNO"}]}`,
      at: ['1:19'],
      messages: [/denies for connect and socket$/],
    },
    {
      name: 'an allow-list that names rings and nothing that they can do',
      text: `{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
  {"names": ["io_uring_setup", "io_uring_enter"], "action": "SCMP_ACT_ALLOW"}
]}`,
      at: ['2:14'],
    },
  ],
  clean: [
    {
      name: 'rings denied as well',
      text: `{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["socket", "io_uring_setup"], "action": "SCMP_ACT_ERRNO"}]}`,
    },
    {
      name: 'a deny-list of what rings cannot do',
      text: `{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["mount", "ptrace"], "action": "SCMP_ACT_ERRNO"}]}`,
    },
    {
      name: 'a call that is answered with ENOSYS',
      text: `{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["openat2"], "action": "SCMP_ACT_ERRNO", "errnoRet": 38}]}`,
    },
  ],
};
