/**
 * Rows of calls about files and descriptors.
 * @module
 */
import type { ArchName } from '../architectures.ts';
import { descriptorFlags, type FieldRow, openFlags, row } from './field-row.ts';

/** Where `loff_t` takes one argument. */
const wholeOffsets: readonly ArchName[] = [
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
  // Their registers have 64 bits.
  'x32',
  'mips64n32',
  'mipsel64n32',
];

const atFlagsReason = 'AT_EMPTY_PATH works on a descriptor instead of a path';
const openReason = 'writing, creating, O_TMPFILE; numbers differ between architectures';

export const fileRows = (): readonly FieldRow[] => [
  row('open 1 flags', 'enum+flags', ['openAccess', 'openFlags'], openReason, { enumMask: 3 }),
  row('openat 2 flags', 'enum+flags', ['openAccess', 'openFlags'], openReason, { enumMask: 3 }),
  row('open_by_handle_at 2 flags', 'enum+flags', ['openAccess', 'openFlags'], openReason, {
    enumMask: 3,
  }),
  row('mq_open 1 oflag', 'enum+flags', ['openAccess', 'openFlags'], openReason, { enumMask: 3 }),
  row('open 2 mode', 'flags', ['permissionBits'], 'creating set-user-ID files', { octal: true }),
  row('openat 3 mode', 'flags', ['permissionBits'], 'creating set-user-ID files', { octal: true }),
  row(
    'creat chmod fchmod mkdir 1 mode',
    'flags',
    ['permissionBits'],
    'S_ISUID and S_ISGID make files run as their owner',
    { octal: true },
  ),
  row(
    'fchmodat fchmodat2 mkdirat 2 mode',
    'flags',
    ['permissionBits'],
    'S_ISUID and S_ISGID make files run as their owner',
    { octal: true },
  ),
  row('umask 0 mask', 'flags', [], 'permission bits', { octal: true }),
  row('mknod 1 mode', 'enum+flags', ['fileTypes', 'permissionBits'], 'S_IFBLK and S_IFCHR make devices', {
    enumMask: 0o170000,
    octal: true,
  }),
  row('mknodat 2 mode', 'enum+flags', ['fileTypes', 'permissionBits'], 'S_IFBLK and S_IFCHR make devices', {
    enumMask: 0o170000,
    octal: true,
  }),
  row('access 1 mode', 'flags', ['accessNone', 'accessModes'], 'which rights are asked for'),
  row('faccessat faccessat2 2 mode', 'flags', ['accessNone', 'accessModes'], 'which rights are asked for'),
  row('faccessat2 3 flags', 'flags', ['atFlags', 'faccessFlags'], atFlagsReason),
  row(
    'openat openat2 mkdirat mknodat fchownat futimesat newfstatat fstatat64 unlinkat renameat renameat2 linkat readlinkat fchmodat fchmodat2 faccessat faccessat2 utimensat utimensat_time64 name_to_handle_at execveat statx open_tree open_tree_attr fspick move_mount mount_setattr setxattrat getxattrat listxattrat removexattrat file_getattr file_setattr 0 dirfd',
    'enum',
    ['folderFd'],
    'paths relative to the working directory',
  ),
  row('symlinkat 1 newdirfd', 'enum', ['folderFd'], 'paths relative to the working directory'),
  row(
    'linkat renameat renameat2 move_mount 2 newdirfd',
    'enum',
    ['folderFd'],
    'paths relative to the working directory',
  ),
  row(
    'newfstatat fstatat64 utimensat utimensat_time64 fchmodat2 3 flags',
    'flags',
    ['atFlags'],
    atFlagsReason,
  ),
  row('fchownat linkat name_to_handle_at 4 flags', 'flags', ['atFlags'], atFlagsReason),
  row(
    'execveat 4 flags',
    'flags',
    ['atFlags', 'execveatFlags'],
    'AT_EMPTY_PATH runs a file without a path (fexecve)',
  ),
  row('statx 2 flags', 'flags', ['atFlags', 'statxFlags'], atFlagsReason),
  row('unlinkat 2 flags', 'flags', ['unlinkFlags'], 'files or folders'),
  row('mount_setattr 2 flags', 'flags', ['atFlags'], 'AT_RECURSIVE reaches all mounts below'),
  row(
    'fcntl fcntl64 1 op',
    'enum',
    ['fcntlCommands'],
    'F_SETOWN, F_NOTIFY, F_SETLEASE reach other processes',
  ),
  row('fcntl fcntl64 2 arg', 'enum+flags', ['openAccess', 'openFlags'], 'status flags', {
    enumMask: 3,
    when: { index: 1, names: ['F_SETFL'] },
  }),
  row('fcntl fcntl64 2 arg', 'flags', ['descriptorFlags'], 'descriptor flags', {
    when: { index: 1, names: ['F_SETFD'] },
  }),
  row('fcntl fcntl64 2 arg', 'flags', ['seals'], 'seals are for ever', {
    when: { index: 1, names: ['F_ADD_SEALS'] },
  }),
  row('lseek 2 whence', 'enum', ['seekWhence'], 'the starting point'),
  row('_llseek 4 whence', 'enum', ['seekWhence'], 'the starting point'),
  row('flock 1 op', 'flags', ['lockOperations'], 'which lock'),
  row('renameat2 4 flags', 'flags', ['renameFlags'], 'RENAME_WHITEOUT makes a device node'),
  row('fallocate 1 mode', 'flags', ['fallocateModes'], 'allocating or punching holes'),
  row('setxattr lsetxattr fsetxattr 4 flags', 'flags', ['xattrFlags'], 'creating or replacing'),
  row('preadv2 pwritev2 5 flags', 'flags', ['readWriteFlags'], 'RWF_NOWAIT and later flags have had bugs'),
  row('sync_file_range 3 flags', 'flags', ['syncFileRangeFlags'], 'what to wait for', {
    archs: wholeOffsets,
  }),
  row('sync_file_range2 1 flags', 'flags', ['syncFileRangeFlags'], 'what to wait for'),
  row('fadvise64 3 advice', 'enum', ['fadviseAdvice'], 'which advice', { archs: wholeOffsets }),
  row('arm_fadvise64_64 1 advice', 'enum', ['fadviseAdvice'], 'which advice'),
  row('close_range 2 flags', 'flags', ['closeRangeFlags'], 'closing now or on execve'),
  row('dup3 2 flags', 'flags', [descriptorFlags], 'closing on execve'),
  row('pipe2 1 flags', 'flags', [openFlags('O_CLOEXEC', 'O_NONBLOCK', 'O_DIRECT')], 'packet mode'),
  row('epoll_create1 0 flags', 'flags', [descriptorFlags], 'closing on execve'),
  row('inotify_init1 0 flags', 'flags', [descriptorFlags], 'closing on execve'),
  row('signalfd4 3 flags', 'flags', [descriptorFlags], 'closing on execve'),
  row('eventfd2 1 flags', 'flags', [descriptorFlags, 'eventfdFlags'], 'semaphores'),
  row('timerfd_create 1 flags', 'flags', [descriptorFlags], 'closing on execve'),
  row('splice 5 flags', 'flags', ['spliceFlags'], 'how pages move'),
  row('tee vmsplice 3 flags', 'flags', ['spliceFlags'], 'SPLICE_F_GIFT gives pages away'),
  row('epoll_ctl 1 op', 'enum', ['epollOperations'], 'which operation'),
  row('getrandom 2 flags', 'flags', ['randomFlags'], 'GRND_RANDOM may block'),
  row('fanotify_init 0 flags', 'flags', ['fanotifyInitFlags'], 'permission events hold up other processes'),
  row(
    'fanotify_init 1 event_f_flags',
    'enum+flags',
    ['openAccess', 'openFlags'],
    'how the reported files are opened',
    { enumMask: 3 },
  ),
  row('mount 3 mountflags', 'flags', ['mountFlags'], 'bind mounts, remounts, propagation'),
  row('umount2 1 flags', 'flags', ['unmountFlags'], 'MNT_DETACH unmounts what is in use'),
  row(
    'open_tree open_tree_attr 2 flags',
    'flags',
    ['atFlags', 'openTreeFlags', openFlags('O_CLOEXEC')],
    'OPEN_TREE_CLONE copies mounts',
  ),
  row('move_mount 4 flags', 'flags', ['moveMountFlags'], 'where a mount may go'),
  row('fsopen 1 flags', 'flags', ['fsopenFlags'], 'closing on execve'),
  row('fsmount 1 flags', 'flags', ['fsmountFlags'], 'closing on execve'),
  row('fsmount 2 attr_flags', 'flags', ['mountAttributes'], 'read-only, no devices, no set-user-ID'),
  row('fspick 2 flags', 'flags', ['fspickFlags'], 'which mount'),
  row(
    'fsconfig 1 cmd',
    'enum',
    ['fsconfigCommands'],
    'FSCONFIG_CMD_CREATE reads a file system from a device',
  ),
  row('quotactl 0 op', 'enum+flags', ['quotaCommands', 'quotaTypes'], 'the command above its quota type', {
    enumMask: 0xffffff00,
  }),
  row('quotactl_fd 1 op', 'enum+flags', ['quotaCommands', 'quotaTypes'], 'the command above its quota type', {
    enumMask: 0xffffff00,
  }),
];
