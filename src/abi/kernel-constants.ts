/**
 * Constants of the kernel that several rooms need.
 * @module
 */

/** Linux 6.18 include/uapi/asm-generic/fcntl.h; the same wherever Node runs. */
export const O_CLOEXEC = 0o2000000;

/** The largest number of processes that a kernel can be set to; every pid is smaller. Linux 6.18 include/linux/threads.h. */
export const PID_MAX_LIMIT = 4 * 1024 * 1024;
