import type { RuleCases } from '../cases.ts';
import { profile, rule } from '../texts.ts';

export const cases: RuleCases = {
  flagged: [
    {
      name: 'a wait without it',
      text: profile([rule('nanosleep poll read', 'ALLOW')]),
      at: ['1:19'],
      messages: [/and so does a process in nanosleep and poll/],
    },
    {
      name: 'a rule against it',
      text: profile([rule('restart_syscall', 'ERRNO')], 'SCMP_ACT_ALLOW'),
      at: ['2:14'],
    },
  ],
  clean: [
    { name: 'both allowed', text: profile([rule('nanosleep restart_syscall', 'ALLOW')]) },
    { name: 'nothing that waits', text: profile([rule('read write', 'ALLOW')]) },
  ],
};
