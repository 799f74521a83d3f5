import type { RuleCases } from '../cases.ts';
import { entangled, profile, rule } from '../texts.ts';

export const cases: RuleCases = {
  flagged: [
    {
      name: 'sixty rules that compare two arguments with values of their own, and answer errors of their own',
      text: entangled(60),
      at: ['1:1'],
      messages: [/too complex to check in full: there may be more findings of conflicting-actions/],
      witnesses: [],
    },
  ],
  clean: [
    { name: 'ten of them', text: entangled(10) },
    { name: 'a rule without comparisons', text: profile([rule('read', 'ALLOW')]) },
  ],
};
