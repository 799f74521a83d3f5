import type { RuleCases } from '../cases.ts';
import { profile, rule } from '../texts.ts';

export const cases: RuleCases = {
  flagged: [
    {
      name: 'a name too late',
      text: profile([rule('close read open write', 'ALLOW')]),
      at: ['2:31'],
      messages: [/^'open'/],
    },
  ],
  clean: [{ name: 'sorted names', text: profile([rule('close open read write', 'ALLOW')]) }],
};
