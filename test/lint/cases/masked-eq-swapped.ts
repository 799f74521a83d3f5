import type { RuleCases } from '../cases.ts';
import { arg, profile, rule } from '../texts.ts';

export const cases: RuleCases = {
  flagged: [
    {
      name: 'a mask of 0',
      text: profile([rule('clone', 'ALLOW', [arg(0, 'MASKED_EQ', 0, 0x7e020000)])]),
      at: ['2:111'],
      witnesses: ['x86_64 clone(CLONE_NEWNS (0x20000), 0, 0, 0, 0): ALLOW instead of ERRNO EPERM (1)'],
      messages: [/holds for every call/],
    },
    {
      name: 'a mask that is part of the value',
      text: profile([rule('open', 'ALLOW', [arg(1, 'MASKED_EQ', 1, 3)])]),
      at: ['2:110'],
      witnesses: ['x86_64 open(0, 3, 0): ALLOW instead of ERRNO EPERM (1)'],
      messages: [/tests only the bits 1 of 3/],
    },
  ],
  clean: [
    { name: 'Docker’s clone', text: profile([rule('clone', 'ALLOW', [arg(0, 'MASKED_EQ', 0x7e020000, 0)])]) },
    { name: 'all bits of the mask', text: profile([rule('open', 'ALLOW', [arg(1, 'MASKED_EQ', 3, 3)])]) },
    { name: 'some bits of the mask', text: profile([rule('open', 'ALLOW', [arg(1, 'MASKED_EQ', 3, 1)])]) },
  ],
};
