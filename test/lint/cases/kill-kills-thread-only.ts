import type { RuleCases } from '../cases.ts';
import { arg, profile, rule } from '../texts.ts';

export const cases: RuleCases = {
  flagged: [
    {
      name: 'the default action, and a rule',
      text: profile([rule('read', 'ALLOW'), rule('ptrace', 'KILL_THREAD')], 'SCMP_ACT_KILL'),
      at: ['1:19', '3:35'],
      messages: [/as SCMP_ACT_KILL_THREAD does/, /SCMP_ACT_KILL_THREAD ends/],
    },
    {
      name: 'a rule with comparisons',
      text: profile([rule('read', 'KILL', [arg(0, 'EQ', 7)])]),
      at: ['2:33'],
      witnesses: ['x86_64 read(7, 0, 0): KILL_THREAD instead of KILL_PROCESS'],
    },
  ],
  clean: [
    {
      name: 'actions that end the process or no thread',
      text: profile([rule('read', 'KILL_PROCESS'), rule('write', 'TRAP'), rule('close', 'LOG')]),
    },
  ],
};
