/**
 * Which arguments of which system calls have names for their values: one row a field.
 *
 * What no row covers is a count, a descriptor, an id, an address, or is rarely compared.
 * @module
 */
import type { ArchName } from '../architectures.ts';
import { capabilities } from '../capabilities.ts';
import * as facilities from './facilities.ts';
import * as files from './files.ts';
import * as ioctl from './ioctl.ts';
import * as memory from './memory.ts';
import type { NameSet } from './name-set.ts';
import * as network from './network.ts';
import * as process from './process.ts';

/** `enum`: one name; `flags`: any number of them, joined by `|`; `enum+flags`: one in some bits, flags in the others. */
export type FieldKind = 'enum' | 'flags' | 'enum+flags';

export interface FieldRow {
  /** System calls, separated by blanks. */
  readonly syscalls: string;
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
const descriptorFlags = pick(files.openFlags, 'O_CLOEXEC', 'O_NONBLOCK');
const LOW_BYTE = 0xff;

const capabilitySet: NameSet = {
  headers: ['linux/capability.h'],
  values: Object.fromEntries(capabilities.map((name, nr) => [name, nr])),
};

/** A few names of a larger set. */
function pick(set: NameSet, ...names: readonly string[]): NameSet {
  const only = <T>(values: Readonly<Record<string, T>>): Record<string, T> =>
    Object.fromEntries(Object.entries(values).filter(([name]) => names.includes(name)));
  const differs = (set.differs ?? []).map(({ archs, values }) => ({ archs, values: only(values) }));
  return { ...set, values: only(set.values), differs };
}

type Rest = Omit<FieldRow, 'syscalls' | 'index' | 'name' | 'kind' | 'sets' | 'reason'>;

/** A row in one line: `calls` is `syscalls index name`. */
function row(
  calls: string,
  kind: FieldKind,
  sets: readonly NameSet[],
  reason: string,
  rest: Rest = {},
): FieldRow {
  const words = calls.split(' ');
  const [index = '', name = ''] = words.slice(-2);
  return { syscalls: words.slice(0, -2).join(' '), index: Number(index), name, kind, sets, reason, ...rest };
}

const { cloneFlags, newTime, signals } = process;
const cloneReason = 'new namespaces, above all CLONE_NEWUSER, open kernel code that only root reached before';

const processRows: readonly FieldRow[] = [
  row('clone 0 flags', 'enum+flags', [signals, cloneFlags], cloneReason, {
    enumMask: LOW_BYTE,
    except: s390,
  }),
  row(
    'clone 1 flags',
    'enum+flags',
    [signals, cloneFlags],
    'on s390 flags come second (CONFIG_CLONE_BACKWARDS2)',
    {
      enumMask: LOW_BYTE,
      archs: s390,
    },
  ),
  row('unshare 0 flags', 'flags', [cloneFlags, newTime], cloneReason),
  row('setns 1 nstype', 'flags', [cloneFlags, newTime], 'entering namespaces of other processes'),
  row(
    'personality 0 persona',
    'enum+flags',
    [process.personas, process.personalityFlags],
    'READ_IMPLIES_EXEC and ADDR_NO_RANDOMIZE undo mitigations',
    {
      enumMask: LOW_BYTE,
    },
  ),
  row('kill tkill rt_sigqueueinfo 1 sig', 'enum', [signals], 'which signals may be sent'),
  row('tgkill rt_tgsigqueueinfo 2 sig', 'enum', [signals], 'which signals may be sent'),
  row('pidfd_send_signal 1 sig', 'enum', [signals], 'which signals may be sent'),
  row('pidfd_send_signal 3 flags', 'flags', [process.pidfdSignalFlags], 'how far the signal reaches'),
  row('pidfd_open 1 flags', 'flags', [process.pidfdFlags], 'threads as well as processes'),
  row('rt_sigaction sigaction signal 0 signum', 'enum', [signals], 'which signals may be handled'),
  row('rt_sigprocmask sigprocmask 0 how', 'enum', [process.sigmaskHow], 'the numbers differ on MIPS'),
  row('prctl 0 op', 'enum', [process.prctlOptions], 'one call for dozens of unlike settings'),
  row('prctl 1 arg2', 'enum', [process.seccompModes], 'strict mode or a filter', {
    when: { index: 0, names: ['PR_SET_SECCOMP'] },
  }),
  row('prctl 1 arg2', 'enum', [process.ambientOperations], 'raising keeps capabilities across execve', {
    when: { index: 0, names: ['PR_CAP_AMBIENT'] },
  }),
  row('prctl 1 arg2', 'enum', [process.prctlMm], 'rewrites the memory map that /proc shows', {
    when: { index: 0, names: ['PR_SET_MM'] },
  }),
  row('prctl 1 arg2', 'enum', [process.speculation], 'switches mitigations of CPU bugs', {
    when: { index: 0, names: ['PR_SET_SPECULATION_CTRL', 'PR_GET_SPECULATION_CTRL'] },
  }),
  row('prctl 1 arg2', 'enum', [signals], 'the signal sent when the parent dies', {
    when: { index: 0, names: ['PR_SET_PDEATHSIG'] },
  }),
  row('prctl 1 arg2', 'enum', [capabilitySet], 'which capability', {
    when: { index: 0, names: ['PR_CAPBSET_READ', 'PR_CAPBSET_DROP'] },
  }),
  row('prctl 2 arg3', 'enum', [capabilitySet], 'which capability', {
    when: { index: 0, names: ['PR_CAP_AMBIENT'] },
  }),
  row('arch_prctl 0 op', 'enum', [process.archPrctlCodes], 'segment bases, CPUID faulting, shadow stack', {
    archs: x86,
  }),
  row(
    'ptrace 0 op',
    'enum',
    [process.ptraceRequests],
    'reading is less than writing; PTRACE_TRACEME is harmless',
  ),
  row('seccomp 0 operation', 'enum', [process.seccompOperations], 'installing filters or only asking'),
  row('seccomp 1 flags', 'flags', [process.seccompFlags], 'NEW_LISTENER hands calls to another process', {
    when: { index: 0, names: ['SECCOMP_SET_MODE_FILTER'] },
  }),
  row(
    'prlimit64 1 resource',
    'enum',
    [process.resources],
    'which limits may be changed; numbers differ on MIPS',
  ),
  row(
    'getrlimit setrlimit ugetrlimit 0 resource',
    'enum',
    [process.resources],
    'which limits may be changed; numbers differ on MIPS',
  ),
  row('getrusage 0 who', 'enum', [process.usageWho], 'whose usage'),
  row('getpriority setpriority 0 which', 'enum', [process.priorityWhich], 'one process or all of a user'),
  row('ioprio_get ioprio_set 0 which', 'enum', [facilities.ioPriorityWho], 'one process or all of a user'),
  row(
    'sched_setscheduler 1 policy',
    'enum+flags',
    [process.schedulingPolicies, process.schedulingFlags],
    'real-time policies can starve the machine',
    { enumMask: LOW_BYTE },
  ),
  row(
    'sched_get_priority_max sched_get_priority_min 0 policy',
    'enum',
    [process.schedulingPolicies],
    'which policy',
  ),
  row('waitid 0 idtype', 'enum', [process.waitTypes], 'what to wait for'),
  row('waitid 3 options', 'flags', [process.waitFlags], 'what to wait for'),
  row('wait4 waitpid 2 options', 'flags', [process.waitFlags], 'what to wait for'),
  row(
    'futex futex_time64 1 futex_op',
    'enum+flags',
    [process.futexOperations, process.futexFlags],
    'the PI operations have had most of the bugs',
    { enumMask: 0x7f },
  ),
  row(
    'clock_gettime clock_settime clock_getres clock_adjtime clock_nanosleep clock_gettime64 clock_settime64 clock_getres_time64 clock_adjtime64 clock_nanosleep_time64 timer_create timerfd_create 0 clockid',
    'enum',
    [process.clockIds],
    'which clock may be set or slept on',
  ),
  row(
    'clock_nanosleep clock_nanosleep_time64 timer_settime timer_settime64 timerfd_settime timerfd_settime64 1 flags',
    'flags',
    [process.timerFlags],
    'absolute times',
  ),
  row('getitimer setitimer 0 which', 'enum', [process.intervalTimers], 'which timer'),
  row('kcmp 2 type', 'enum', [process.kcmpTypes], 'which kernel objects are compared'),
  row('membarrier 0 cmd', 'enum', [process.membarrierCommands], 'the global ones interrupt every CPU'),
  row('reboot 2 op', 'enum', [process.rebootCommands], 'KEXEC and SW_SUSPEND are more than a reboot'),
];

const atFlagsReason = 'AT_EMPTY_PATH works on a descriptor instead of a path';
const lookup = files.atFlags;
const openReason = 'writing, creating, O_TMPFILE; numbers differ between architectures';

const fileRows: readonly FieldRow[] = [
  row('open 1 flags', 'enum+flags', [files.openAccess, files.openFlags], openReason, { enumMask: 3 }),
  row('openat 2 flags', 'enum+flags', [files.openAccess, files.openFlags], openReason, { enumMask: 3 }),
  row('open_by_handle_at 2 flags', 'enum+flags', [files.openAccess, files.openFlags], openReason, {
    enumMask: 3,
  }),
  row('mq_open 1 oflag', 'enum+flags', [files.openAccess, files.openFlags], openReason, { enumMask: 3 }),
  row('open 2 mode', 'flags', [files.permissionBits], 'creating set-user-ID files', { octal: true }),
  row('openat 3 mode', 'flags', [files.permissionBits], 'creating set-user-ID files', { octal: true }),
  row(
    'creat chmod fchmod mkdir 1 mode',
    'flags',
    [files.permissionBits],
    'S_ISUID and S_ISGID make files run as their owner',
    { octal: true },
  ),
  row(
    'fchmodat fchmodat2 mkdirat 2 mode',
    'flags',
    [files.permissionBits],
    'S_ISUID and S_ISGID make files run as their owner',
    { octal: true },
  ),
  row('umask 0 mask', 'flags', [], 'permission bits', { octal: true }),
  row(
    'mknod 1 mode',
    'enum+flags',
    [files.fileTypes, files.permissionBits],
    'S_IFBLK and S_IFCHR make devices',
    { enumMask: 0o170000, octal: true },
  ),
  row(
    'mknodat 2 mode',
    'enum+flags',
    [files.fileTypes, files.permissionBits],
    'S_IFBLK and S_IFCHR make devices',
    { enumMask: 0o170000, octal: true },
  ),
  row('access 1 mode', 'flags', [files.accessNone, files.accessModes], 'which rights are asked for'),
  row(
    'faccessat faccessat2 2 mode',
    'flags',
    [files.accessNone, files.accessModes],
    'which rights are asked for',
  ),
  row('faccessat2 3 flags', 'flags', [lookup, files.faccessFlags], atFlagsReason),
  row(
    'openat openat2 mkdirat mknodat fchownat futimesat newfstatat fstatat64 unlinkat renameat renameat2 linkat readlinkat fchmodat fchmodat2 faccessat faccessat2 utimensat utimensat_time64 name_to_handle_at execveat statx open_tree open_tree_attr fspick move_mount mount_setattr setxattrat getxattrat listxattrat removexattrat file_getattr file_setattr 0 dirfd',
    'enum',
    [files.folderFd],
    'paths relative to the working directory',
  ),
  row('symlinkat 1 newdirfd', 'enum', [files.folderFd], 'paths relative to the working directory'),
  row(
    'linkat renameat renameat2 move_mount 2 newdirfd',
    'enum',
    [files.folderFd],
    'paths relative to the working directory',
  ),
  row('newfstatat fstatat64 utimensat utimensat_time64 fchmodat2 3 flags', 'flags', [lookup], atFlagsReason),
  row('fchownat linkat name_to_handle_at 4 flags', 'flags', [lookup], atFlagsReason),
  row(
    'execveat 4 flags',
    'flags',
    [lookup, files.execveatFlags],
    'AT_EMPTY_PATH runs a file without a path (fexecve)',
  ),
  row('statx 2 flags', 'flags', [lookup, files.statxFlags], atFlagsReason),
  row('unlinkat 2 flags', 'flags', [files.unlinkFlags], 'files or folders'),
  row('mount_setattr 2 flags', 'flags', [lookup], 'AT_RECURSIVE reaches all mounts below'),
  row(
    'fcntl fcntl64 1 op',
    'enum',
    [files.fcntlCommands],
    'F_SETOWN, F_NOTIFY, F_SETLEASE reach other processes',
  ),
  row('fcntl fcntl64 2 arg', 'enum+flags', [files.openAccess, files.openFlags], 'status flags', {
    enumMask: 3,
    when: { index: 1, names: ['F_SETFL'] },
  }),
  row('fcntl fcntl64 2 arg', 'flags', [files.descriptorFlags], 'descriptor flags', {
    when: { index: 1, names: ['F_SETFD'] },
  }),
  row('fcntl fcntl64 2 arg', 'flags', [files.seals], 'seals are for ever', {
    when: { index: 1, names: ['F_ADD_SEALS'] },
  }),
  row('lseek 2 whence', 'enum', [files.seekWhence], 'the starting point'),
  row('_llseek 4 whence', 'enum', [files.seekWhence], 'the starting point'),
  row('flock 1 op', 'flags', [files.lockOperations], 'which lock'),
  row('renameat2 4 flags', 'flags', [files.renameFlags], 'RENAME_WHITEOUT makes a device node'),
  row('fallocate 1 mode', 'flags', [files.fallocateModes], 'allocating or punching holes'),
  row('setxattr lsetxattr fsetxattr 4 flags', 'flags', [files.xattrFlags], 'creating or replacing'),
  row(
    'preadv2 pwritev2 5 flags',
    'flags',
    [files.readWriteFlags],
    'RWF_NOWAIT and later flags have had bugs',
  ),
  row('sync_file_range 3 flags', 'flags', [files.syncFileRangeFlags], 'what to wait for', { archs: bits64 }),
  row('sync_file_range2 1 flags', 'flags', [files.syncFileRangeFlags], 'what to wait for'),
  row('fadvise64 3 advice', 'enum', [files.fadviseAdvice], 'which advice', { archs: bits64 }),
  row('arm_fadvise64_64 1 advice', 'enum', [files.fadviseAdvice], 'which advice'),
  row('close_range 2 flags', 'flags', [files.closeRangeFlags], 'closing now or on execve'),
  row('dup3 2 flags', 'flags', [descriptorFlags], 'closing on execve'),
  row(
    'pipe2 1 flags',
    'flags',
    [pick(files.openFlags, 'O_CLOEXEC', 'O_NONBLOCK', 'O_DIRECT')],
    'packet mode',
  ),
  row('epoll_create1 0 flags', 'flags', [descriptorFlags], 'closing on execve'),
  row('inotify_init1 0 flags', 'flags', [descriptorFlags], 'closing on execve'),
  row('signalfd4 3 flags', 'flags', [descriptorFlags], 'closing on execve'),
  row('eventfd2 1 flags', 'flags', [descriptorFlags, files.eventfdFlags], 'semaphores'),
  row('timerfd_create 1 flags', 'flags', [descriptorFlags], 'closing on execve'),
  row('splice 5 flags', 'flags', [files.spliceFlags], 'how pages move'),
  row('tee vmsplice 3 flags', 'flags', [files.spliceFlags], 'SPLICE_F_GIFT gives pages away'),
  row('epoll_ctl 1 op', 'enum', [files.epollOperations], 'which operation'),
  row('getrandom 2 flags', 'flags', [files.randomFlags], 'GRND_RANDOM may block'),
  row(
    'fanotify_init 0 flags',
    'flags',
    [files.fanotifyInitFlags],
    'permission events hold up other processes',
  ),
  row(
    'fanotify_init 1 event_f_flags',
    'enum+flags',
    [files.openAccess, files.openFlags],
    'how the reported files are opened',
    { enumMask: 3 },
  ),
  row('mount 3 mountflags', 'flags', [files.mountFlags], 'bind mounts, remounts, propagation'),
  row('umount2 1 flags', 'flags', [files.unmountFlags], 'MNT_DETACH unmounts what is in use'),
  row(
    'open_tree open_tree_attr 2 flags',
    'flags',
    [lookup, files.openTreeFlags, pick(files.openFlags, 'O_CLOEXEC')],
    'OPEN_TREE_CLONE copies mounts',
  ),
  row('move_mount 4 flags', 'flags', [files.moveMountFlags], 'where a mount may go'),
  row('fsopen 1 flags', 'flags', [files.fsopenFlags], 'closing on execve'),
  row('fsmount 1 flags', 'flags', [files.fsmountFlags], 'closing on execve'),
  row('fsmount 2 attr_flags', 'flags', [files.mountAttributes], 'read-only, no devices, no set-user-ID'),
  row('fspick 2 flags', 'flags', [files.fspickFlags], 'which mount'),
  row(
    'fsconfig 1 cmd',
    'enum',
    [files.fsconfigCommands],
    'FSCONFIG_CMD_CREATE reads a file system from a device',
  ),
  row(
    'quotactl 0 op',
    'enum+flags',
    [files.quotaCommands, files.quotaTypes],
    'the command above its quota type',
    { enumMask: 0xffffff00 },
  ),
  row(
    'quotactl_fd 1 op',
    'enum+flags',
    [files.quotaCommands, files.quotaTypes],
    'the command above its quota type',
    { enumMask: 0xffffff00 },
  ),
];

const protectionSets: readonly NameSet[] = [memory.protectionNone, memory.protections];
const mapSets: readonly NameSet[] = [memory.mapTypes, memory.mapFlags];

const memoryRows: readonly FieldRow[] = [
  row('mmap 2 prot', 'flags', protectionSets, 'PROT_EXEC with PROT_WRITE lets data run as code', {
    except: structMmap,
  }),
  row('mmap2 2 prot', 'flags', protectionSets, 'PROT_EXEC with PROT_WRITE lets data run as code'),
  row('mprotect pkey_mprotect 2 prot', 'flags', protectionSets, 'PROT_EXEC on memory that was written'),
  row('remap_file_pages 2 prot', 'flags', protectionSets, 'must be 0'),
  row('mmap 3 flags', 'enum+flags', mapSets, 'shared, anonymous, fixed; numbers differ on MIPS and PA-RISC', {
    enumMask: memory.mapTypeMask,
    except: structMmap,
  }),
  row(
    'mmap2 3 flags',
    'enum+flags',
    mapSets,
    'shared, anonymous, fixed; numbers differ on MIPS and PA-RISC',
    { enumMask: memory.mapTypeMask },
  ),
  row('mremap 3 flags', 'flags', [memory.remapFlags], 'MREMAP_FIXED replaces mappings'),
  row('msync 2 flags', 'flags', [memory.syncFlags], 'waiting or not'),
  row('mlockall 0 flags', 'flags', [memory.lockAllFlags], 'MCL_FUTURE keeps all memory to come'),
  row('mlock2 2 flags', 'flags', [memory.lockFlags], 'locking on the first use'),
  row(
    'madvise 2 advice',
    'enum',
    [memory.advice],
    'MADV_HWPOISON breaks pages, MADV_MERGEABLE tells them apart by time',
  ),
  row('process_madvise 3 advice', 'enum', [memory.advice], 'advice on the memory of another process'),
  row('pkey_alloc 1 access_rights', 'flags', [memory.protectionKeyRights], 'first rights of the key'),
  row('memfd_create 1 flags', 'flags', [memory.memfdFlags], 'files without a path that can be executed'),
  row('memfd_secret 0 flags', 'flags', [descriptorFlags], 'closing on execve'),
  row('mbind 2 mode', 'enum+flags', [memory.policyModes, memory.policyModeFlags], 'memory policy', {
    enumMask: 0xfff,
  }),
  row('set_mempolicy 0 mode', 'enum+flags', [memory.policyModes, memory.policyModeFlags], 'memory policy', {
    enumMask: 0xfff,
  }),
  row('mbind 5 flags', 'flags', [memory.bindFlags], 'MPOL_MF_MOVE_ALL moves pages of others'),
  row('shmat 2 shmflg', 'flags', [memory.sharedMemoryFlags], 'SHM_EXEC maps it executable', { octal: true }),
  row('shmget 2 shmflg', 'flags', [memory.ipcCreation, memory.sharedMemoryCreation], 'creating', {
    octal: true,
  }),
  row('msgget 1 msgflg', 'flags', [memory.ipcCreation], 'creating', { octal: true }),
  row('semget 2 semflg', 'flags', [memory.ipcCreation], 'creating', { octal: true }),
  row(
    'shmctl 1 op',
    'enum+flags',
    [memory.ipcCommands, memory.sharedMemoryCommands, memory.ipcVersion],
    'removing, locking',
    { enumMask: LOW_BYTE },
  ),
  row(
    'msgctl 1 op',
    'enum+flags',
    [memory.ipcCommands, memory.messageCommands, memory.ipcVersion],
    'removing',
    { enumMask: LOW_BYTE },
  ),
  row(
    'semctl 2 op',
    'enum+flags',
    [memory.ipcCommands, memory.semaphoreCommands, memory.ipcVersion],
    'removing, setting',
    { enumMask: LOW_BYTE },
  ),
  row('ipc 0 call', 'enum+flags', [memory.ipcCalls], 'the call it stands for; the upper half is a version', {
    enumMask: 0xffff,
  }),
];

const types: readonly NameSet[] = [network.socketTypes, network.socketTypeFlags];
const internet = { index: 0, names: ['AF_INET', 'AF_INET6'] };
const sockopt = 'getsockopt setsockopt';
const levels: readonly NameSet[] = [network.socketLevel, network.internetProtocols, network.otherLevels];
const optionReason = 'options that need no privilege have had bugs';

const networkRows: readonly FieldRow[] = [
  row(
    'socket 0 domain',
    'enum',
    [network.families],
    'AF_VSOCK, AF_ALG, AF_PACKET, AF_NETLINK reach past the container',
  ),
  row('socketpair 0 domain', 'enum', [network.families], 'only a few families have pairs'),
  row('socket socketpair 1 type', 'enum+flags', types, 'SOCK_RAW and SOCK_PACKET; numbers differ on MIPS', {
    enumMask: 0xf,
  }),
  row(
    'socket 2 protocol',
    'enum',
    [network.internetProtocols],
    'IPPROTO_SCTP, IPPROTO_MPTCP and other rare protocols',
    { when: internet },
  ),
  row('socket 2 protocol', 'enum', [network.netlinkProtocols], 'NETLINK_AUDIT and others of the kernel', {
    when: { index: 0, names: ['AF_NETLINK'] },
  }),
  row('accept4 3 flags', 'flags', [network.socketTypeFlags], 'closing on execve'),
  row(`${sockopt} 1 level`, 'enum', levels, optionReason),
  row(`${sockopt} 2 optname`, 'enum', [network.socketOptions, network.timedSocketOptions], optionReason, {
    when: { index: 1, names: ['SOL_SOCKET'] },
  }),
  row(`${sockopt} 2 optname`, 'enum', [network.ipOptions], optionReason, {
    when: { index: 1, names: ['IPPROTO_IP'] },
  }),
  row(`${sockopt} 2 optname`, 'enum', [network.ipv6Options], optionReason, {
    when: { index: 1, names: ['IPPROTO_IPV6'] },
  }),
  row(`${sockopt} 2 optname`, 'enum', [network.tcpOptions], 'TCP_ULP, TCP_REPAIR', {
    when: { index: 1, names: ['IPPROTO_TCP'] },
  }),
  row(
    'sendto recvfrom send recv sendmmsg recvmmsg recvmmsg_time64 3 flags',
    'flags',
    [network.messageFlags],
    'MSG_ZEROCOPY, MSG_OOB',
  ),
  row('sendmsg recvmsg 2 flags', 'flags', [network.messageFlags], 'MSG_ZEROCOPY, MSG_OOB'),
  row('shutdown 1 how', 'enum', [network.shutdownHow], 'which direction'),
  row(
    'socketcall 0 call',
    'enum',
    [network.socketCalls],
    'the call it stands for; its arguments are behind a pointer',
  ),
];

const requests: readonly NameSet[] = [
  ioctl.terminalRequests,
  ioctl.descriptorRequests,
  ioctl.fileRequests,
  ioctl.namespaceRequests,
  ioctl.networkRequests,
  ioctl.loopRequests,
  ioctl.seccompRequests,
  ioctl.perfRequests,
  ioctl.userfaultRequests,
];

const facilityRows: readonly FieldRow[] = [
  row('ioctl 1 request', 'enum', requests, 'TIOCSTI and TIOCLINUX type into the terminal of others'),
  row('keyctl 0 op', 'enum', [facilities.keyOperations], 'keys are not namespaced'),
  row('keyctl 1 arg2', 'enum', [facilities.keyrings], 'which keyring'),
  row('add_key 4 keyring', 'enum', [facilities.keyrings], 'which keyring'),
  row('request_key 3 dest_keyring', 'enum', [facilities.keyrings], 'which keyring'),
  row('bpf 0 cmd', 'enum', [facilities.bpfCommands], 'loading programs or only reading maps'),
  row(
    'perf_event_open 4 flags',
    'flags',
    [facilities.perfFlags],
    'PERF_FLAG_PID_CGROUP looks at whole groups',
  ),
  row(
    'io_uring_register 1 opcode',
    'enum',
    [facilities.ringRegistrations],
    'IORING_REGISTER_RESTRICTIONS limits a ring',
  ),
  row('io_uring_enter 3 flags', 'flags', [facilities.ringEnterFlags], 'how it waits'),
  row(
    'landlock_create_ruleset 2 flags',
    'flags',
    [facilities.landlockRulesetFlags],
    'asking for the version',
  ),
  row('landlock_add_rule 1 rule_type', 'enum', [facilities.landlockRules], 'which kind of rule'),
  row(
    'userfaultfd 0 flags',
    'flags',
    [descriptorFlags, facilities.userfaultFlags],
    'without UFFD_USER_MODE_ONLY it can stop the kernel at a fault',
  ),
  row('finit_module 2 flags', 'flags', [facilities.moduleFlags], 'loading without checks'),
  row('kexec_load 3 flags', 'flags', [facilities.kexecFlags], 'which kernel'),
  row('kexec_file_load 4 flags', 'flags', [facilities.kexecFileFlags], 'which kernel'),
];

/** All rows; of several for one argument the first that holds counts. */
export const fieldRows: readonly FieldRow[] = [
  ...processRows,
  ...fileRows,
  ...memoryRows,
  ...networkRows,
  ...facilityRows,
];
