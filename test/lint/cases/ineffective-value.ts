import type { RuleCases } from '../cases.ts';
import { arg, profile, rule } from '../texts.ts';

export const cases: RuleCases = {
  flagged: [
    {
      name: 'a key given twice',
      text: '{"defaultAction": "SCMP_ACT_ALLOW", "defaultAction": "SCMP_ACT_ERRNO"}',
      at: ['1:37'],
    },
    {
      name: 'valueTwo beside EQ',
      text: profile([rule('read', 'ALLOW', [arg(0, 'EQ', 1, 2)])]),
      at: ['2:106'],
    },
    {
      name: 'a listener that is never asked',
      text: '{"defaultAction": "SCMP_ACT_ERRNO", "listenerPath": "/s"}',
      at: ['1:37'],
    },
  ],
  clean: [
    { name: 'a mask with its value', text: profile([rule('read', 'ALLOW', [arg(0, 'MASKED_EQ', 3, 2)])]) },
  ],
};
