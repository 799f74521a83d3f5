/**
 * Calls that do what an older one does, with a better interface and no more power: if you allow the older one, you
 * lose nothing by allowing the newer, and programs built for newer systems call it.
 *
 * Not here: calls that can do more than the older one (clone3, whose flags no filter sees; the mount API; io_uring).
 * @module
 */
interface Successor {
  readonly syscall: string;
  /** If one of these is allowed without conditions, the newer one can be allowed too. */
  readonly after: readonly string[];
  readonly reason: string;
  /** Where what it does is documented. */
  readonly source: string;
}

export const successors: readonly Successor[] = [
  {
    syscall: 'close_range',
    after: ['close'],
    reason: 'closes a range of descriptors',
    source: 'close_range(2)',
  },
  {
    syscall: 'faccessat2',
    after: ['faccessat', 'access'],
    reason: 'checks access, with flags',
    source: 'access(2)',
  },
  {
    syscall: 'openat2',
    after: ['openat'],
    reason: 'opens a file, with limits on how its path is resolved',
    source: 'openat2(2)',
  },
  {
    syscall: 'epoll_pwait2',
    after: ['epoll_pwait', 'epoll_wait'],
    reason: 'waits for events, with a timeout in nanoseconds',
    source: 'epoll_wait(2)',
  },
  {
    syscall: 'fchmodat2',
    after: ['fchmodat'],
    reason: 'changes modes, with flags',
    source: 'chmod(2), Linux 6.6',
  },
  {
    syscall: 'futex_waitv',
    after: ['futex'],
    reason: 'waits for several futexes',
    source: 'Documentation/userspace-api/futex2.rst',
  },
  { syscall: 'futex_wait', after: ['futex'], reason: 'waits for a futex', source: 'Linux 6.7 kernel/futex' },
  {
    syscall: 'futex_wake',
    after: ['futex'],
    reason: 'wakes waiters of a futex',
    source: 'Linux 6.7 kernel/futex',
  },
  {
    syscall: 'futex_requeue',
    after: ['futex'],
    reason: 'moves waiters of a futex',
    source: 'Linux 6.7 kernel/futex',
  },
  {
    syscall: 'pidfd_send_signal',
    after: ['kill'],
    reason: 'sends a signal to the process of a descriptor',
    source: 'pidfd_send_signal(2)',
  },
  {
    syscall: 'mseal',
    after: ['mprotect'],
    reason: 'forbids later changes of a mapping',
    source: 'Documentation/userspace-api/mseal.rst',
  },
  {
    syscall: 'getxattrat',
    after: ['getxattr'],
    reason: 'reads an extended attribute, relative to a directory',
    source: 'Linux 6.13 fs/xattr.c',
  },
  {
    syscall: 'listxattrat',
    after: ['listxattr'],
    reason: 'lists extended attributes, relative to a directory',
    source: 'Linux 6.13 fs/xattr.c',
  },
  {
    syscall: 'setxattrat',
    after: ['setxattr'],
    reason: 'sets an extended attribute, relative to a directory',
    source: 'Linux 6.13 fs/xattr.c',
  },
  {
    syscall: 'removexattrat',
    after: ['removexattr'],
    reason: 'removes an extended attribute, relative to a directory',
    source: 'Linux 6.13 fs/xattr.c',
  },
];
