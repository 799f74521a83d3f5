import type { RuleCases } from '../cases.ts';
import { profile, rule } from '../texts.ts';

export const cases: RuleCases = {
  flagged: [{ name: 'null', text: profile([rule('read', 'ALLOW', [], ', "args": null')]), at: ['2:59'] }],
  clean: [
    { name: 'an empty list', text: profile([rule('read', 'ALLOW', [], ', "args": []')]) },
    { name: 'no key', text: profile([rule('read', 'ALLOW')]) },
  ],
};
