/**
 * Calls of 32-bit architectures that hold 32-bit times, with those that hold 64 bits and replace them.
 *
 * Source: Linux 5.1 arch/x86/entry/syscalls/syscall_32.tbl, numbers 403 to 423. A C library that is built for 64-bit times
 * (musl 1.2, glibc 2.34 with _TIME_BITS=64, the default of Debian 13) calls the second and falls back to the first after
 * ENOSYS alone. Held against the kernel's header in test/lint/catalog/.
 * @module
 */
const rows = `
clock_gettime clock_gettime64
clock_settime clock_settime64
clock_adjtime clock_adjtime64
clock_getres clock_getres_time64
clock_nanosleep clock_nanosleep_time64
timer_gettime timer_gettime64
timer_settime timer_settime64
timerfd_gettime timerfd_gettime64
timerfd_settime timerfd_settime64
utimensat utimensat_time64
pselect6 pselect6_time64
ppoll ppoll_time64
io_pgetevents io_pgetevents_time64
recvmmsg recvmmsg_time64
mq_timedsend mq_timedsend_time64
mq_timedreceive mq_timedreceive_time64
semtimedop semtimedop_time64
rt_sigtimedwait rt_sigtimedwait_time64
futex futex_time64
sched_rr_get_interval sched_rr_get_interval_time64
`;

/** Old name, new name. */
export const time64Calls: readonly (readonly [old: string, replacement: string])[] = rows
  .trim()
  .split('\n')
  .map((row) => {
    const [old = '', replacement = ''] = row.split(' ');
    return [old, replacement];
  });
