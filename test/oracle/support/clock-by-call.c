/*
 * clock-by-call.so, for LD_PRELOAD: every look at the clock is a system call.
 *
 * So it is on machines whose clock cannot be read from user space: with the clocksource hpet or acpi_pm, which the kernel
 * takes when it finds the counter of the processor unstable.
 */
#define _GNU_SOURCE
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

int clock_gettime(clockid_t clock, struct timespec *now)
{
	return (int)syscall(SYS_clock_gettime, clock, now);
}

int gettimeofday(struct timeval *restrict now, void *restrict zone)
{
	return (int)syscall(SYS_gettimeofday, now, zone);
}
