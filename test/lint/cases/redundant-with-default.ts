import type { RuleCases } from '../cases.ts';
import { arg, profile, rule } from '../texts.ts';

export const cases: RuleCases = {
  flagged: [
    {
      name: 'a denial where everything is denied',
      text: profile([rule('read statx', 'ALLOW'), rule('ptrace', 'ERRNO')]),
      at: ['3:25'],
    },
    {
      name: 'the default spelled out for what conditions leave over',
      text: profile([
        rule('clone', 'ALLOW', [arg(0, 'EQ', 17)]),
        rule('clone', 'ERRNO', [], ', "errnoRet": 1'),
      ]),
      at: ['3:24'],
    },
    {
      name: 'an allowance where everything is allowed',
      text: profile([rule('read', 'ALLOW')], 'SCMP_ACT_ALLOW'),
      at: ['2:23'],
    },
    {
      name: 'a rule whose number moves the bound beyond which runc answers ENOSYS',
      text: profile([rule('read', 'ALLOW'), rule('clone3', 'ERRNO')]),
      at: ['3:25'],
      messages: [/^the rule repeats the default action: it is skipped, and so are its comparisons$/],
    },
    {
      name: 'a rule that another one answers for, also a conflict',
      text: profile([rule('read statx', 'ALLOW'), rule('read', 'ERRNO')]),
      at: ['3:23'],
      messages: [/another rule answers "read"/],
    },
  ],
  clean: [
    {
      name: 'another error number',
      text: profile([rule('read statx', 'ALLOW'), rule('clone3', 'ERRNO', [], ', "errnoRet": 38')]),
    },
  ],
};
