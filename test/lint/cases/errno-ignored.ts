import type { RuleCases } from '../cases.ts';
import { profile, rule } from '../texts.ts';

export const cases: RuleCases = {
  flagged: [
    {
      name: 'on a rule that allows',
      text: profile([rule('read', 'ALLOW', [], ', "errnoRet": 1')]),
      at: ['2:51'],
      messages: [/'errnoRet' has no effect: SCMP_ACT_ALLOW returns no error number/],
    },
    {
      name: 'on a default action that kills, in a bundle',
      text: '{"ociVersion": "1.0.0", "linux": {"seccomp":\n  {"defaultAction": "SCMP_ACT_KILL_PROCESS", "defaultErrnoRet": 38}}}',
      at: ['2:46'],
    },
    {
      name: 'beside a name that says something else',
      text: profile([rule('read', 'ERRNO', [], ', "errnoRet": 1, "errno": "ENOSYS"')]),
      options: { dialect: 'podman' },
      at: ['2:63'],
      messages: [/'errno' \(ENOSYS\) wins/],
    },
  ],
  clean: [
    {
      name: 'on actions that return one',
      text: profile([
        rule('read', 'ERRNO', [], ', "errnoRet": 38'),
        rule('write', 'TRACE', [], ', "errnoRet": 7'),
      ]),
    },
    {
      name: 'a name and a number that agree',
      text: profile([rule('read', 'ERRNO', [], ', "errnoRet": 1, "errno": "EPERM"')]),
      options: { dialect: 'podman' },
    },
  ],
};
