import type { RuleCases } from '../cases.ts';
import { arg, profile, rule } from '../texts.ts';

export const cases: RuleCases = {
  flagged: [
    {
      name: 'all bits of 64',
      text: profile([rule('read', 'ALLOW', [arg(0, 'EQ', 18446744073709551615n)])]),
      at: ['2:103'],
      messages: [/as 18446744073709551616$/],
    },
    {
      name: '2^53 + 1',
      text: profile([rule('read', 'ALLOW', [arg(0, 'EQ', 9007199254740993n)])]),
      at: ['2:103'],
      messages: [/as 9007199254740992$/],
    },
  ],
  clean: [
    { name: 'a mask of Docker', text: profile([rule('clone', 'ALLOW', [arg(0, 'MASKED_EQ', 2114060288n)])]) },
    {
      name: '2^60, which a double holds',
      text: profile([rule('read', 'ALLOW', [arg(0, 'EQ', 1152921504606846976n)])]),
    },
  ],
};
