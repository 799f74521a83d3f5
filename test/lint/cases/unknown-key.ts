import type { RuleCases } from '../cases.ts';
import { profile, rule } from '../texts.ts';

export const cases: RuleCases = {
  flagged: [
    {
      name: 'a misspelt key',
      text: '{"defaultAction": "SCMP_ACT_ALLOW", "syscals": []}',
      at: ['1:37'],
      messages: [/syscals/],
    },
    {
      name: 'comparisons under an unknown key',
      text: profile([rule('socket', 'ALLOW', [], ', "arg": []')]),
      at: ['2:53'],
    },
  ],
  clean: [
    { name: 'keys of the dialect', text: profile([rule('socket', 'ALLOW', [], ', "args": []')]) },
    {
      name: 'notes to readers',
      text: profile([rule('read', 'ALLOW', [], ', "_comment": "files", "//": "see the wiki"')]),
    },
  ],
};
