import type { RuleCases } from '../cases.ts';
import { arg, profile, rule } from '../texts.ts';

const start = 'execve exit exit_group close fstatfs getdents64 openat write';
const crun = { options: { runtimes: ['crun'] } };

export const cases: RuleCases = {
  flagged: [
    {
      name: 'execve that nothing allows',
      text: profile([rule('read exit_group', 'ALLOW')]),
      at: ['1:19'],
      messages: [/execve gets ERRNO EPERM/],
    },
    {
      name: 'execve that a rule denies',
      text: profile([rule('read execve', 'KILL')], 'SCMP_ACT_ALLOW'),
      at: ['2:22'],
      messages: [/execve gets KILL_THREAD/],
    },
    {
      name: 'programs that cannot end',
      text: profile([rule('execve write', 'ALLOW')]),
      ...crun,
      at: ['1:19'],
      messages: [/no program can end/],
    },
    {
      name: 'what runc needs itself',
      text: profile([rule('execve exit exit_group', 'ALLOW')]),
      at: ['1:19'],
      messages: [/runc itself calls close, fstatfs, getdents64, openat and write under/],
    },
  ],
  clean: [
    { name: 'what runc and a program need', text: profile([rule(start, 'ALLOW')]) },
    { name: 'a static program under crun', text: profile([rule('execve exit_group', 'ALLOW')]), ...crun },
    { name: 'execve that is logged', text: profile([rule('execve', 'LOG')], 'SCMP_ACT_ALLOW') },
    {
      name: 'a condition on execve',
      text: profile([rule('execve', 'ERRNO', [arg(1, 'EQ', 0)])], 'SCMP_ACT_ALLOW'),
    },
  ],
};
