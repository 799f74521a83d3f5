import type { RuleCases } from '../cases.ts';
import { profile, rule } from '../texts.ts';

export const cases: RuleCases = {
  flagged: [
    { name: 'an empty list', text: profile(['{"names": [], "action": "SCMP_ACT_ALLOW"}']), at: ['2:13'] },
    { name: 'no list', text: profile(['{"action": "SCMP_ACT_ALLOW"}']), at: ['2:3'] },
    {
      name: 'an empty name',
      text: profile(['{"names": ["read", ""], "action": "SCMP_ACT_ALLOW"}']),
      at: ['2:22'],
    },
  ],
  clean: [{ name: 'names', text: profile([rule('read', 'ALLOW')]) }],
};
