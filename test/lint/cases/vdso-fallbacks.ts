import type { RuleCases } from '../cases.ts';
import { profile, rule } from '../texts.ts';

export const cases: RuleCases = {
  flagged: [
    {
      name: 'clocks that a profile with waits leaves out',
      text: profile([rule('futex read', 'ALLOW')]),
      at: ['1:19'],
      messages: [
        // runc answers numbers above those of the rules with ENOSYS.
        /^clock_gettime and gettimeofday get ERRNO ENOSYS \(38\) or ERRNO EPERM \(1\); programs notice this only where/,
      ],
      levels: ['note'],
    },
    {
      name: 'a rule against getcpu',
      text: profile([rule('ptrace getcpu', 'ERRNO')], 'SCMP_ACT_ALLOW'),
      at: ['2:24'],
      messages: [/^getcpu gets ERRNO/],
    },
    {
      name: 'clocks that end a program',
      text: profile([rule('futex read', 'ALLOW')], 'SCMP_ACT_KILL_PROCESS'),
      at: ['1:19'],
      messages: [/get ERRNO ENOSYS \(38\) or KILL_PROCESS; programs end where the vDSO cannot answer$/],
      levels: ['warn'],
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
