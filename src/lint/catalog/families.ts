/**
 * System calls that do the same thing: denying one without the others denies nothing.
 *
 * Left out on purpose: calls that only overlap. fstat(2) needs an open file where stat(2) needs a name; adjtimex(2) and
 * clock_adjtime(2) can set the clock, but are there to read its state, and engines' defaults allow them for that.
 * @module
 */

/** One row a family. */
export interface CallFamily {
  /** Completes "NAME …": `change permissions of files`. */
  readonly what: string;
  /** Separated by white space: each does what the others do. */
  readonly calls: string;
  /** Calls, or combinations joined by `+`, that do what `calls` do. `calls` do not do all that these do. */
  readonly ways?: string;
  /** The family counts only if the denied call is denied by this argument. */
  readonly argument?: number;
  /** The family counts only if a call is denied for all arguments, because its arguments are about something else. */
  readonly whole?: boolean;
  readonly reason: string;
  readonly source: string;
}

export const callFamilies: readonly CallFamily[] = [
  {
    what: 'open files',
    calls: 'open openat openat2 creat',
    reason:
      'open is openat from the working directory, openat2 takes its flags in memory, creat opens for writing',
    source: 'open(2), openat2(2)',
  },
  {
    what: 'change permissions of files',
    calls: 'chmod fchmod fchmodat fchmodat2',
    reason:
      'fchmodat2 (Linux 6.6) was added for the flags that fchmodat lacks; fchmod needs a descriptor only',
    source: 'chmod(2)',
  },
  {
    what: 'change owners of files',
    calls: 'chown lchown fchown fchownat chown32 lchown32 fchown32',
    reason: 'on 32-bit ABIs the calls with 32-bit ids have names of their own',
    source: 'chown(2)',
  },
  {
    what: 'read the status of files',
    calls: 'stat lstat newfstatat statx stat64 lstat64 fstatat64',
    reason: 'one question, asked with structures of different ages',
    source: 'stat(2), statx(2)',
  },
  {
    what: 'test permissions of files',
    calls: 'access faccessat faccessat2',
    reason: 'faccessat2 (Linux 5.8) has the flags that faccessat lacks',
    source: 'access(2)',
  },
  {
    what: 'start programs',
    calls: 'execve execveat',
    reason: 'execveat starts what a descriptor or a path below a directory names',
    source: 'execveat(2)',
  },
  {
    what: 'rename files',
    calls: 'rename renameat renameat2',
    reason: 'renameat2 with flags 0 is renameat',
    source: 'rename(2)',
  },
  {
    what: 'make hard links',
    calls: 'link linkat',
    reason: 'link is linkat from the working directory',
    source: 'link(2)',
  },
  {
    what: 'make symbolic links',
    calls: 'symlink symlinkat',
    reason: 'symlink is symlinkat from the working directory',
    source: 'symlink(2)',
  },
  {
    what: 'remove files',
    calls: 'unlink unlinkat',
    reason: 'unlink is unlinkat from the working directory',
    source: 'unlink(2)',
  },
  {
    what: 'remove directories',
    calls: 'rmdir',
    ways: 'unlinkat',
    reason: 'unlinkat with AT_REMOVEDIR is rmdir',
    source: 'unlink(2)',
  },
  {
    what: 'make directories',
    calls: 'mkdir mkdirat',
    reason: 'mkdir is mkdirat from the working directory',
    source: 'mkdir(2)',
  },
  {
    what: 'make device files',
    calls: 'mknod mknodat',
    reason: 'mknod is mknodat from the working directory',
    source: 'mknod(2)',
  },
  {
    what: 'read symbolic links',
    calls: 'readlink readlinkat',
    reason: 'readlink is readlinkat from the working directory',
    source: 'readlink(2)',
  },
  {
    what: 'set times of files',
    calls: 'utime utimes futimesat utimensat utimensat_time64',
    reason: 'one effect, with structures of different ages',
    source: 'utime(2), utimensat(2)',
  },
  {
    what: 'set the length of files',
    calls: 'truncate ftruncate truncate64 ftruncate64',
    reason: 'ftruncate does it to an open file',
    source: 'truncate(2)',
  },
  {
    what: 'change the working directory',
    calls: 'chdir fchdir',
    reason: 'fchdir does it by descriptor',
    source: 'chdir(2)',
  },
  {
    what: 'read directories',
    calls: 'getdents getdents64',
    reason: 'the same entries in a larger structure',
    source: 'getdents(2)',
  },
  {
    what: 'set extended attributes',
    calls: 'setxattr lsetxattr fsetxattr setxattrat',
    reason:
      'by name, by name without following links, by descriptor, below a directory (setxattrat, Linux 6.13)',
    source: 'setxattr(2)',
  },
  {
    what: 'remove extended attributes',
    calls: 'removexattr lremovexattr fremovexattr removexattrat',
    reason: 'as for setting them',
    source: 'removexattr(2)',
  },
  {
    what: 'read extended attributes',
    calls: 'getxattr lgetxattr fgetxattr getxattrat',
    reason: 'as for setting them',
    source: 'getxattr(2)',
  },
  {
    what: 'read from descriptors',
    calls: 'read readv pread64 preadv preadv2',
    ways: 'io_setup+io_submit',
    reason: 'preadv2 with offset -1 is readv; IOCB_CMD_PREAD of io_submit reads as well',
    source: 'readv(2), io_submit(2)',
  },
  {
    what: 'write to descriptors',
    calls: 'write writev pwrite64 pwritev pwritev2',
    ways: 'io_setup+io_submit',
    reason: 'pwritev2 with offset -1 is writev; IOCB_CMD_PWRITE of io_submit writes as well',
    source: 'writev(2), io_submit(2)',
  },
  {
    what: 'send messages',
    calls: 'sendto sendmsg sendmmsg send',
    reason: 'send is sendto without an address',
    source: 'send(2), sendmmsg(2)',
  },
  {
    what: 'receive messages',
    calls: 'recvfrom recvmsg recvmmsg recv recvmmsg_time64',
    reason: 'recv is recvfrom without an address',
    source: 'recv(2), recvmmsg(2)',
  },
  {
    what: 'accept connections',
    calls: 'accept accept4',
    reason: 'accept4 with flags 0 is accept',
    source: 'accept(2)',
  },
  {
    what: 'copy descriptors',
    calls: 'dup2 dup3',
    reason: 'dup3 differs in one flag and in refusing equal descriptors',
    source: 'dup(2)',
  },
  {
    what: 'start processes',
    calls: 'fork vfork clone',
    whole: true,
    reason: 'fork is clone with SIGCHLD; for clone3 see clone-without-clone3',
    source: 'clone(2), vfork(2)',
  },
  {
    what: 'make namespaces',
    calls: 'clone',
    ways: 'unshare',
    argument: 0,
    reason: 'what a filter denies of the CLONE_NEW flags of clone, unshare does for the caller itself',
    source: 'unshare(2), namespaces(7)',
  },
  {
    what: 'send signals',
    calls: 'kill tkill tgkill rt_sigqueueinfo rt_tgsigqueueinfo pidfd_send_signal',
    reason: 'to a process or to one of its threads, by number or by descriptor',
    source: 'kill(2), tgkill(2), rt_sigqueueinfo(2), pidfd_send_signal(2)',
  },
  {
    what: 'change memory of other processes',
    calls: 'ptrace process_vm_writev',
    whole: true,
    reason: 'one permission check (PTRACE_MODE_ATTACH), then PTRACE_POKEDATA or a copy',
    source: 'ptrace(2), process_vm_readv(2)',
  },
  {
    what: 'read memory of other processes',
    calls: 'process_vm_readv',
    ways: 'ptrace',
    whole: true,
    reason: 'PTRACE_PEEKDATA reads what process_vm_readv reads, after the same permission check',
    source: 'ptrace(2), process_vm_readv(2)',
  },
  {
    what: 'load kernel modules',
    calls: 'init_module finit_module',
    reason: 'from memory or from a file',
    source: 'init_module(2)',
  },
  {
    what: 'load another kernel',
    calls: 'kexec_load kexec_file_load',
    reason: 'from memory or from a file',
    source: 'kexec_load(2)',
  },
  {
    what: 'mount file systems',
    calls: 'mount',
    ways: 'fsopen+fsconfig+fsmount+move_mount open_tree+move_mount open_tree_attr+move_mount',
    reason: 'the mount API of Linux 5.2 does it in steps; open_tree with OPEN_TREE_CLONE is a bind mount',
    source: 'mount(2); Linux 6.18 Documentation/filesystems/mount_api.rst',
  },
  {
    what: 'unmount file systems',
    calls: 'umount umount2',
    reason: 'umount, on 32-bit ABIs, is umount2 with flags 0',
    source: 'umount(2)',
  },
  {
    what: 'make memory executable',
    calls: 'mprotect pkey_mprotect',
    reason: 'pkey_mprotect with key -1 is mprotect',
    source: 'mprotect(2)',
  },
  {
    what: 'make memory executable',
    calls: 'mmap mmap2',
    ways: 'mprotect pkey_mprotect',
    argument: 2,
    reason: 'protection that mmap may not give can be given afterwards',
    source: 'mmap(2), mprotect(2)',
  },
  {
    what: 'map memory',
    calls: 'mmap mmap2',
    reason: 'on 32-bit ABIs mmap2 counts the offset in pages',
    source: 'mmap2(2)',
  },
  {
    what: 'lock memory',
    calls: 'mlock mlock2',
    reason: 'mlock2 with flags 0 is mlock',
    source: 'mlock(2)',
  },
  {
    what: 'change user ids',
    calls: 'setuid setreuid setresuid setuid32 setreuid32 setresuid32',
    reason: 'each sets the effective user id; on 32-bit ABIs those with 32-bit ids have names of their own',
    source: 'setuid(2), setreuid(2), setresuid(2)',
  },
  {
    what: 'change group ids',
    calls: 'setgid setregid setresgid setgid32 setregid32 setresgid32',
    reason: 'each sets the effective group id',
    source: 'setgid(2), setreuid(2), setresuid(2)',
  },
  {
    what: 'set supplementary groups',
    calls: 'setgroups setgroups32',
    reason: 'on 32-bit ABIs there is one for 16-bit and one for 32-bit ids',
    source: 'getgroups(2)',
  },
  {
    what: 'set the clock',
    calls: 'settimeofday clock_settime stime clock_settime64',
    reason: 'with structures of different ages',
    source: 'clock_getres(2), gettimeofday(2), stime(2)',
  },
  {
    what: 'set scheduling policies',
    calls: 'sched_setscheduler sched_setattr',
    reason: 'sched_setattr takes policy and priority in a structure',
    source: 'sched_setscheduler(2), sched_setattr(2)',
  },
  {
    what: 'set resource limits',
    calls: 'setrlimit prlimit64',
    reason: 'prlimit64 with pid 0 is setrlimit',
    source: 'getrlimit(2)',
  },
  {
    what: 'set disk quotas',
    calls: 'quotactl quotactl_fd',
    reason: 'quotactl_fd names the file system by descriptor',
    source: 'quotactl(2)',
  },
  {
    what: 'open I/O ports',
    calls: 'ioperm iopl',
    reason: 'for some ports or for all',
    source: 'ioperm(2), iopl(2)',
  },
  { what: 'make pipes', calls: 'pipe pipe2', reason: 'pipe2 with flags 0 is pipe', source: 'pipe(2)' },
  {
    what: 'manipulate descriptors',
    calls: 'fcntl fcntl64',
    reason: 'on 32-bit ABIs fcntl64 knows the same commands and larger locks',
    source: 'fcntl(2)',
  },
  {
    what: 'change semaphores',
    calls: 'semop semtimedop semtimedop_time64',
    reason: 'semtimedop without a time is semop',
    source: 'semop(2)',
  },
];
