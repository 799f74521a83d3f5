/**
 * Which arguments of which system calls have names for their values: one row a field.
 *
 * What no row covers is a count, a descriptor, an id, an address, or is rarely compared.
 * @module
 */
import type { ArchName } from '../architectures.ts';
import { capabilities } from '../capabilities.ts';
import { type NameSet, type NameSets, nameSets, once } from './name-sets.ts';

/** `enum`: one name; `flags`: any number of them, joined by `|`; `enum+flags`: one in some bits, flags in the others. */
export type FieldKind = 'enum' | 'flags' | 'enum+flags';

export interface FieldRow {
  readonly syscalls: readonly string[];
  readonly index: number;
  /** The parameter's name in the man page. */
  readonly name: string;
  readonly kind: FieldKind;
  /** Names; for flags the ones printed first come first. */
  readonly sets: readonly NameSet[];
  /** The bits that hold the one name of `enum+flags`. */
  readonly enumMask?: number | NameSet;
  /** Permission bits: unnamed rest in octal. */
  readonly octal?: true;
  /** The only architectures it holds for. */
  readonly archs?: readonly ArchName[];
  /** Architectures it does not hold for. */
  readonly except?: readonly ArchName[];
  /** Holds only if another argument has one of these names. */
  readonly when?: { readonly index: number; readonly names: readonly string[] };
  /** Why a profile compares it, or what to know about it. */
  readonly reason: string;
}

const bits64: readonly ArchName[] = [
  'x86_64',
  'aarch64',
  'loongarch64',
  'mips64',
  'mipsel64',
  'parisc64',
  'ppc64',
  'ppc64le',
  'riscv64',
  's390x',
];
const s390: readonly ArchName[] = ['s390', 's390x'];
const x86: readonly ArchName[] = ['x86', 'x86_64', 'x32'];
/** Where `mmap` takes one pointer to a struct of all its arguments (`sys_old_mmap` in the syscall tables). */
const structMmap: readonly ArchName[] = ['x86', 'm68k', ...s390];
/** EFD_CLOEXEC, EPOLL_CLOEXEC, SFD_NONBLOCK… are other names of these two. */
const descriptorFlags = (n: NameSets): NameSet => pick(n.openFlags, 'O_CLOEXEC', 'O_NONBLOCK');
const LOW_BYTE = 0xff;

const capabilitySet: NameSet = once(() => ({
  values: Object.fromEntries(capabilities.map((name, nr) => [name, nr])),
}));

/** A few names of a larger set. */
function pick(set: NameSet, ...names: readonly string[]): NameSet {
  const only = <T>(values: Readonly<Record<string, T>>): Record<string, T> =>
    Object.fromEntries(Object.entries(values).filter(([name]) => names.includes(name)));
  return once(() => {
    const { archs, values, differs } = set();
    return {
      archs,
      values: only(values),
      differs: differs?.map((each) => ({ ...each, values: only(each.values) })),
    };
  });
}

type Rest = Omit<FieldRow, 'syscalls' | 'index' | 'name' | 'kind' | 'sets' | 'reason'>;

/** A row in one line: `calls` is `syscalls index name`. */
function row(
  calls: string,
  kind: FieldKind,
  sets: readonly NameSet[],
  reason: string,
  rest?: Rest,
): FieldRow {
  const syscalls = calls.split(' ');
  const name = syscalls.pop() ?? '';
  const index = Number(syscalls.pop());
  const own = { syscalls, index, name, kind, sets, reason };
  return rest === undefined ? own : { ...own, ...rest };
}

const cloneReason = 'new namespaces, above all CLONE_NEWUSER, open kernel code that only root reached before';

const processRows = (n: NameSets): readonly FieldRow[] => [
  row('clone 0 flags', 'enum+flags', [n.signals, n.cloneFlags], cloneReason, {
    enumMask: LOW_BYTE,
    except: s390,
  }),
  row(
    'clone 1 flags',
    'enum+flags',
    [n.signals, n.cloneFlags],
    'on s390 flags come second (CONFIG_CLONE_BACKWARDS2)',
    {
      enumMask: LOW_BYTE,
      archs: s390,
    },
  ),
  row('unshare 0 flags', 'flags', [n.cloneFlags, n.newTime], cloneReason),
  row('setns 1 nstype', 'flags', [n.cloneFlags, n.newTime], 'entering namespaces of other processes'),
  row(
    'personality 0 persona',
    'enum+flags',
    [n.personas, n.personalityFlags],
    'READ_IMPLIES_EXEC and ADDR_NO_RANDOMIZE undo mitigations',
    {
      enumMask: LOW_BYTE,
    },
  ),
  row('kill tkill rt_sigqueueinfo 1 sig', 'enum', [n.signals], 'which signals may be sent'),
  row('tgkill rt_tgsigqueueinfo 2 sig', 'enum', [n.signals], 'which signals may be sent'),
  row('pidfd_send_signal 1 sig', 'enum', [n.signals], 'which signals may be sent'),
  row('pidfd_send_signal 3 flags', 'flags', [n.pidfdSignalFlags], 'how far the signal reaches'),
  row('pidfd_open 1 flags', 'flags', [n.pidfdFlags], 'threads as well as processes'),
  row('rt_sigaction sigaction signal 0 signum', 'enum', [n.signals], 'which signals may be handled'),
  row('rt_sigprocmask sigprocmask 0 how', 'enum', [n.sigmaskHow], 'the numbers differ on MIPS'),
  row('prctl 0 op', 'enum', [n.prctlOptions], 'one call for dozens of unlike settings'),
  row('prctl 1 arg2', 'enum', [n.seccompModes], 'strict mode or a filter', {
    when: { index: 0, names: ['PR_SET_SECCOMP'] },
  }),
  row('prctl 1 arg2', 'enum', [n.ambientOperations], 'raising keeps capabilities across execve', {
    when: { index: 0, names: ['PR_CAP_AMBIENT'] },
  }),
  row('prctl 1 arg2', 'enum', [n.prctlMm], 'rewrites the memory map that /proc shows', {
    when: { index: 0, names: ['PR_SET_MM'] },
  }),
  row('prctl 1 arg2', 'enum', [n.speculation], 'switches mitigations of CPU bugs', {
    when: { index: 0, names: ['PR_SET_SPECULATION_CTRL', 'PR_GET_SPECULATION_CTRL'] },
  }),
  row('prctl 1 arg2', 'enum', [n.signals], 'the signal sent when the parent dies', {
    when: { index: 0, names: ['PR_SET_PDEATHSIG'] },
  }),
  row('prctl 1 arg2', 'enum', [capabilitySet], 'which capability', {
    when: { index: 0, names: ['PR_CAPBSET_READ', 'PR_CAPBSET_DROP'] },
  }),
  row('prctl 2 arg3', 'enum', [capabilitySet], 'which capability', {
    when: { index: 0, names: ['PR_CAP_AMBIENT'] },
  }),
  row('arch_prctl 0 op', 'enum', [n.archPrctlCodes], 'segment bases, CPUID faulting, shadow stack', {
    archs: x86,
  }),
  row('ptrace 0 op', 'enum', [n.ptraceRequests], 'reading is less than writing; PTRACE_TRACEME is harmless'),
  row('seccomp 0 operation', 'enum', [n.seccompOperations], 'installing filters or only asking'),
  row('seccomp 1 flags', 'flags', [n.seccompFlags], 'NEW_LISTENER hands calls to another process', {
    when: { index: 0, names: ['SECCOMP_SET_MODE_FILTER'] },
  }),
  row('prlimit64 1 resource', 'enum', [n.resources], 'which limits may be changed; numbers differ on MIPS'),
  row(
    'getrlimit setrlimit ugetrlimit 0 resource',
    'enum',
    [n.resources],
    'which limits may be changed; numbers differ on MIPS',
  ),
  row('getrusage 0 who', 'enum', [n.usageWho], 'whose usage'),
  row('getpriority setpriority 0 which', 'enum', [n.priorityWhich], 'one process or all of a user'),
  row('ioprio_get ioprio_set 0 which', 'enum', [n.ioPriorityWho], 'one process or all of a user'),
  row(
    'sched_setscheduler 1 policy',
    'enum+flags',
    [n.schedulingPolicies, n.schedulingFlags],
    'real-time policies can starve the machine',
    { enumMask: LOW_BYTE },
  ),
  row(
    'sched_get_priority_max sched_get_priority_min 0 policy',
    'enum',
    [n.schedulingPolicies],
    'which policy',
  ),
  row('waitid 0 idtype', 'enum', [n.waitTypes], 'what to wait for'),
  row('waitid 3 options', 'flags', [n.waitFlags], 'what to wait for'),
  row('wait4 waitpid 2 options', 'flags', [n.waitFlags], 'what to wait for'),
  row(
    'futex futex_time64 1 futex_op',
    'enum+flags',
    [n.futexOperations, n.futexFlags],
    'the PI operations have had most of the bugs',
    { enumMask: 0x7f },
  ),
  row(
    'clock_gettime clock_settime clock_getres clock_adjtime clock_nanosleep clock_gettime64 clock_settime64 clock_getres_time64 clock_adjtime64 clock_nanosleep_time64 timer_create timerfd_create 0 clockid',
    'enum',
    [n.clockIds],
    'which clock may be set or slept on',
  ),
  row(
    'clock_nanosleep clock_nanosleep_time64 timer_settime timer_settime64 timerfd_settime timerfd_settime64 1 flags',
    'flags',
    [n.timerFlags],
    'absolute times',
  ),
  row('getitimer setitimer 0 which', 'enum', [n.intervalTimers], 'which timer'),
  row('kcmp 2 type', 'enum', [n.kcmpTypes], 'which kernel objects are compared'),
  row('membarrier 0 cmd', 'enum', [n.membarrierCommands], 'the global ones interrupt every CPU'),
  row('reboot 2 op', 'enum', [n.rebootCommands], 'KEXEC and SW_SUSPEND are more than a reboot'),
];

const atFlagsReason = 'AT_EMPTY_PATH works on a descriptor instead of a path';
const openReason = 'writing, creating, O_TMPFILE; numbers differ between architectures';

const fileRows = (n: NameSets): readonly FieldRow[] => [
  row('open 1 flags', 'enum+flags', [n.openAccess, n.openFlags], openReason, { enumMask: 3 }),
  row('openat 2 flags', 'enum+flags', [n.openAccess, n.openFlags], openReason, { enumMask: 3 }),
  row('open_by_handle_at 2 flags', 'enum+flags', [n.openAccess, n.openFlags], openReason, {
    enumMask: 3,
  }),
  row('mq_open 1 oflag', 'enum+flags', [n.openAccess, n.openFlags], openReason, { enumMask: 3 }),
  row('open 2 mode', 'flags', [n.permissionBits], 'creating set-user-ID files', { octal: true }),
  row('openat 3 mode', 'flags', [n.permissionBits], 'creating set-user-ID files', { octal: true }),
  row(
    'creat chmod fchmod mkdir 1 mode',
    'flags',
    [n.permissionBits],
    'S_ISUID and S_ISGID make files run as their owner',
    { octal: true },
  ),
  row(
    'fchmodat fchmodat2 mkdirat 2 mode',
    'flags',
    [n.permissionBits],
    'S_ISUID and S_ISGID make files run as their owner',
    { octal: true },
  ),
  row('umask 0 mask', 'flags', [], 'permission bits', { octal: true }),
  row('mknod 1 mode', 'enum+flags', [n.fileTypes, n.permissionBits], 'S_IFBLK and S_IFCHR make devices', {
    enumMask: 0o170000,
    octal: true,
  }),
  row('mknodat 2 mode', 'enum+flags', [n.fileTypes, n.permissionBits], 'S_IFBLK and S_IFCHR make devices', {
    enumMask: 0o170000,
    octal: true,
  }),
  row('access 1 mode', 'flags', [n.accessNone, n.accessModes], 'which rights are asked for'),
  row('faccessat faccessat2 2 mode', 'flags', [n.accessNone, n.accessModes], 'which rights are asked for'),
  row('faccessat2 3 flags', 'flags', [n.atFlags, n.faccessFlags], atFlagsReason),
  row(
    'openat openat2 mkdirat mknodat fchownat futimesat newfstatat fstatat64 unlinkat renameat renameat2 linkat readlinkat fchmodat fchmodat2 faccessat faccessat2 utimensat utimensat_time64 name_to_handle_at execveat statx open_tree open_tree_attr fspick move_mount mount_setattr setxattrat getxattrat listxattrat removexattrat file_getattr file_setattr 0 dirfd',
    'enum',
    [n.folderFd],
    'paths relative to the working directory',
  ),
  row('symlinkat 1 newdirfd', 'enum', [n.folderFd], 'paths relative to the working directory'),
  row(
    'linkat renameat renameat2 move_mount 2 newdirfd',
    'enum',
    [n.folderFd],
    'paths relative to the working directory',
  ),
  row(
    'newfstatat fstatat64 utimensat utimensat_time64 fchmodat2 3 flags',
    'flags',
    [n.atFlags],
    atFlagsReason,
  ),
  row('fchownat linkat name_to_handle_at 4 flags', 'flags', [n.atFlags], atFlagsReason),
  row(
    'execveat 4 flags',
    'flags',
    [n.atFlags, n.execveatFlags],
    'AT_EMPTY_PATH runs a file without a path (fexecve)',
  ),
  row('statx 2 flags', 'flags', [n.atFlags, n.statxFlags], atFlagsReason),
  row('unlinkat 2 flags', 'flags', [n.unlinkFlags], 'files or folders'),
  row('mount_setattr 2 flags', 'flags', [n.atFlags], 'AT_RECURSIVE reaches all mounts below'),
  row(
    'fcntl fcntl64 1 op',
    'enum',
    [n.fcntlCommands],
    'F_SETOWN, F_NOTIFY, F_SETLEASE reach other processes',
  ),
  row('fcntl fcntl64 2 arg', 'enum+flags', [n.openAccess, n.openFlags], 'status flags', {
    enumMask: 3,
    when: { index: 1, names: ['F_SETFL'] },
  }),
  row('fcntl fcntl64 2 arg', 'flags', [n.descriptorFlags], 'descriptor flags', {
    when: { index: 1, names: ['F_SETFD'] },
  }),
  row('fcntl fcntl64 2 arg', 'flags', [n.seals], 'seals are for ever', {
    when: { index: 1, names: ['F_ADD_SEALS'] },
  }),
  row('lseek 2 whence', 'enum', [n.seekWhence], 'the starting point'),
  row('_llseek 4 whence', 'enum', [n.seekWhence], 'the starting point'),
  row('flock 1 op', 'flags', [n.lockOperations], 'which lock'),
  row('renameat2 4 flags', 'flags', [n.renameFlags], 'RENAME_WHITEOUT makes a device node'),
  row('fallocate 1 mode', 'flags', [n.fallocateModes], 'allocating or punching holes'),
  row('setxattr lsetxattr fsetxattr 4 flags', 'flags', [n.xattrFlags], 'creating or replacing'),
  row('preadv2 pwritev2 5 flags', 'flags', [n.readWriteFlags], 'RWF_NOWAIT and later flags have had bugs'),
  row('sync_file_range 3 flags', 'flags', [n.syncFileRangeFlags], 'what to wait for', { archs: bits64 }),
  row('sync_file_range2 1 flags', 'flags', [n.syncFileRangeFlags], 'what to wait for'),
  row('fadvise64 3 advice', 'enum', [n.fadviseAdvice], 'which advice', { archs: bits64 }),
  row('arm_fadvise64_64 1 advice', 'enum', [n.fadviseAdvice], 'which advice'),
  row('close_range 2 flags', 'flags', [n.closeRangeFlags], 'closing now or on execve'),
  row('dup3 2 flags', 'flags', [descriptorFlags(n)], 'closing on execve'),
  row('pipe2 1 flags', 'flags', [pick(n.openFlags, 'O_CLOEXEC', 'O_NONBLOCK', 'O_DIRECT')], 'packet mode'),
  row('epoll_create1 0 flags', 'flags', [descriptorFlags(n)], 'closing on execve'),
  row('inotify_init1 0 flags', 'flags', [descriptorFlags(n)], 'closing on execve'),
  row('signalfd4 3 flags', 'flags', [descriptorFlags(n)], 'closing on execve'),
  row('eventfd2 1 flags', 'flags', [descriptorFlags(n), n.eventfdFlags], 'semaphores'),
  row('timerfd_create 1 flags', 'flags', [descriptorFlags(n)], 'closing on execve'),
  row('splice 5 flags', 'flags', [n.spliceFlags], 'how pages move'),
  row('tee vmsplice 3 flags', 'flags', [n.spliceFlags], 'SPLICE_F_GIFT gives pages away'),
  row('epoll_ctl 1 op', 'enum', [n.epollOperations], 'which operation'),
  row('getrandom 2 flags', 'flags', [n.randomFlags], 'GRND_RANDOM may block'),
  row('fanotify_init 0 flags', 'flags', [n.fanotifyInitFlags], 'permission events hold up other processes'),
  row(
    'fanotify_init 1 event_f_flags',
    'enum+flags',
    [n.openAccess, n.openFlags],
    'how the reported files are opened',
    { enumMask: 3 },
  ),
  row('mount 3 mountflags', 'flags', [n.mountFlags], 'bind mounts, remounts, propagation'),
  row('umount2 1 flags', 'flags', [n.unmountFlags], 'MNT_DETACH unmounts what is in use'),
  row(
    'open_tree open_tree_attr 2 flags',
    'flags',
    [n.atFlags, n.openTreeFlags, pick(n.openFlags, 'O_CLOEXEC')],
    'OPEN_TREE_CLONE copies mounts',
  ),
  row('move_mount 4 flags', 'flags', [n.moveMountFlags], 'where a mount may go'),
  row('fsopen 1 flags', 'flags', [n.fsopenFlags], 'closing on execve'),
  row('fsmount 1 flags', 'flags', [n.fsmountFlags], 'closing on execve'),
  row('fsmount 2 attr_flags', 'flags', [n.mountAttributes], 'read-only, no devices, no set-user-ID'),
  row('fspick 2 flags', 'flags', [n.fspickFlags], 'which mount'),
  row(
    'fsconfig 1 cmd',
    'enum',
    [n.fsconfigCommands],
    'FSCONFIG_CMD_CREATE reads a file system from a device',
  ),
  row('quotactl 0 op', 'enum+flags', [n.quotaCommands, n.quotaTypes], 'the command above its quota type', {
    enumMask: 0xffffff00,
  }),
  row('quotactl_fd 1 op', 'enum+flags', [n.quotaCommands, n.quotaTypes], 'the command above its quota type', {
    enumMask: 0xffffff00,
  }),
];

const protectionSets = (n: NameSets): readonly NameSet[] => [n.protectionNone, n.protections];
const mapSets = (n: NameSets): readonly NameSet[] => [n.mapTypes, n.mapFlags];

const memoryRows = (n: NameSets): readonly FieldRow[] => [
  row('mmap 2 prot', 'flags', protectionSets(n), 'PROT_EXEC with PROT_WRITE lets data run as code', {
    except: structMmap,
  }),
  row('mmap2 2 prot', 'flags', protectionSets(n), 'PROT_EXEC with PROT_WRITE lets data run as code'),
  row('mprotect pkey_mprotect 2 prot', 'flags', protectionSets(n), 'PROT_EXEC on memory that was written'),
  row('remap_file_pages 2 prot', 'flags', protectionSets(n), 'must be 0'),
  row(
    'mmap 3 flags',
    'enum+flags',
    mapSets(n),
    'shared, anonymous, fixed; numbers differ on MIPS and PA-RISC',
    {
      enumMask: n.mapTypeMask,
      except: structMmap,
    },
  ),
  row(
    'mmap2 3 flags',
    'enum+flags',
    mapSets(n),
    'shared, anonymous, fixed; numbers differ on MIPS and PA-RISC',
    { enumMask: n.mapTypeMask },
  ),
  row('mremap 3 flags', 'flags', [n.remapFlags], 'MREMAP_FIXED replaces mappings'),
  row('msync 2 flags', 'flags', [n.syncFlags], 'waiting or not'),
  row('mlockall 0 flags', 'flags', [n.lockAllFlags], 'MCL_FUTURE keeps all memory to come'),
  row('mlock2 2 flags', 'flags', [n.lockFlags], 'locking on the first use'),
  row(
    'madvise 2 advice',
    'enum',
    [n.advice],
    'MADV_HWPOISON breaks pages, MADV_MERGEABLE tells them apart by time',
  ),
  row('process_madvise 3 advice', 'enum', [n.advice], 'advice on the memory of another process'),
  row('pkey_alloc 1 access_rights', 'flags', [n.protectionKeyRights], 'first rights of the key'),
  row('memfd_create 1 flags', 'flags', [n.memfdFlags], 'files without a path that can be executed'),
  row('memfd_secret 0 flags', 'flags', [descriptorFlags(n)], 'closing on execve'),
  row('mbind 2 mode', 'enum+flags', [n.policyModes, n.policyModeFlags], 'memory policy', {
    enumMask: 0xfff,
  }),
  row('set_mempolicy 0 mode', 'enum+flags', [n.policyModes, n.policyModeFlags], 'memory policy', {
    enumMask: 0xfff,
  }),
  row('mbind 5 flags', 'flags', [n.bindFlags], 'MPOL_MF_MOVE_ALL moves pages of others'),
  row('shmat 2 shmflg', 'flags', [n.sharedMemoryFlags], 'SHM_EXEC maps it executable', { octal: true }),
  row('shmget 2 shmflg', 'flags', [n.ipcCreation, n.sharedMemoryCreation], 'creating', {
    octal: true,
  }),
  row('msgget 1 msgflg', 'flags', [n.ipcCreation], 'creating', { octal: true }),
  row('semget 2 semflg', 'flags', [n.ipcCreation], 'creating', { octal: true }),
  row(
    'shmctl 1 op',
    'enum+flags',
    [n.ipcCommands, n.sharedMemoryCommands, n.ipcVersion],
    'removing, locking',
    { enumMask: LOW_BYTE },
  ),
  row('msgctl 1 op', 'enum+flags', [n.ipcCommands, n.messageCommands, n.ipcVersion], 'removing', {
    enumMask: LOW_BYTE,
  }),
  row('semctl 2 op', 'enum+flags', [n.ipcCommands, n.semaphoreCommands, n.ipcVersion], 'removing, setting', {
    enumMask: LOW_BYTE,
  }),
  row('ipc 0 call', 'enum+flags', [n.ipcCalls], 'the call it stands for; the upper half is a version', {
    enumMask: 0xffff,
  }),
];

const types = (n: NameSets): readonly NameSet[] => [n.socketTypes, n.socketTypeFlags];
const internet = { index: 0, names: ['AF_INET', 'AF_INET6'] };
const sockopt = 'getsockopt setsockopt';
const levels = (n: NameSets): readonly NameSet[] => [n.socketLevel, n.internetProtocols, n.otherLevels];
const optionReason = 'options that need no privilege have had bugs';

const networkRows = (n: NameSets): readonly FieldRow[] => [
  row(
    'socket 0 domain',
    'enum',
    [n.families],
    'AF_VSOCK, AF_ALG, AF_PACKET, AF_NETLINK reach past the container',
  ),
  row('socketpair 0 domain', 'enum', [n.families], 'only a few families have pairs'),
  row(
    'socket socketpair 1 type',
    'enum+flags',
    types(n),
    'SOCK_RAW and SOCK_PACKET; numbers differ on MIPS',
    {
      enumMask: 0xf,
    },
  ),
  row(
    'socket 2 protocol',
    'enum',
    [n.internetProtocols],
    'IPPROTO_SCTP, IPPROTO_MPTCP and other rare protocols',
    { when: internet },
  ),
  row('socket 2 protocol', 'enum', [n.netlinkProtocols], 'NETLINK_AUDIT and others of the kernel', {
    when: { index: 0, names: ['AF_NETLINK'] },
  }),
  row('accept4 3 flags', 'flags', [n.socketTypeFlags], 'closing on execve'),
  row(`${sockopt} 1 level`, 'enum', levels(n), optionReason),
  row(`${sockopt} 2 optname`, 'enum', [n.socketOptions, n.timedSocketOptions], optionReason, {
    when: { index: 1, names: ['SOL_SOCKET'] },
  }),
  row(`${sockopt} 2 optname`, 'enum', [n.ipOptions], optionReason, {
    when: { index: 1, names: ['IPPROTO_IP'] },
  }),
  row(`${sockopt} 2 optname`, 'enum', [n.ipv6Options], optionReason, {
    when: { index: 1, names: ['IPPROTO_IPV6'] },
  }),
  row(`${sockopt} 2 optname`, 'enum', [n.tcpOptions], 'TCP_ULP, TCP_REPAIR', {
    when: { index: 1, names: ['IPPROTO_TCP'] },
  }),
  row(
    'sendto recvfrom send recv sendmmsg recvmmsg recvmmsg_time64 3 flags',
    'flags',
    [n.messageFlags],
    'MSG_ZEROCOPY, MSG_OOB',
  ),
  row('sendmsg recvmsg 2 flags', 'flags', [n.messageFlags], 'MSG_ZEROCOPY, MSG_OOB'),
  row('shutdown 1 how', 'enum', [n.shutdownHow], 'which direction'),
  row(
    'socketcall 0 call',
    'enum',
    [n.socketCalls],
    'the call it stands for; its arguments are behind a pointer',
  ),
];

const requests = (n: NameSets): readonly NameSet[] => [
  n.terminalRequests,
  n.descriptorRequests,
  n.fileRequests,
  n.namespaceRequests,
  n.networkRequests,
  n.loopRequests,
  n.seccompRequests,
  n.perfRequests,
  n.userfaultRequests,
];

const facilityRows = (n: NameSets): readonly FieldRow[] => [
  row('ioctl 1 request', 'enum', requests(n), 'TIOCSTI and TIOCLINUX type into the terminal of others'),
  row('keyctl 0 op', 'enum', [n.keyOperations], 'keys are not namespaced'),
  row('keyctl 1 arg2', 'enum', [n.keyrings], 'which keyring'),
  row('add_key 4 keyring', 'enum', [n.keyrings], 'which keyring'),
  row('request_key 3 dest_keyring', 'enum', [n.keyrings], 'which keyring'),
  row('bpf 0 cmd', 'enum', [n.bpfCommands], 'loading programs or only reading maps'),
  row('perf_event_open 4 flags', 'flags', [n.perfFlags], 'PERF_FLAG_PID_CGROUP looks at whole groups'),
  row(
    'io_uring_register 1 opcode',
    'enum',
    [n.ringRegistrations],
    'IORING_REGISTER_RESTRICTIONS limits a ring',
  ),
  row('io_uring_enter 3 flags', 'flags', [n.ringEnterFlags], 'how it waits'),
  row('landlock_create_ruleset 2 flags', 'flags', [n.landlockRulesetFlags], 'asking for the version'),
  row('landlock_add_rule 1 rule_type', 'enum', [n.landlockRules], 'which kind of rule'),
  row(
    'userfaultfd 0 flags',
    'flags',
    [descriptorFlags(n), n.userfaultFlags],
    'without UFFD_USER_MODE_ONLY it can stop the kernel at a fault',
  ),
  row('finit_module 2 flags', 'flags', [n.moduleFlags], 'loading without checks'),
  row('kexec_load 3 flags', 'flags', [n.kexecFlags], 'which kernel'),
  row('kexec_file_load 4 flags', 'flags', [n.kexecFileFlags], 'which kernel'),
];

let rows: readonly FieldRow[] | undefined;

/** All rows; of several for one argument the first that holds counts. */
export function fieldRows(): readonly FieldRow[] {
  rows ??= [processRows, fileRows, memoryRows, networkRows, facilityRows].flatMap((each) => each(nameSets()));
  return rows;
}
