import type { RuleCases } from '../cases.ts';
import { arg, profile, rule } from '../texts.ts';

export const cases: RuleCases = {
  flagged: [
    {
      name: 'two actions without conditions, of which the first counts',
      text: profile([rule('read write', 'ALLOW'), rule('close write', 'KILL_PROCESS')]),
      at: ['3:23'],
      witnesses: ['x86_64 write(0, 0, 0): ALLOW instead of KILL_PROCESS'],
      messages: [/'write' gets KILL_PROCESS here, but an earlier rule gives ALLOW/],
    },
    {
      name: 'errors as MIPS numbers them',
      text: profile([rule('write', 'ALLOW'), rule('write', 'ERRNO', [], ', "errnoRet": 89')]),
      options: {
        hosts: [{ arch: 'mipsel64', kernel: { kernel: 6, major: 18 }, capabilities: [] }],
        runtimes: ['crun'],
      },
      at: ['3:14'],
      messages: [/'write' gets ERRNO ENOSYS \(89\) here/],
    },
    {
      name: 'conditions that hold at once',
      text: profile([
        rule('personality', 'ALLOW', [arg(0, 'GT', 8)]),
        rule('personality', 'KILL_PROCESS', [arg(0, 'EQ', 255)]),
      ]),
      at: ['3:14'],
      messages: [/some with ALLOW and some with KILL_PROCESS/],
    },
    {
      name: 'an exception that is skipped because its action is the default one',
      text: profile([rule('ioctl', 'ALLOW'), rule('ioctl', 'ERRNO', [arg(1, 'EQ', 0x5412)])]),
      at: ['3:14'],
      witnesses: ['x86_64 ioctl(0, TIOCSTI (0x5412), 0): ALLOW instead of ERRNO EPERM (1)'],
      messages: [/skipped/],
    },
    {
      name: 'a denial of what is allowed',
      text: profile([rule('setuid setgid', 'ALLOW'), rule('ptrace setgid', 'ERRNO')]),
      at: ['3:24'],
    },
    {
      name: 'a skipped exception to a rule with conditions',
      text: profile([rule('prctl', 'ALLOW', [arg(0, 'LT', 50)]), rule('prctl', 'ERRNO', [arg(0, 'EQ', 35)])]),
      at: ['3:14'],
    },
  ],
  clean: [
    {
      name: 'conditions that exclude each other',
      text: profile([
        rule('personality', 'ALLOW', [arg(0, 'LE', 8)]),
        rule('personality', 'KILL_PROCESS', [arg(0, 'GT', 8)]),
      ]),
    },
    {
      name: 'a default that is spelled out for what the conditions leave over',
      text: profile([rule('clone', 'ALLOW', [arg(0, 'MASKED_EQ', 0x7e020000, 0)]), rule('clone', 'ERRNO')]),
    },
    {
      name: 'rules of which a host has one',
      text: `{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
  {"names": ["clone3"], "action": "SCMP_ACT_ALLOW", "includes": {"caps": ["CAP_SYS_ADMIN"]}},
  {"names": ["clone3"], "action": "SCMP_ACT_ERRNO", "errnoRet": 38, "excludes": {"caps": ["CAP_SYS_ADMIN"]}}
]}`,
    },
  ],
};
