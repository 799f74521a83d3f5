/**
 * Calls that Docker's default profile denies to everyone or to most, and that are not in danger.ts, with the reason why opening
 * them needs no warning. test/lint/catalog/danger.test.ts derives the calls from the built-in profile; each is here or there.
 * @module
 */
interface HarmlessCalls {
  /** Separated by white space. */
  readonly calls: string;
  /** Why opening them needs no warning. */
  readonly reason: string;
  /** Man pages, files of Linux 6.18. */
  readonly source: string;
}

export const harmlessDenied: readonly HarmlessCalls[] = [
  {
    calls: 'personality',
    reason: 'the rule personality-open says which of its values weaken a program',
    source: 'personality(2)',
  },
  {
    calls: 'io_uring_enter io_uring_register',
    reason: 'they need a ring, and io_uring_setup, which is in the list of dangerous calls, makes it',
    source: 'io_uring_enter(2)',
  },
  {
    calls: 'lsm_get_self_attr lsm_list_modules',
    reason: 'they read what /proc/self/attr and /sys/kernel/security/lsm show as well',
    source: 'Documentation/userspace-api/lsm.rst',
  },
  {
    calls: 'sysfs',
    reason: 'it lists the types of file systems, as /proc/filesystems does',
    source: 'sysfs(2)',
  },
  {
    calls: 'file_getattr file_setattr',
    reason:
      'they do on a path what the ioctls FS_IOC_FSGETXATTR and FS_IOC_FSSETXATTR do, which the profile allows',
    source: 'Linux 6.18 fs/file_attr.c',
  },
  {
    calls: 'listns',
    reason:
      'it lists the namespaces that the caller is in, and others only with CAP_SYS_ADMIN over their user namespace',
    source: 'kernel/nstree.c of Linux 6.19 (may_list_ns), newer than the profile',
  },
  {
    calls: 'rseq_slice_yield',
    reason: 'it gives back the rest of a time slice that the kernel had extended, as sched_yield does of any',
    source: 'kernel/rseq.c of Linux 7.0, newer than the profile',
  },
  {
    calls: 'uprobe',
    reason: 'only the trampoline that the kernel itself maps can call it; elsewhere it gets SIGILL',
    source: 'arch/x86/kernel/uprobes.c',
  },
  {
    calls: 'nice sgetmask ssetmask sigaction signal sigpending sigsuspend',
    reason:
      'old forms of setpriority and the rt_sig calls, which the profile allows; they act on the caller alone',
    source: 'sgetmask(2), signal(2)',
  },
  {
    calls: 'oldstat oldfstat oldlstat olduname oldolduname readdir getpagesize get_tls timerfd',
    reason: 'old forms of stat, uname, getdents and others, which the profile allows; they only read',
    source: 'stat(2), uname(2), readdir(2)',
  },
  {
    calls: `afs_syscall break create_module ftime get_kernel_syms getpmsg gtty idle lock mpx prof profil putpmsg query_module
      security stty tuxcall ulimit vserver`,
    reason: 'the kernel has no such call and answers ENOSYS',
    source: 'unimplemented(2), create_module(2), idle(2)',
  },
  {
    calls: '_sysctl bdflush nfsservctl multiplexer',
    reason:
      'the kernel has no such call any more: removed in 5.5, 5.15 and 3.1; powerpc never had multiplexer',
    source: 'sysctl(2), bdflush(2), nfsservctl(2), arch/powerpc/kernel/syscalls/syscall.tbl',
  },
  {
    calls: 'atomic_barrier atomic_cmpxchg_32 cachectl sysmips usr26 usr32 switch_endian sys_debug_setcontext',
    reason: "they change the caller's own registers, caches and memory on one architecture",
    source: 'syscalls(2), arch/m68k, arch/mips, arch/arm and arch/powerpc',
  },
  {
    calls: 'subpage_prot s390_guarded_storage s390_sthyi',
    reason: "they protect the caller's own memory, or read how large the virtual machine is",
    source: 'subpage_prot(2), s390_guarded_storage(2), s390_sthyi(2)',
  },
  {
    calls: 'spu_create spu_run',
    reason: 'they run programs on processors that Cell machines had',
    source: 'spu_create(2)',
  },
  {
    calls: 'syscall',
    reason: 'the kernel shows the filter the number of the call that it stands for',
    source: 'arch/mips/kernel/scall32-o32.S and scall64-o32.S (the real number is in a0)',
  },
];
