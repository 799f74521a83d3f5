import type { RuleCases } from '../cases.ts';
import { arg, profile, rule } from '../texts.ts';

export const cases: RuleCases = {
  flagged: [
    {
      name: 'a range',
      text: profile([rule('setpriority', 'ALLOW', [arg(2, 'GE', 1), arg(2, 'LE', 19)])]),
      at: ['2:124'],
      witnesses: ['x86_64 setpriority(PRIO_PROCESS (0), 0, 0): ALLOW instead of ERRNO EPERM (1)'],
      messages: [/arg2 >= 1 and arg2 <= 19/],
    },
    {
      name: 'none of two values',
      text: profile([rule('socket', 'ALLOW', [arg(0, 'NE', 16), arg(0, 'NE', 40)])]),
      at: ['2:120'],
    },
    {
      name: 'none of two flags',
      text: profile([
        rule('clone', 'ALLOW', [arg(0, 'MASKED_EQ', 0x10000000, 0), arg(0, 'MASKED_EQ', 0x20000, 0)]),
      ]),
      at: ['2:148'],
      witnesses: ['x86_64 clone(CLONE_NEWNS (0x20000), 0, 0, 0, 0): ALLOW instead of ERRNO EPERM (1)'],
    },
    {
      name: 'alternatives together with another argument',
      text: profile([rule('socket', 'ALLOW', [arg(0, 'EQ', 1), arg(0, 'EQ', 2), arg(2, 'EQ', 0)])]),
      at: ['2:119'],
      witnesses: ['x86_64 socket(AF_UNSPEC (0), 0, 0): ALLOW instead of ERRNO EPERM (1)'],
      messages: [/arg0 == 1 and arg2 == 0, or arg0 == 2 and arg2 == 0/],
    },
  ],
  clean: [
    {
      name: 'alternatives',
      text: profile([rule('personality', 'ALLOW', [arg(0, 'EQ', 0), arg(0, 'EQ', 8)])]),
    },
    {
      name: 'different arguments',
      text: profile([rule('socket', 'ALLOW', [arg(0, 'EQ', 1), arg(1, 'EQ', 2)])]),
    },
    {
      name: 'any of two flags denied',
      text: profile(
        [rule('unshare', 'ERRNO', [arg(0, 'MASKED_EQ', 1024, 1024), arg(0, 'MASKED_EQ', 2048, 2048)])],
        'SCMP_ACT_ALLOW',
      ),
    },
  ],
};
