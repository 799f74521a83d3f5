/**
 * Names of flags, modes and commands that system calls about files and mounts take.
 *
 * Values are x86_64's; `differs` says what other architectures have instead, null what they lack.
 * Source: the headers each set names, Linux 7.2 (uapi) or, where the kernel exports none, glibc's.
 * @module
 */
import type { NameSet } from './name-set.ts';

/** open(2): the access mode, the low two bits. */
export const openAccess = {
  headers: ['linux/fcntl.h'],
  values: { O_RDONLY: 0o0, O_WRONLY: 0o1, O_RDWR: 0o2 },
} as const satisfies NameSet;

/** open(2): flags. */
export const openFlags = {
  headers: ['linux/fcntl.h'],
  values: {
    O_CREAT: 0o100,
    O_EXCL: 0o200,
    O_NOCTTY: 0o400,
    O_TRUNC: 0o1000,
    O_APPEND: 0o2000,
    O_NONBLOCK: 0o4000,
    O_DSYNC: 0o10000,
    FASYNC: 0o20000,
    O_DIRECT: 0o40000,
    O_LARGEFILE: 0o100000,
    O_DIRECTORY: 0o200000,
    O_NOFOLLOW: 0o400000,
    O_NOATIME: 0o1000000,
    O_CLOEXEC: 0o2000000,
    O_SYNC: 0o4010000,
    O_PATH: 0o10000000,
    O_TMPFILE: 0o20200000,
  },
  differs: [
    {
      archs: ['mips', 'mips64', 'mips64n32', 'mipsel', 'mipsel64', 'mipsel64n32'],
      values: {
        O_CREAT: 0o400,
        O_EXCL: 0o2000,
        O_NOCTTY: 0o4000,
        O_APPEND: 0o10,
        O_NONBLOCK: 0o200,
        O_DSYNC: 0o20,
        FASYNC: 0o10000,
        O_DIRECT: 0o100000,
        O_LARGEFILE: 0o20000,
        O_SYNC: 0o40020,
      },
    },
    {
      archs: ['parisc', 'parisc64'],
      values: {
        O_CREAT: 0o400,
        O_EXCL: 0o2000,
        O_NOCTTY: 0o400000,
        O_APPEND: 0o10,
        O_NONBLOCK: 0o200000,
        O_DSYNC: 0o1000000,
        O_LARGEFILE: 0o4000,
        O_DIRECTORY: 0o10000,
        O_NOFOLLOW: 0o200,
        O_NOATIME: 0o4000000,
        O_CLOEXEC: 0o10000000,
        O_SYNC: 0o1100000,
        O_PATH: 0o20000000,
        O_TMPFILE: 0o40010000,
      },
    },
    {
      archs: ['arm', 'aarch64', 'm68k'],
      values: {
        O_DIRECT: 0o200000,
        O_LARGEFILE: 0o400000,
        O_DIRECTORY: 0o40000,
        O_NOFOLLOW: 0o100000,
        O_TMPFILE: 0o20040000,
      },
    },
    {
      archs: ['ppc', 'ppc64', 'ppc64le'],
      values: {
        O_DIRECT: 0o400000,
        O_LARGEFILE: 0o200000,
        O_DIRECTORY: 0o40000,
        O_NOFOLLOW: 0o100000,
        O_TMPFILE: 0o20040000,
      },
    },
  ],
} as const satisfies NameSet;

/** access(2): mode. */
export const accessModes = {
  headers: ['unistd.h'],
  libc: true,
  values: { X_OK: 1, W_OK: 2, R_OK: 4 },
} as const satisfies NameSet;

/** access(2): mode 0, does the file exist. */
export const accessNone = {
  headers: ['unistd.h'],
  libc: true,
  values: { F_OK: 0 },
} as const satisfies NameSet;

/** The *at calls: dirfd. */
export const folderFd = {
  headers: ['linux/fcntl.h'],
  values: { AT_FDCWD: -100 },
} as const satisfies NameSet;

/** The *at calls: flags common to most. */
export const atFlags = {
  headers: ['linux/fcntl.h'],
  values: {
    AT_SYMLINK_NOFOLLOW: 0x100,
    AT_SYMLINK_FOLLOW: 0x400,
    AT_NO_AUTOMOUNT: 0x800,
    AT_EMPTY_PATH: 0x1000,
    AT_RECURSIVE: 0x8000,
  },
} as const satisfies NameSet;

/** faccessat2(2): a flag of its own. */
export const faccessFlags = {
  headers: ['linux/fcntl.h'],
  values: { AT_EACCESS: 0x200 },
} as const satisfies NameSet;

/** unlinkat(2): flags. */
export const unlinkFlags = {
  headers: ['linux/fcntl.h'],
  values: { AT_REMOVEDIR: 0x200 },
} as const satisfies NameSet;

/** statx(2): how fresh the answer has to be. */
export const statxFlags = {
  headers: ['linux/fcntl.h'],
  values: { AT_STATX_FORCE_SYNC: 0x2000, AT_STATX_DONT_SYNC: 0x4000 },
} as const satisfies NameSet;

/** execveat(2): a flag of its own. */
export const execveatFlags = {
  headers: ['linux/fcntl.h'],
  values: { AT_EXECVE_CHECK: 0x10000 },
} as const satisfies NameSet;

/** fcntl(2): op. */
export const fcntlCommands = {
  headers: ['linux/fcntl.h'],
  values: {
    F_DUPFD: 0,
    F_GETFD: 1,
    F_SETFD: 2,
    F_GETFL: 3,
    F_SETFL: 4,
    F_GETLK: 5,
    F_SETLK: 6,
    F_SETLKW: 7,
    F_SETOWN: 8,
    F_GETOWN: 9,
    F_SETSIG: 10,
    F_GETSIG: 11,
    F_SETOWN_EX: 15,
    F_GETOWN_EX: 16,
    F_GETOWNER_UIDS: 17,
    F_OFD_GETLK: 36,
    F_OFD_SETLK: 37,
    F_OFD_SETLKW: 38,
    F_SETLEASE: 1024,
    F_GETLEASE: 1025,
    F_NOTIFY: 1026,
    F_DUPFD_QUERY: 1027,
    F_CREATED_QUERY: 1028,
    F_CANCELLK: 1029,
    F_DUPFD_CLOEXEC: 1030,
    F_SETPIPE_SZ: 1031,
    F_GETPIPE_SZ: 1032,
    F_ADD_SEALS: 1033,
    F_GET_SEALS: 1034,
    F_GET_RW_HINT: 1035,
    F_SET_RW_HINT: 1036,
    F_GET_FILE_RW_HINT: 1037,
    F_SET_FILE_RW_HINT: 1038,
    F_GETDELEG: 1039,
    F_SETDELEG: 1040,
  },
  differs: [
    {
      archs: ['mips', 'mips64n32', 'mipsel', 'mipsel64n32'],
      values: { F_GETLK: 14, F_SETOWN: 24, F_GETOWN: 23, F_GETLK64: 33, F_SETLK64: 34, F_SETLKW64: 35 },
    },
    { archs: ['mips64', 'mipsel64'], values: { F_GETLK: 14, F_SETOWN: 24, F_GETOWN: 23 } },
    {
      archs: ['parisc', 'parisc64'],
      values: {
        F_SETOWN: 12,
        F_GETOWN: 11,
        F_GETLK64: 8,
        F_SETLK64: 9,
        F_SETLKW64: 10,
        F_SETSIG: 13,
        F_GETSIG: 14,
      },
    },
    {
      archs: ['x86', 'x32', 'arm', 'm68k', 'ppc', 'sh', 'sheb'],
      values: { F_GETLK64: 12, F_SETLK64: 13, F_SETLKW64: 14 },
    },
  ],
} as const satisfies NameSet;

/** F_SETFD(2const). */
export const descriptorFlags = {
  headers: ['linux/fcntl.h'],
  values: { FD_CLOEXEC: 1 },
} as const satisfies NameSet;

/** F_ADD_SEALS(2const). */
export const seals = {
  headers: ['linux/fcntl.h'],
  values: {
    F_SEAL_SEAL: 1,
    F_SEAL_SHRINK: 2,
    F_SEAL_GROW: 4,
    F_SEAL_WRITE: 8,
    F_SEAL_FUTURE_WRITE: 0x10,
    F_SEAL_EXEC: 0x20,
  },
} as const satisfies NameSet;

/** chmod(2): the bits above rwxrwxrwx. */
export const permissionBits = {
  headers: ['linux/stat.h'],
  values: { S_ISUID: 0o4000, S_ISGID: 0o2000, S_ISVTX: 0o1000 },
} as const satisfies NameSet;

/** mknod(2): the type in mode. */
export const fileTypes = {
  headers: ['linux/stat.h'],
  values: {
    S_IFIFO: 0o10000,
    S_IFCHR: 0o20000,
    S_IFDIR: 0o40000,
    S_IFBLK: 0o60000,
    S_IFREG: 0o100000,
    S_IFLNK: 0o120000,
    S_IFSOCK: 0o140000,
  },
} as const satisfies NameSet;

/** lseek(2): whence. */
export const seekWhence = {
  headers: ['linux/fs.h'],
  values: { SEEK_SET: 0, SEEK_CUR: 1, SEEK_END: 2, SEEK_DATA: 3, SEEK_HOLE: 4 },
} as const satisfies NameSet;

/** flock(2): op. */
export const lockOperations = {
  headers: ['linux/fcntl.h'],
  values: { LOCK_SH: 1, LOCK_EX: 2, LOCK_UN: 8, LOCK_NB: 4 },
} as const satisfies NameSet;

/** renameat2(2): flags. */
export const renameFlags = {
  headers: ['linux/fs.h'],
  values: { RENAME_NOREPLACE: 1, RENAME_EXCHANGE: 2, RENAME_WHITEOUT: 4 },
} as const satisfies NameSet;

/** fallocate(2): mode. */
export const fallocateModes = {
  headers: ['linux/falloc.h'],
  values: {
    FALLOC_FL_ALLOCATE_RANGE: 0,
    FALLOC_FL_KEEP_SIZE: 1,
    FALLOC_FL_PUNCH_HOLE: 2,
    FALLOC_FL_COLLAPSE_RANGE: 8,
    FALLOC_FL_ZERO_RANGE: 0x10,
    FALLOC_FL_INSERT_RANGE: 0x20,
    FALLOC_FL_UNSHARE_RANGE: 0x40,
    FALLOC_FL_WRITE_ZEROES: 0x80,
  },
} as const satisfies NameSet;

/** setxattr(2): flags. */
export const xattrFlags = {
  headers: ['linux/xattr.h'],
  values: { XATTR_CREATE: 1, XATTR_REPLACE: 2 },
} as const satisfies NameSet;

/** preadv2(2), pwritev2(2): flags. */
export const readWriteFlags = {
  headers: ['linux/fs.h'],
  values: {
    RWF_HIPRI: 1,
    RWF_DSYNC: 2,
    RWF_SYNC: 4,
    RWF_NOWAIT: 8,
    RWF_APPEND: 0x10,
    RWF_NOAPPEND: 0x20,
    RWF_ATOMIC: 0x40,
    RWF_DONTCACHE: 0x80,
    RWF_NOSIGNAL: 0x100,
  },
} as const satisfies NameSet;

/** sync_file_range(2): flags. */
export const syncFileRangeFlags = {
  headers: ['linux/fs.h'],
  values: { SYNC_FILE_RANGE_WAIT_BEFORE: 1, SYNC_FILE_RANGE_WRITE: 2, SYNC_FILE_RANGE_WAIT_AFTER: 4 },
} as const satisfies NameSet;

/** posix_fadvise(2): advice. */
export const fadviseAdvice = {
  headers: ['linux/fadvise.h'],
  values: {
    POSIX_FADV_NORMAL: 0,
    POSIX_FADV_RANDOM: 1,
    POSIX_FADV_SEQUENTIAL: 2,
    POSIX_FADV_WILLNEED: 3,
    POSIX_FADV_DONTNEED: 4,
    POSIX_FADV_NOREUSE: 5,
  },
  differs: [{ archs: ['s390x'], values: { POSIX_FADV_DONTNEED: 6, POSIX_FADV_NOREUSE: 7 } }],
} as const satisfies NameSet;

/** close_range(2): flags. */
export const closeRangeFlags = {
  headers: ['linux/close_range.h'],
  values: { CLOSE_RANGE_UNSHARE: 2, CLOSE_RANGE_CLOEXEC: 4 },
} as const satisfies NameSet;

/** splice(2), tee(2), vmsplice(2): flags. */
export const spliceFlags = {
  headers: ['fcntl.h'],
  libc: true,
  values: { SPLICE_F_MOVE: 1, SPLICE_F_NONBLOCK: 2, SPLICE_F_MORE: 4, SPLICE_F_GIFT: 8 },
} as const satisfies NameSet;

/** mount(2): mountflags. */
export const mountFlags = {
  headers: ['linux/mount.h'],
  values: {
    MS_RDONLY: 1,
    MS_NOSUID: 2,
    MS_NODEV: 4,
    MS_NOEXEC: 8,
    MS_SYNCHRONOUS: 0x10,
    MS_REMOUNT: 0x20,
    MS_MANDLOCK: 0x40,
    MS_DIRSYNC: 0x80,
    MS_NOSYMFOLLOW: 0x100,
    MS_NOATIME: 0x400,
    MS_NODIRATIME: 0x800,
    MS_BIND: 0x1000,
    MS_MOVE: 0x2000,
    MS_REC: 0x4000,
    MS_SILENT: 0x8000,
    MS_POSIXACL: 0x10000,
    MS_UNBINDABLE: 0x20000,
    MS_PRIVATE: 0x40000,
    MS_SLAVE: 0x80000,
    MS_SHARED: 0x100000,
    MS_RELATIME: 0x200000,
    MS_KERNMOUNT: 0x400000,
    MS_I_VERSION: 0x800000,
    MS_STRICTATIME: 0x1000000,
    MS_LAZYTIME: 0x2000000,
  },
} as const satisfies NameSet;

/** umount2(2): flags. */
export const unmountFlags = {
  headers: ['sys/mount.h'],
  libc: true,
  values: { MNT_FORCE: 1, MNT_DETACH: 2, MNT_EXPIRE: 4, UMOUNT_NOFOLLOW: 8 },
} as const satisfies NameSet;

/** open_tree(2): flags beside AT_*. */
export const openTreeFlags = {
  headers: ['linux/mount.h'],
  values: { OPEN_TREE_CLONE: 1 },
} as const satisfies NameSet;

/** move_mount(2): flags. */
export const moveMountFlags = {
  headers: ['linux/mount.h'],
  values: {
    MOVE_MOUNT_F_SYMLINKS: 1,
    MOVE_MOUNT_F_AUTOMOUNTS: 2,
    MOVE_MOUNT_F_EMPTY_PATH: 4,
    MOVE_MOUNT_T_SYMLINKS: 0x10,
    MOVE_MOUNT_T_AUTOMOUNTS: 0x20,
    MOVE_MOUNT_T_EMPTY_PATH: 0x40,
    MOVE_MOUNT_SET_GROUP: 0x100,
    MOVE_MOUNT_BENEATH: 0x200,
  },
} as const satisfies NameSet;

/** fsopen(2): flags. */
export const fsopenFlags = {
  headers: ['linux/mount.h'],
  values: { FSOPEN_CLOEXEC: 1 },
} as const satisfies NameSet;

/** fsmount(2): flags. */
export const fsmountFlags = {
  headers: ['linux/mount.h'],
  values: { FSMOUNT_CLOEXEC: 1 },
} as const satisfies NameSet;

/** fspick(2): flags. */
export const fspickFlags = {
  headers: ['linux/mount.h'],
  values: { FSPICK_CLOEXEC: 1, FSPICK_SYMLINK_NOFOLLOW: 2, FSPICK_NO_AUTOMOUNT: 4, FSPICK_EMPTY_PATH: 8 },
} as const satisfies NameSet;

/** fsconfig(2): cmd. */
export const fsconfigCommands = {
  headers: ['linux/mount.h'],
  values: {
    FSCONFIG_SET_FLAG: 0,
    FSCONFIG_SET_STRING: 1,
    FSCONFIG_SET_BINARY: 2,
    FSCONFIG_SET_PATH: 3,
    FSCONFIG_SET_PATH_EMPTY: 4,
    FSCONFIG_SET_FD: 5,
    FSCONFIG_CMD_CREATE: 6,
    FSCONFIG_CMD_RECONFIGURE: 7,
    FSCONFIG_CMD_CREATE_EXCL: 8,
  },
} as const satisfies NameSet;

/** fsmount(2): attr_flags. */
export const mountAttributes = {
  headers: ['linux/mount.h'],
  values: {
    MOUNT_ATTR_RDONLY: 1,
    MOUNT_ATTR_NOSUID: 2,
    MOUNT_ATTR_NODEV: 4,
    MOUNT_ATTR_NOEXEC: 8,
    MOUNT_ATTR_NOATIME: 0x10,
    MOUNT_ATTR_STRICTATIME: 0x20,
    MOUNT_ATTR_NODIRATIME: 0x80,
    MOUNT_ATTR_NOSYMFOLLOW: 0x200000,
  },
} as const satisfies NameSet;

/** quotactl(2): op, as QCMD() puts it above the quota type. */
export const quotaCommands = {
  headers: ['linux/quota.h'],
  expression: 'QCMD(%, 0)',
  values: {
    Q_SYNC: -2147483392,
    Q_QUOTAON: -2147483136,
    Q_QUOTAOFF: -2147482880,
    Q_GETFMT: -2147482624,
    Q_GETINFO: -2147482368,
    Q_SETINFO: -2147482112,
    Q_GETQUOTA: -2147481856,
    Q_SETQUOTA: -2147481600,
    Q_GETNEXTQUOTA: -2147481344,
  },
} as const satisfies NameSet;

/** quotactl(2): the quota type in op. */
export const quotaTypes = {
  headers: ['linux/quota.h'],
  values: { USRQUOTA: 0, GRPQUOTA: 1, PRJQUOTA: 2 },
} as const satisfies NameSet;

/** fanotify_init(2): flags. */
export const fanotifyInitFlags = {
  headers: ['linux/fanotify.h'],
  values: {
    FAN_CLOEXEC: 1,
    FAN_NONBLOCK: 2,
    FAN_CLASS_CONTENT: 4,
    FAN_CLASS_PRE_CONTENT: 8,
    FAN_UNLIMITED_QUEUE: 0x10,
    FAN_UNLIMITED_MARKS: 0x20,
    FAN_ENABLE_AUDIT: 0x40,
    FAN_REPORT_PIDFD: 0x80,
    FAN_REPORT_TID: 0x100,
    FAN_REPORT_FID: 0x200,
    FAN_REPORT_DIR_FID: 0x400,
    FAN_REPORT_NAME: 0x800,
    FAN_REPORT_TARGET_FID: 0x1000,
  },
} as const satisfies NameSet;

/** epoll_ctl(2): op. */
export const epollOperations = {
  headers: ['linux/eventpoll.h'],
  values: { EPOLL_CTL_ADD: 1, EPOLL_CTL_DEL: 2, EPOLL_CTL_MOD: 3 },
} as const satisfies NameSet;

/** eventfd(2): a flag beside O_CLOEXEC and O_NONBLOCK. */
export const eventfdFlags = {
  headers: ['sys/eventfd.h'],
  libc: true,
  values: { EFD_SEMAPHORE: 1 },
} as const satisfies NameSet;

/** getrandom(2): flags. */
export const randomFlags = {
  headers: ['linux/random.h'],
  values: { GRND_NONBLOCK: 1, GRND_RANDOM: 2, GRND_INSECURE: 4 },
} as const satisfies NameSet;
