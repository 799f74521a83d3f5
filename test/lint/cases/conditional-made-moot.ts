import type { RuleCases } from '../cases.ts';
import { arg, profile, rule } from '../texts.ts';

export const cases: RuleCases = {
  flagged: [
    {
      name: 'a condition on a call that is allowed without one',
      text: profile([rule('read socket', 'ALLOW'), rule('socket', 'ALLOW', [arg(0, 'EQ', 1)])]),
      at: ['3:61'],
      witnesses: ['x86_64 socket(AF_UNSPEC (0), 0, 0): ALLOW instead of ERRNO EPERM (1)'],
      messages: [/the conditions on 'socket' have no effect/],
    },
    {
      name: 'an exception of another action',
      text: profile([rule('socket', 'KILL_PROCESS', [arg(0, 'EQ', 40)]), rule('read socket', 'ALLOW')]),
      at: ['2:68'],
      witnesses: ['x86_64 socket(AF_VSOCK (40), 0, 0): ALLOW instead of KILL_PROCESS'],
      messages: [/gives ALLOW, never KILL_PROCESS/],
    },
    {
      name: 'one of two names',
      text: profile([rule('kill', 'ALLOW'), rule('tgkill kill', 'ALLOW', [arg(0, 'EQ', 1)])]),
      at: ['3:24'],
    },
    {
      name: 'all of two names',
      text: profile([rule('kill tgkill', 'ALLOW'), rule('tgkill kill', 'ALLOW', [arg(0, 'EQ', 1)])]),
      at: ['3:69'],
      messages: [/the conditions on 2 calls/],
    },
    {
      name: 'errors as MIPS numbers them',
      text: profile([
        rule('kill', 'ERRNO', [], ', "errnoRet": 89'),
        rule('kill', 'ALLOW', [arg(0, 'EQ', 1)]),
      ]),
      options: {
        hosts: [{ arch: 'mipsel64', kernel: { kernel: 6, major: 18 }, capabilities: [] }],
        runtimes: ['crun'],
      },
      at: ['3:59'],
      messages: [/gives ERRNO ENOSYS \(89\), never ALLOW/],
    },
  ],
  clean: [
    {
      name: 'a rule without conditions that other hosts have',
      text: `{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
  {"names": ["clone"], "action": "SCMP_ACT_ALLOW", "includes": {"caps": ["CAP_KILL"]}},
  {"names": ["clone"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 0, "op": "SCMP_CMP_MASKED_EQ", "value": 2114060288, "valueTwo": 0}]}
]}`,
    },
    {
      name: 'the default spelled out',
      text: profile([rule('clone', 'ERRNO'), rule('clone', 'ALLOW', [arg(0, 'EQ', 17)])]),
    },
  ],
};
