import type { RuleCases } from '../cases.ts';
import { profile, rule } from '../texts.ts';

export const cases: RuleCases = {
  flagged: [
    {
      name: 'a rule with name',
      text: profile(['{"name": "read", "action": "SCMP_ACT_ALLOW", "includes": {}}']),
      at: ['2:4'],
    },
  ],
  clean: [
    { name: 'a rule with names', text: profile([rule('read', 'ALLOW', [], ', "includes": {}')]) },
    {
      name: 'an empty name beside names',
      text: profile(['{"name": "", "names": ["read"], "action": "SCMP_ACT_ALLOW"}']),
    },
  ],
};
