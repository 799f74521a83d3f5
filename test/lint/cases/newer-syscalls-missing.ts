import type { RuleCases } from '../cases.ts';
import { arg, profile, rule } from '../texts.ts';

const crun = { options: { runtimes: ['crun'] } };

export const cases: RuleCases = {
  flagged: [
    {
      name: 'successors of futex under crun',
      text: profile([rule('futex read', 'ALLOW')]),
      ...crun,
      at: ['1:19'],
      messages: [
        /^futex_waitv \(Linux 5\.16\), futex_wait \(Linux 6\.7\), futex_wake \(Linux 6\.7\) and futex_requeue/,
      ],
    },
    {
      name: 'a successor below the largest call that is named',
      text: profile([rule('kill close_range', 'ALLOW')]),
      at: ['1:19'],
      messages: [/^pidfd_send_signal \(Linux 5\.1\) is denied/],
    },
    {
      name: "x86's ENOSYS on MIPS, where it is another error",
      text: profile([rule('kill', 'ALLOW')], 'SCMP_ACT_ERRNO', '"defaultErrnoRet": 38, '),
      options: {
        hosts: [{ arch: 'mipsel64', kernel: { kernel: 6, major: 18 }, capabilities: [] }],
        runtimes: ['crun'],
      },
      at: ['1:42'],
      messages: [/^pidfd_send_signal/],
      hints: [/"errnoRet": 89 \(ENOSYS\)/],
    },
  ],
  clean: [
    {
      name: 'successors that came later than the newest kernel asked for',
      text: profile([rule('futex read', 'ALLOW')]),
      options: {
        runtimes: ['crun'],
        kernels: { oldest: { kernel: 4, major: 19 }, newest: { kernel: 5, major: 10 } },
      },
    },
    {
      name: 'ENOSYS',
      text: profile([rule('futex read', 'ALLOW')], 'SCMP_ACT_ERRNO', '"defaultErrnoRet": 38, '),
      ...crun,
    },
    { name: 'a conditional older call', text: profile([rule('kill', 'ALLOW', [arg(1, 'EQ', 0)])]), ...crun },
    {
      name: 'successors that are denied by name',
      text: profile([rule('kill', 'ALLOW'), rule('pidfd_send_signal', 'KILL')]),
      ...crun,
    },
  ],
};
