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
    {
      name: 'the error of a rule where that of the default action is meant, and the other way round',
      text: profile(
        [rule('read', 'ERRNO', [], ', "defaultErrnoRet": 38')],
        'SCMP_ACT_ERRNO',
        '"errnoRet": 38, "action": "SCMP_ACT_ERRNO", ',
      ),
      at: ['1:2', '1:18', '2:51'],
      hints: [/"defaultErrnoRet"/, /"defaultAction"/, /"errnoRet"/],
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
