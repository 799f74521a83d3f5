import type { RuleCases } from '../cases.ts';
import { profile } from '../texts.ts';

const clone3 = '{"names": ["clone3"], "action": "SCMP_ACT_ERRNO", "errnoRet": 38}';
const runsc = { runtimes: ['runsc'] } as const;

export const cases: RuleCases = {
  flagged: [
    {
      name: 'an errno that it does not read',
      text: profile([clone3], 'SCMP_ACT_ALLOW'),
      options: runsc,
      at: ['1:1', '2:3'],
      messages: [
        /^runsc reads a profile only with/,
        /^runsc ignores the errno: SCMP_ACT_ERRNO answers EPERM/,
      ],
    },
    {
      name: 'a call that it does not have',
      text: profile(['{"names": ["openat2"], "action": "SCMP_ACT_ERRNO"}'], 'SCMP_ACT_ALLOW'),
      options: { runtimes: ['runc', 'runsc'] },
      at: ['1:1', '2:3'],
      messages: [/^runsc reads a profile only with/, /^runsc skips openat2/],
    },
  ],
  clean: [{ name: 'the same profile for runc', text: profile([clone3], 'SCMP_ACT_ALLOW') }],
};
