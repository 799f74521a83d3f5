import type { RuleCases } from '../cases.ts';
import { profile, rule, withX86 } from '../texts.ts';

const crun = { options: { runtimes: ['crun'] } };

export const cases: RuleCases = {
  flagged: [
    {
      name: 'i386 under crun',
      text: profile([rule('clock_gettime futex read', 'ALLOW')], 'SCMP_ACT_ERRNO', withX86),
      ...crun,
      at: ['2:14'],
      messages: [/^clock_gettime64 and futex_time64 are denied/],
    },
    {
      name: 'a number below the largest that is named, under runc',
      text: profile([rule('read ppoll clone3', 'ALLOW')], 'SCMP_ACT_ERRNO', withX86),
      at: ['2:22'],
      messages: [/^ppoll_time64 is denied/],
    },
  ],
  clean: [
    {
      name: 'both named',
      text: profile([rule('clock_gettime clock_gettime64', 'ALLOW')], 'SCMP_ACT_ERRNO', withX86),
      ...crun,
    },
    {
      name: 'a filter without 32-bit architectures',
      text: profile([rule('clock_gettime', 'ALLOW')]),
      ...crun,
    },
    { name: 'ENOSYS from runc', text: profile([rule('clock_gettime', 'ALLOW')], 'SCMP_ACT_ERRNO', withX86) },
  ],
};
