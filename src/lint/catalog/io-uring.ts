/**
 * What io_uring does in place of system calls: a request in a ring, which no filter sees.
 *
 * Source: Linux 6.18 include/uapi/linux/io_uring.h (`enum io_uring_op`); versions from io_uring_enter(2) of liburing
 * and the kernel's history.
 * @module
 */

interface RingOperation {
  /** The enumerator without `IORING_OP_`. */
  readonly operation: string;
  /** First kernel, `<kernel>.<major>`. */
  readonly since: string;
  /** The calls whose work it does, separated by white space. */
  readonly calls: string;
}

export const ringOperations: readonly RingOperation[] = [
  { operation: 'READV', since: '5.1', calls: 'readv preadv preadv2' },
  { operation: 'WRITEV', since: '5.1', calls: 'writev pwritev pwritev2' },
  { operation: 'FSYNC', since: '5.1', calls: 'fsync fdatasync' },
  { operation: 'SYNC_FILE_RANGE', since: '5.2', calls: 'sync_file_range sync_file_range2' },
  { operation: 'SENDMSG', since: '5.3', calls: 'sendmsg' },
  { operation: 'RECVMSG', since: '5.3', calls: 'recvmsg' },
  { operation: 'ACCEPT', since: '5.5', calls: 'accept accept4' },
  { operation: 'CONNECT', since: '5.5', calls: 'connect' },
  { operation: 'FALLOCATE', since: '5.6', calls: 'fallocate' },
  { operation: 'OPENAT', since: '5.6', calls: 'open openat creat' },
  { operation: 'CLOSE', since: '5.6', calls: 'close' },
  { operation: 'STATX', since: '5.6', calls: 'statx' },
  { operation: 'READ', since: '5.6', calls: 'read pread64' },
  { operation: 'WRITE', since: '5.6', calls: 'write pwrite64' },
  { operation: 'FADVISE', since: '5.6', calls: 'fadvise64 fadvise64_64' },
  { operation: 'MADVISE', since: '5.6', calls: 'madvise' },
  { operation: 'SEND', since: '5.6', calls: 'send sendto' },
  { operation: 'RECV', since: '5.6', calls: 'recv recvfrom' },
  { operation: 'OPENAT2', since: '5.6', calls: 'openat2' },
  { operation: 'EPOLL_CTL', since: '5.6', calls: 'epoll_ctl' },
  { operation: 'SPLICE', since: '5.7', calls: 'splice' },
  { operation: 'TEE', since: '5.8', calls: 'tee' },
  { operation: 'SHUTDOWN', since: '5.11', calls: 'shutdown' },
  { operation: 'RENAMEAT', since: '5.11', calls: 'rename renameat renameat2' },
  { operation: 'UNLINKAT', since: '5.11', calls: 'unlink unlinkat rmdir' },
  { operation: 'MKDIRAT', since: '5.15', calls: 'mkdir mkdirat' },
  { operation: 'SYMLINKAT', since: '5.15', calls: 'symlink symlinkat' },
  { operation: 'LINKAT', since: '5.15', calls: 'link linkat' },
  { operation: 'FSETXATTR', since: '5.19', calls: 'fsetxattr' },
  { operation: 'SETXATTR', since: '5.19', calls: 'setxattr' },
  { operation: 'FGETXATTR', since: '5.19', calls: 'fgetxattr' },
  { operation: 'GETXATTR', since: '5.19', calls: 'getxattr' },
  { operation: 'SOCKET', since: '5.19', calls: 'socket' },
  { operation: 'WAITID', since: '6.7', calls: 'waitid' },
  { operation: 'FUTEX_WAITV', since: '6.7', calls: 'futex_waitv' },
  { operation: 'FTRUNCATE', since: '6.9', calls: 'ftruncate ftruncate64' },
  { operation: 'BIND', since: '6.11', calls: 'bind' },
  { operation: 'LISTEN', since: '6.11', calls: 'listen' },
];
