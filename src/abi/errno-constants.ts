/**
 * Error numbers by their C names, those the code itself compares with or returns.
 *
 * Source: Linux 6.18 include/uapi/asm-generic/errno-base.h and errno.h.
 * @module
 */
export const EPERM = 1;
export const ENOENT = 2;
export const ESRCH = 3;
export const EINTR = 4;
export const EIO = 5;
export const ENOEXEC = 8;
export const EBADF = 9;
export const ECHILD = 10;
export const EAGAIN = 11;
export const ENOMEM = 12;
export const EACCES = 13;
export const EFAULT = 14;
export const EBUSY = 16;
export const EEXIST = 17;
export const EINVAL = 22;
export const EMFILE = 24;
export const ENOTTY = 25;
export const EPIPE = 32;
export const EDOM = 33;
export const ERANGE = 34;
export const ENOSYS = 38;
export const EPROTOTYPE = 91;
export const ENOPROTOOPT = 92;
export const EOPNOTSUPP = 95;
export const ECONNRESET = 104;
export const ECONNREFUSED = 111;
export const EINPROGRESS = 115;
export const ECANCELED = 125;
