import type { RuleCases } from '../cases.ts';
import { profile, rule } from '../texts.ts';

export const cases: RuleCases = {
  flagged: [
    { name: 'a capital letter', text: '{"DefaultAction": "SCMP_ACT_ERRNO", "syscalls": []}', at: ['1:2'] },
    {
      name: 'one within a rule',
      text: profile(['{"Names": ["read"], "action": "SCMP_ACT_ALLOW"}']),
      at: ['2:4'],
    },
  ],
  clean: [{ name: 'keys as they are specified', text: profile([rule('read', 'ALLOW')]) }],
};
