/**
 * Names of files: which constants belong together, and where they are defined.
 * @module
 */
import type { NameSetRow } from './name-set-row.ts';

export const filesSets: readonly NameSetRow[] = [
  // open(2): the access mode, the low two bits
  {
    id: 'openAccess',
    headers: ['linux/fcntl.h'],
    names: `O_RDONLY O_WRONLY O_RDWR`,
  },
  // open(2): flags
  {
    id: 'openFlags',
    headers: ['linux/fcntl.h'],
    names: `
      O_CREAT O_EXCL O_NOCTTY O_TRUNC O_APPEND O_NONBLOCK O_DSYNC FASYNC O_DIRECT O_LARGEFILE
      O_DIRECTORY O_NOFOLLOW O_NOATIME O_CLOEXEC O_SYNC O_PATH O_TMPFILE`,
  },
  // access(2): mode
  {
    id: 'accessModes',
    headers: ['unistd.h'],
    libc: true,
    names: `X_OK W_OK R_OK`,
  },
  // access(2): mode 0, does the file exist
  {
    id: 'accessNone',
    headers: ['unistd.h'],
    libc: true,
    names: `F_OK`,
  },
  // The *at calls: dirfd
  {
    id: 'folderFd',
    headers: ['linux/fcntl.h'],
    names: `AT_FDCWD`,
  },
  // The *at calls: flags common to most
  {
    id: 'atFlags',
    headers: ['linux/fcntl.h'],
    names: `AT_SYMLINK_NOFOLLOW AT_SYMLINK_FOLLOW AT_NO_AUTOMOUNT AT_EMPTY_PATH AT_RECURSIVE`,
  },
  // faccessat2(2): a flag of its own
  {
    id: 'faccessFlags',
    headers: ['linux/fcntl.h'],
    names: `AT_EACCESS`,
  },
  // unlinkat(2): flags
  {
    id: 'unlinkFlags',
    headers: ['linux/fcntl.h'],
    names: `AT_REMOVEDIR`,
  },
  // statx(2): how fresh the answer has to be
  {
    id: 'statxFlags',
    headers: ['linux/fcntl.h'],
    names: `AT_STATX_FORCE_SYNC AT_STATX_DONT_SYNC`,
  },
  // execveat(2): a flag of its own
  {
    id: 'execveatFlags',
    headers: ['linux/fcntl.h'],
    names: `AT_EXECVE_CHECK`,
  },
  // fcntl(2): op
  {
    id: 'fcntlCommands',
    headers: ['linux/fcntl.h'],
    names: `
      F_DUPFD F_GETFD F_SETFD F_GETFL F_SETFL F_GETLK F_SETLK F_SETLKW F_SETOWN F_GETOWN F_SETSIG
      F_GETSIG F_SETOWN_EX F_GETOWN_EX F_GETOWNER_UIDS F_OFD_GETLK F_OFD_SETLK F_OFD_SETLKW F_SETLEASE
      F_GETLEASE F_NOTIFY F_DUPFD_QUERY F_CREATED_QUERY F_CANCELLK F_DUPFD_CLOEXEC F_SETPIPE_SZ
      F_GETPIPE_SZ F_ADD_SEALS F_GET_SEALS F_GET_RW_HINT F_SET_RW_HINT F_GET_FILE_RW_HINT
      F_SET_FILE_RW_HINT F_GETDELEG F_SETDELEG F_GETLK64 F_SETLK64 F_SETLKW64`,
  },
  // F_SETFD(2const)
  {
    id: 'descriptorFlags',
    headers: ['linux/fcntl.h'],
    names: `FD_CLOEXEC`,
  },
  // F_ADD_SEALS(2const)
  {
    id: 'seals',
    headers: ['linux/fcntl.h'],
    names: `F_SEAL_SEAL F_SEAL_SHRINK F_SEAL_GROW F_SEAL_WRITE F_SEAL_FUTURE_WRITE F_SEAL_EXEC`,
  },
  // chmod(2): the bits above rwxrwxrwx
  {
    id: 'permissionBits',
    headers: ['linux/stat.h'],
    names: `S_ISUID S_ISGID S_ISVTX`,
  },
  // mknod(2): the type in mode
  {
    id: 'fileTypes',
    headers: ['linux/stat.h'],
    names: `S_IFIFO S_IFCHR S_IFDIR S_IFBLK S_IFREG S_IFLNK S_IFSOCK`,
  },
  // lseek(2): whence
  {
    id: 'seekWhence',
    headers: ['linux/fs.h'],
    names: `SEEK_SET SEEK_CUR SEEK_END SEEK_DATA SEEK_HOLE`,
  },
  // flock(2): op
  {
    id: 'lockOperations',
    headers: ['linux/fcntl.h'],
    names: `LOCK_SH LOCK_EX LOCK_UN LOCK_NB`,
  },
  // renameat2(2): flags
  {
    id: 'renameFlags',
    headers: ['linux/fs.h'],
    names: `RENAME_NOREPLACE RENAME_EXCHANGE RENAME_WHITEOUT`,
  },
  // fallocate(2): mode
  {
    id: 'fallocateModes',
    headers: ['linux/falloc.h'],
    names: `
      FALLOC_FL_ALLOCATE_RANGE FALLOC_FL_KEEP_SIZE FALLOC_FL_PUNCH_HOLE FALLOC_FL_COLLAPSE_RANGE
      FALLOC_FL_ZERO_RANGE FALLOC_FL_INSERT_RANGE FALLOC_FL_UNSHARE_RANGE FALLOC_FL_WRITE_ZEROES`,
  },
  // setxattr(2): flags
  {
    id: 'xattrFlags',
    headers: ['linux/xattr.h'],
    names: `XATTR_CREATE XATTR_REPLACE`,
  },
  // preadv2(2), pwritev2(2): flags
  {
    id: 'readWriteFlags',
    headers: ['linux/fs.h'],
    names: `
      RWF_HIPRI RWF_DSYNC RWF_SYNC RWF_NOWAIT RWF_APPEND RWF_NOAPPEND RWF_ATOMIC RWF_DONTCACHE
      RWF_NOSIGNAL`,
  },
  // sync_file_range(2): flags
  {
    id: 'syncFileRangeFlags',
    headers: ['linux/fs.h'],
    names: `SYNC_FILE_RANGE_WAIT_BEFORE SYNC_FILE_RANGE_WRITE SYNC_FILE_RANGE_WAIT_AFTER`,
  },
  // posix_fadvise(2): advice
  {
    id: 'fadviseAdvice',
    headers: ['linux/fadvise.h'],
    names: `
      POSIX_FADV_NORMAL POSIX_FADV_RANDOM POSIX_FADV_SEQUENTIAL POSIX_FADV_WILLNEED POSIX_FADV_DONTNEED
      POSIX_FADV_NOREUSE`,
  },
  // close_range(2): flags
  {
    id: 'closeRangeFlags',
    headers: ['linux/close_range.h'],
    names: `CLOSE_RANGE_UNSHARE CLOSE_RANGE_CLOEXEC`,
  },
  // splice(2), tee(2), vmsplice(2): flags
  {
    id: 'spliceFlags',
    headers: ['fcntl.h'],
    libc: true,
    names: `SPLICE_F_MOVE SPLICE_F_NONBLOCK SPLICE_F_MORE SPLICE_F_GIFT`,
  },
  // mount(2): mountflags
  {
    id: 'mountFlags',
    headers: ['linux/mount.h'],
    names: `
      MS_RDONLY MS_NOSUID MS_NODEV MS_NOEXEC MS_SYNCHRONOUS MS_REMOUNT MS_MANDLOCK MS_DIRSYNC
      MS_NOSYMFOLLOW MS_NOATIME MS_NODIRATIME MS_BIND MS_MOVE MS_REC MS_SILENT MS_POSIXACL
      MS_UNBINDABLE MS_PRIVATE MS_SLAVE MS_SHARED MS_RELATIME MS_KERNMOUNT MS_I_VERSION MS_STRICTATIME
      MS_LAZYTIME`,
  },
  // umount2(2): flags
  {
    id: 'unmountFlags',
    headers: ['sys/mount.h'],
    libc: true,
    names: `MNT_FORCE MNT_DETACH MNT_EXPIRE UMOUNT_NOFOLLOW`,
  },
  // open_tree(2): flags beside AT_*
  {
    id: 'openTreeFlags',
    headers: ['linux/mount.h'],
    names: `OPEN_TREE_CLONE`,
  },
  // move_mount(2): flags
  {
    id: 'moveMountFlags',
    headers: ['linux/mount.h'],
    names: `
      MOVE_MOUNT_F_SYMLINKS MOVE_MOUNT_F_AUTOMOUNTS MOVE_MOUNT_F_EMPTY_PATH MOVE_MOUNT_T_SYMLINKS
      MOVE_MOUNT_T_AUTOMOUNTS MOVE_MOUNT_T_EMPTY_PATH MOVE_MOUNT_SET_GROUP MOVE_MOUNT_BENEATH`,
  },
  // fsopen(2): flags
  {
    id: 'fsopenFlags',
    headers: ['linux/mount.h'],
    names: `FSOPEN_CLOEXEC`,
  },
  // fsmount(2): flags
  {
    id: 'fsmountFlags',
    headers: ['linux/mount.h'],
    names: `FSMOUNT_CLOEXEC`,
  },
  // fspick(2): flags
  {
    id: 'fspickFlags',
    headers: ['linux/mount.h'],
    names: `FSPICK_CLOEXEC FSPICK_SYMLINK_NOFOLLOW FSPICK_NO_AUTOMOUNT FSPICK_EMPTY_PATH`,
  },
  // fsconfig(2): cmd
  {
    id: 'fsconfigCommands',
    headers: ['linux/mount.h'],
    names: `
      FSCONFIG_SET_FLAG FSCONFIG_SET_STRING FSCONFIG_SET_BINARY FSCONFIG_SET_PATH
      FSCONFIG_SET_PATH_EMPTY FSCONFIG_SET_FD FSCONFIG_CMD_CREATE FSCONFIG_CMD_RECONFIGURE
      FSCONFIG_CMD_CREATE_EXCL`,
  },
  // fsmount(2): attr_flags
  {
    id: 'mountAttributes',
    headers: ['linux/mount.h'],
    names: `
      MOUNT_ATTR_RDONLY MOUNT_ATTR_NOSUID MOUNT_ATTR_NODEV MOUNT_ATTR_NOEXEC MOUNT_ATTR_NOATIME
      MOUNT_ATTR_STRICTATIME MOUNT_ATTR_NODIRATIME MOUNT_ATTR_NOSYMFOLLOW`,
  },
  // quotactl(2): op, as QCMD() puts it above the quota type
  {
    id: 'quotaCommands',
    headers: ['linux/quota.h'],
    expression: 'QCMD(%, 0)',
    names: `Q_SYNC Q_QUOTAON Q_QUOTAOFF Q_GETFMT Q_GETINFO Q_SETINFO Q_GETQUOTA Q_SETQUOTA Q_GETNEXTQUOTA`,
  },
  // quotactl(2): the quota type in op
  {
    id: 'quotaTypes',
    headers: ['linux/quota.h'],
    names: `USRQUOTA GRPQUOTA PRJQUOTA`,
  },
  // fanotify_init(2): flags
  {
    id: 'fanotifyInitFlags',
    headers: ['linux/fanotify.h'],
    names: `
      FAN_CLOEXEC FAN_NONBLOCK FAN_CLASS_CONTENT FAN_CLASS_PRE_CONTENT FAN_UNLIMITED_QUEUE
      FAN_UNLIMITED_MARKS FAN_ENABLE_AUDIT FAN_REPORT_PIDFD FAN_REPORT_TID FAN_REPORT_FID
      FAN_REPORT_DIR_FID FAN_REPORT_NAME FAN_REPORT_TARGET_FID`,
  },
  // epoll_ctl(2): op
  {
    id: 'epollOperations',
    headers: ['linux/eventpoll.h'],
    names: `EPOLL_CTL_ADD EPOLL_CTL_DEL EPOLL_CTL_MOD`,
  },
  // eventfd(2): a flag beside O_CLOEXEC and O_NONBLOCK
  {
    id: 'eventfdFlags',
    headers: ['sys/eventfd.h'],
    libc: true,
    names: `EFD_SEMAPHORE`,
  },
  // getrandom(2): flags
  {
    id: 'randomFlags',
    headers: ['linux/random.h'],
    names: `GRND_NONBLOCK GRND_RANDOM GRND_INSECURE`,
  },
];
