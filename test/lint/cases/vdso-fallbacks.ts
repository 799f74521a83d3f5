import type { RuleCases } from '../cases.ts';
import { profile, rule } from '../texts.ts';

export const cases: RuleCases = {
  flagged: [
    {
      name: 'clocks that a profile with waits leaves out',
      text: profile([rule('futex read', 'ALLOW')]),
      at: ['1:19'],
      messages: [/^clock_gettime and gettimeofday get/],
    },
    {
      name: 'a rule against getcpu',
      text: profile([rule('ptrace getcpu', 'ERRNO')], 'SCMP_ACT_ALLOW'),
      at: ['2:24'],
      messages: [/^getcpu gets ERRNO/],
    },
  ],
  clean: [
    { name: 'clocks that are allowed', text: profile([rule('clock_gettime gettimeofday futex', 'ALLOW')]) },
    {
      name: 'a program that does not look at the clock',
      text: profile([rule('read write execve', 'ALLOW')]),
    },
  ],
};
