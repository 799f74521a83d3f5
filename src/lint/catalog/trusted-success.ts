/**
 * Calls that programs believe were made when they return 0: with ERRNO 0 they were not, and the program goes on
 * with what it believes it gave up.
 *
 * Left out on purpose: calls that people fake because nothing depends on them (chown and chmod in builds, fsync, mlock), and
 * those whose callers look at more than success (read, write, wait4).
 * @module
 */
export interface TrustedCalls {
  /** Separated by white space. */
  readonly calls: string;
  /** Completes "the program goes on …" after a call that was not made. */
  readonly goesOn: string;
  /** Man pages. */
  readonly source: string;
}

export const trustedCalls: readonly TrustedCalls[] = [
  {
    calls: 'setuid setuid32 setreuid setreuid32 setresuid setresuid32',
    goesOn: 'with the user id that it wanted to give up, usually root',
    source: 'setuid(2), setresuid(2)',
  },
  {
    calls: 'setgid setgid32 setregid setregid32 setresgid setresgid32 setgroups setgroups32',
    goesOn: 'with the groups that it wanted to give up',
    source: 'setgid(2), setgroups(2)',
  },
  {
    calls: 'capset prctl',
    goesOn: 'with the capabilities and other powers that it wanted to give up',
    source: 'capset(2), prctl(2)',
  },
  {
    calls: 'seccomp landlock_restrict_self landlock_add_rule',
    goesOn: 'without the sandbox that it wanted to enter',
    source: 'seccomp(2), landlock_restrict_self(2)',
  },
  {
    calls: 'chroot pivot_root chdir fchdir',
    goesOn: 'in the directory tree that it wanted to leave',
    source: 'chroot(2), pivot_root(2), chdir(2)',
  },
  {
    calls: 'mount umount umount2 mount_setattr move_mount',
    goesOn: 'with the mounts that it wanted to hide or to make read-only',
    source: 'mount(2), umount(2), mount_setattr(2)',
  },
  {
    calls: 'unshare setns',
    goesOn: 'in the namespaces that it wanted to leave',
    source: 'unshare(2), setns(2)',
  },
  {
    calls: 'mprotect pkey_mprotect',
    goesOn: 'with memory that it wanted to protect',
    source: 'mprotect(2)',
  },
  {
    calls: 'setrlimit prlimit64',
    goesOn: 'without the limits that it wanted to set',
    source: 'setrlimit(2), prlimit(2)',
  },
  {
    calls: 'flock',
    goesOn: 'without the lock that it believes it holds',
    source: 'flock(2)',
  },
  {
    calls: 'fork vfork clone clone3',
    goesOn: 'as if it were the child, which gets 0',
    source: 'fork(2), clone(2)',
  },
  {
    calls: 'open openat openat2 creat socket accept accept4 dup eventfd2 memfd_create pidfd_open',
    goesOn: 'with descriptor 0, its standard input, in place of a new one',
    source: 'open(2), socket(2), dup(2)',
  },
  { calls: 'mmap mmap2', goesOn: 'with address 0 in place of memory', source: 'mmap(2)' },
];
