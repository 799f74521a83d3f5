import type { RuleCases } from '../cases.ts';
import { arg, profile, rule } from '../texts.ts';

export const cases: RuleCases = {
  flagged: [
    {
      name: 'a bit beside the mask',
      text: profile([rule('open', 'ALLOW', [arg(1, 'MASKED_EQ', 3, 5)])]),
      at: ['2:113'],
      witnesses: ['x86_64 open(0, O_WRONLY (1), 0): ALLOW instead of ERRNO EPERM (1)'],
      messages: [/the bits 4 of valueTwo lie outside the mask 3/],
    },
  ],
  clean: [
    { name: 'bits of the mask', text: profile([rule('open', 'ALLOW', [arg(1, 'MASKED_EQ', 3, 1)])]) },
    {
      name: 'what looks exchanged, another finding',
      text: profile([rule('open', 'ALLOW', [arg(1, 'MASKED_EQ', 1, 3)])]),
    },
    {
      name: 'valueTwo where it has no meaning',
      text: profile([rule('open', 'ALLOW', [arg(1, 'EQ', 1, 3)])]),
    },
  ],
};
