/**
 * System calls that reach far outside a container, or into kernel code that was exploited from inside one.
 *
 * Docker's default profile is the measure: each call that it does not allow to everyone has an entry here, or a reason in
 * harmless-denied.ts why it needs none. Left out on purpose: calls that it allows and that are harmless without a
 * capability (mknod, adjtimex), and calls of which only some use is harmful and a filter cannot tell which (prctl, fcntl).
 * @module
 */

/** A system call through which a container can harm its host, and why. */
export interface DangerousCall {
  /** Separated by white space. */
  readonly calls: string;
  /** Completes "NAME is allowed: it …". */
  readonly what: string;
  /** Only calls with this value of an argument are dangerous. It has its C name: one value of an enum, or flags that are all set. */
  readonly value?: { readonly index: number; readonly name: string };
  /** Reported only if the profile compares this argument. Engines' defaults leave it open for a reason. */
  readonly whenFiltered?: boolean;
  /** The capability that the kernel asks for outside of user namespaces. Programs without it have no use for the call. */
  readonly capability?: string;
  /** Why that is dangerous. */
  readonly reason: string;
  /** Man pages, files of Linux 6.18, CVEs. */
  readonly sources: readonly string[];
}

export const dangerousCalls: readonly DangerousCall[] = [
  {
    calls: 'bpf',
    what: 'loads programs that run inside the kernel',
    capability: 'CAP_BPF',
    reason: 'errors in the verifier gave unprivileged users control of the kernel more than once',
    sources: ['bpf(2)', 'capabilities(7)', 'CVE-2021-3490', 'CVE-2022-23222'],
  },
  {
    calls: 'perf_event_open',
    what: 'measures the whole machine, and its code is a large part of the kernel',
    capability: 'CAP_PERFMON',
    reason: 'it shows what other containers do, and has been exploited to gain root',
    sources: ['perf_event_open(2)', 'Documentation/admin-guide/perf-security.rst', 'CVE-2013-2094'],
  },
  {
    calls: 'userfaultfd',
    what: 'lets a program stop the kernel in the middle of a copy from its memory',
    capability: 'CAP_SYS_PTRACE',
    reason: 'races in the kernel become easy to win',
    sources: ['userfaultfd(2)', 'Documentation/admin-guide/sysctl/vm.rst (unprivileged_userfaultfd)'],
  },
  {
    calls: 'keyctl add_key request_key',
    what: 'reaches the kernel keyrings, which belong to user ids and not to containers',
    reason: 'containers with the same user id share a keyring; a counter overflow there gave users root',
    sources: ['keyrings(7)', 'CVE-2016-0728'],
  },
  {
    calls: 'kexec_load kexec_file_load',
    what: 'loads another kernel to boot',
    capability: 'CAP_SYS_BOOT',
    reason: 'whoever may do this controls the machine',
    sources: ['kexec_load(2)'],
  },
  {
    calls: 'init_module finit_module delete_module',
    what: 'changes which modules the kernel has',
    capability: 'CAP_SYS_MODULE',
    reason: 'a module is kernel code',
    sources: ['init_module(2)', 'delete_module(2)'],
  },
  {
    calls: 'ptrace process_vm_readv process_vm_writev pidfd_getfd',
    what: 'takes over other processes of the same user',
    capability: 'CAP_SYS_PTRACE',
    reason:
      'one compromised process of a container gets the secrets and descriptors of all; before Linux 4.8 a tracer could change a call after the filter had let it through',
    sources: ['ptrace(2)', 'process_vm_readv(2)', 'seccomp(2)'],
  },
  {
    calls: 'open_by_handle_at',
    what: 'opens files by number, even files that no mount of the container shows',
    capability: 'CAP_DAC_READ_SEARCH',
    reason: "handles can be guessed: the host's files are read past mount namespace and chroot",
    sources: ['open_by_handle_at(2)'],
  },
  {
    calls: 'mount umount umount2 pivot_root move_mount open_tree open_tree_attr mount_setattr',
    what: 'changes the mounts of the container',
    capability: 'CAP_SYS_ADMIN',
    reason:
      'read-only and masked paths of a container are mounts, and a user namespace gives anyone the capability to mount',
    sources: ['mount(2)', 'pivot_root(2)', 'mount_namespaces(7)'],
  },
  {
    calls: 'fsopen fsconfig fsmount fspick',
    what: 'sets up file systems, and kernel code then parses data from the program',
    capability: 'CAP_SYS_ADMIN',
    reason: 'an overflow in fsconfig, open to anyone in a user namespace, was a way out of containers',
    sources: ['capabilities(7)', 'Documentation/filesystems/mount_api.rst', 'CVE-2022-0185'],
  },
  {
    calls: 'setns unshare',
    what: 'enters or makes namespaces',
    capability: 'CAP_SYS_ADMIN',
    reason:
      'in a new user namespace a program has every capability, and reaches kernel code meant for administrators',
    sources: ['unshare(2)', 'setns(2)', 'user_namespaces(7)', 'CVE-2022-0185'],
  },
  {
    calls: 'clone',
    what: 'makes a user namespace, in which a program has every capability',
    value: { index: 0, name: 'CLONE_NEWUSER' },
    reason: 'that reaches kernel code meant for administrators',
    sources: ['clone(2)', 'user_namespaces(7)', 'CVE-2022-0185'],
  },
  {
    calls: 'clone3',
    what: 'makes namespaces with flags in memory, which no filter can read',
    reason: 'if clone3 returns ENOSYS, C libraries use clone, whose flags can be filtered',
    sources: ['clone(2)', 'user_namespaces(7)'],
  },
  {
    calls: 'ioperm iopl',
    what: 'opens I/O ports of the machine',
    capability: 'CAP_SYS_RAWIO',
    reason: 'programs can then drive devices without the kernel',
    sources: ['ioperm(2)', 'iopl(2)'],
  },
  {
    calls: 'reboot',
    what: 'restarts or stops the machine, or in a PID namespace kills its init',
    capability: 'CAP_SYS_BOOT',
    reason: 'outside of a PID namespace of its own a container stops the host',
    sources: ['reboot(2)'],
  },
  {
    calls: 'swapon swapoff',
    what: 'changes where the machine swaps to',
    capability: 'CAP_SYS_ADMIN',
    reason: 'swap belongs to the machine, not to a container; it holds memory of every process',
    sources: ['swapon(2)'],
  },
  {
    calls: 'acct',
    what: "records every process that ends, in a file of the caller's choice",
    capability: 'CAP_SYS_PACCT',
    reason: 'a container fills the disk, or turns accounting off',
    sources: ['acct(2)'],
  },
  {
    calls: 'clock_settime clock_settime64 settimeofday stime',
    what: 'sets the clock of the machine',
    capability: 'CAP_SYS_TIME',
    reason: 'CLOCK_REALTIME has no namespace: all containers see the change',
    sources: ['clock_settime(2)', 'settimeofday(2)', 'time_namespaces(7)'],
  },
  {
    calls: 'syslog',
    what: "reads and clears the kernel's log",
    capability: 'CAP_SYSLOG',
    reason: 'it holds messages about the host and, on some settings, kernel addresses',
    sources: ['syslog(2)'],
  },
  {
    calls: 'chroot',
    what: 'changes the directory where paths start',
    capability: 'CAP_SYS_CHROOT',
    reason: 'a program that is root in a chroot leaves it by calling chroot again',
    sources: ['chroot(2)'],
  },
  {
    calls: 'sethostname setdomainname',
    what: 'renames the machine for everyone who shares its UTS namespace',
    capability: 'CAP_SYS_ADMIN',
    reason: "a container that shares the host's UTS namespace renames the host",
    sources: ['sethostname(2)', 'setdomainname(2)', 'uts_namespaces(7)'],
  },
  {
    calls: 'quotactl quotactl_fd',
    what: 'sets how much others may write to a file system',
    capability: 'CAP_SYS_ADMIN',
    reason: 'volumes lie on file systems of the host, and quotas belong to these',
    sources: ['quotactl(2)'],
  },
  {
    calls: 'fanotify_init',
    what: 'watches files, and with CAP_SYS_ADMIN decides which accesses to a whole file system go on',
    capability: 'CAP_SYS_ADMIN',
    reason: 'a mark on a file system also covers what the host and other containers do there',
    sources: ['fanotify_init(2)', 'fanotify_mark(2)'],
  },
  {
    calls: 'lsm_set_self_attr',
    what: 'changes the label under which AppArmor, SELinux or Smack judge the caller',
    reason: 'that label is a second barrier around a container',
    sources: ['Documentation/userspace-api/lsm.rst'],
  },
  {
    calls: 'lookup_dcookie',
    what: 'names files of the whole machine by numbers that can be guessed',
    capability: 'CAP_SYS_ADMIN',
    reason: 'only profilers of old kernels needed it',
    sources: ['lookup_dcookie(2)'],
  },
  {
    calls: 'kcmp',
    what: 'tells whether two processes share a kernel object, and in which order kernel objects lie in memory',
    capability: 'CAP_SYS_PTRACE',
    reason: 'it looks into other processes; only checkpointing and some graphics drivers need it',
    sources: ['kcmp(2)'],
  },
  {
    calls: 'process_madvise',
    what: 'pushes the memory of other processes out',
    capability: 'CAP_SYS_NICE',
    reason: 'one process slows others down, and learns when they use which page',
    sources: ['process_madvise(2)'],
  },
  {
    calls: 'move_pages migrate_pages',
    what: 'moves memory, also that of other processes, between NUMA nodes',
    capability: 'CAP_SYS_NICE',
    reason:
      'it shows and changes where the memory of other processes lies, despite the limits that cpusets set',
    sources: ['move_pages(2)', 'migrate_pages(2)'],
  },
  {
    calls: 'mbind set_mempolicy set_mempolicy_home_node get_mempolicy',
    what: 'controls from which NUMA node memory comes',
    capability: 'CAP_SYS_NICE',
    reason: 'few programs need it, and its entries for 32-bit programs leaked data from the kernel stack',
    sources: ['mbind(2)', 'set_mempolicy(2)', 'CVE-2017-7616', 'Linux commit cf01fb9985e8'],
  },
  {
    calls: 'vhangup',
    what: 'hangs the terminal up',
    capability: 'CAP_SYS_TTY_CONFIG',
    reason: 'whoever shares the terminal loses it',
    sources: ['vhangup(2)'],
  },
  {
    calls: 'ustat',
    what: 'tells how full any file system of the machine is, by its device number',
    reason: 'even file systems that no mount of the container shows; statfs has replaced it',
    sources: ['ustat(2)'],
  },
  {
    calls: 'uselib',
    what: 'loads a library the way programs of the 1990s did',
    reason: 'its old kernel code has given users root before; no C library uses it',
    sources: ['uselib(2)', 'CVE-2004-1235'],
  },
  {
    calls: 'rtas pciconfig_read pciconfig_write pciconfig_iobase',
    what: "calls the machine's firmware or reads and writes its PCI devices",
    capability: 'CAP_SYS_ADMIN',
    reason: 'programs can then drive devices without the kernel',
    sources: ['Linux 6.18 arch/powerpc/kernel/rtas.c', 'pciconfig_read(2)'],
  },
  {
    calls: 'vm86 vm86old',
    what: 'runs 16-bit code in a mode of the processor that little else tests',
    reason: 'old entry code of the kernel; nothing in a container needs it',
    sources: ['vm86(2)'],
  },
  {
    calls: 'io_uring_setup',
    what: 'makes rings whose requests no filter sees',
    reason:
      'its kernel code has been exploited to gain root from inside containers and sandboxes; an administrator can turn it off',
    sources: [
      'Documentation/admin-guide/sysctl/kernel.rst (io_uring_disabled)',
      'CVE-2022-29582',
      'CVE-2023-2598',
    ],
  },
  {
    calls: 'socket',
    what: "opens the kernel's cryptography to programs",
    value: { index: 0, name: 'AF_ALG' },
    reason: 'a flaw in algif_aead let any user with such a socket change files in the page cache',
    sources: ['socket(2)', 'Documentation/crypto/userspace-if.rst', 'CVE-2026-31431'],
  },
  {
    calls: 'socket',
    what: 'talks to the hypervisor and other virtual machines, outside the network namespace',
    value: { index: 0, name: 'AF_VSOCK' },
    reason: 'services on the host trust data that comes this way',
    sources: ['vsock(7)'],
  },
  {
    calls: 'ioctl',
    what: "types into the terminal in the user's place",
    value: { index: 1, name: 'TIOCSTI' },
    whenFiltered: true,
    reason: 'a program that shares its terminal with the shell that started it runs commands there',
    sources: ['ioctl_tty(2)', 'CVE-2017-5226'],
  },
  {
    calls: 'ioctl',
    what: "pastes into a virtual console in the user's place",
    value: { index: 1, name: 'TIOCLINUX' },
    whenFiltered: true,
    reason: 'with TIOCL_SETSEL and TIOCL_PASTESEL it does on a console what TIOCSTI does',
    sources: ['ioctl_console(2)', 'CVE-2023-28100'],
  },
];

interface WeakeningPersonality {
  /** The constant of linux/personality.h. */
  readonly name: string;
  readonly bit: number;
  /** Completes "it …". */
  readonly what: string;
}

/** Source: Linux 6.18 include/uapi/linux/personality.h, personality(2). */
export const weakeningPersonalities: readonly WeakeningPersonality[] = [
  { name: 'ADDR_NO_RANDOMIZE', bit: 0x0040000, what: 'turns address space randomisation off' },
  { name: 'MMAP_PAGE_ZERO', bit: 0x0100000, what: 'maps page 0, where null pointers lead' },
  { name: 'ADDR_COMPAT_LAYOUT', bit: 0x0200000, what: 'lays memory out in the old, predictable way' },
  { name: 'READ_IMPLIES_EXEC', bit: 0x0400000, what: 'makes all readable memory executable' },
];

/** `personality(0xffffffff)` changes nothing and returns the current value (personality(2)). */
export const PERSONALITY_QUERY = 0xffff_ffff;
