import type { RuleCases } from '../cases.ts';
import { profile, rule } from '../texts.ts';

const load = 'arch_prctl close mmap mprotect newfstatat openat pread64 read';

export const cases: RuleCases = {
  flagged: [
    {
      name: 'a call that the list forgot',
      text: profile([rule(`execve exit_group ${load.replace(' mprotect', '')}`, 'ALLOW')]),
      at: ['1:19'],
      messages: [/glibc 2\.36, static glibc 2\.36 and musl 1\.2\.3 do not reach main: mprotect gets ERRNO/],
    },
    {
      name: 'calls that get different errors: runc answers numbers above those of the rules with ENOSYS',
      text: profile([rule(`execve exit_group ${load.replace(/ newfstatat openat pread64/, '')}`, 'ALLOW')]),
      at: ['1:19'],
      messages: [/: newfstatat, openat and pread64 get ERRNO ENOSYS \(38\) or ERRNO EPERM \(1\)$/],
    },
    {
      name: 'a call that a rule denies',
      text: profile([rule('ptrace pread64', 'KILL')], 'SCMP_ACT_ALLOW'),
      at: ['2:24'],
      messages: [/with glibc 2\.36 do not/],
    },
    {
      name: 'a call that programs do without, unless it ends them',
      text: profile([rule('getrandom', 'TRAP')], 'SCMP_ACT_ALLOW'),
      at: ['2:14'],
      messages: [/with static glibc 2\.36 do not reach main: getrandom gets TRAP/],
    },
  ],
  clean: [
    { name: 'the same call that fails', text: profile([rule('getrandom brk', 'ERRNO')], 'SCMP_ACT_ALLOW') },
    { name: 'all that both need', text: profile([rule(`execve exit_group ${load}`, 'ALLOW')]) },
    {
      name: 'a profile for static programs',
      text: profile([rule('execve exit_group read write close', 'ALLOW')]),
    },
    {
      name: 'another architecture',
      text: profile([rule('ptrace pread64', 'KILL')], 'SCMP_ACT_ALLOW'),
      options: { hosts: [{ arch: 'aarch64', kernel: { kernel: 6, major: 1 }, capabilities: [] }] },
    },
  ],
};
