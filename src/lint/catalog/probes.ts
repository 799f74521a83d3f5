/**
 * New calls that libraries and programs try first, and what they do when the kernel does not have them: ENOSYS makes
 * them use an older call, any other error is the answer. Those whose callers fall back after any error (close_range in
 * glibc's closefrom) are not here. test/lint/catalog/probes.test.ts tries what the C library installed here does.
 * @module
 */

interface Probe {
  readonly syscall: string;
  /** What is used instead after ENOSYS. */
  readonly instead: readonly string[];
  /** What breaks on another error. */
  readonly reason: string;
  readonly source: string;
}

export const probes: readonly Probe[] = [
  {
    syscall: 'clone3',
    instead: ['clone'],
    reason: 'pthread_create and posix_spawn fail',
    source: 'glibc 2.34, sysdeps/unix/sysv/linux/clone-internal.c: clone is tried after ENOSYS alone',
  },
  {
    syscall: 'faccessat2',
    instead: ['faccessat'],
    reason: 'access checks with flags report that access is denied',
    source: 'glibc 2.33, sysdeps/unix/sysv/linux/faccessat.c; musl 1.2.2, src/unistd/faccessat.c',
  },
  {
    syscall: 'statx',
    instead: ['newfstatat', 'fstatat64', 'stat64', 'stat'],
    reason: 'programs that call statx, ls and stat among them, fail, and all of stat on 32-bit architectures',
    source: 'glibc 2.28, sysdeps/unix/sysv/linux/statx.c; glibc 2.33, sysdeps/unix/sysv/linux/fstatat64.c',
  },
  {
    syscall: 'fchmodat2',
    instead: ['fchmodat'],
    reason: 'fchmodat with AT_SYMLINK_NOFOLLOW fails',
    source: 'glibc 2.39, sysdeps/unix/sysv/linux/fchmodat.c',
  },
];
