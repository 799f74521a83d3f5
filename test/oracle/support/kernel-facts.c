/*
 * kernel-facts: what the running kernel knows of seccomp, one fact a line: "action WORD 0|1", "flag BIT 0|1",
 * "sizes REQUEST RESPONSE DATA" (0 0 0: it tells none), "bitmap 0|1" (1: a call that a filter always allows is made
 * without asking the filter). Words and bits are hexadecimal.
 *
 * With a program at address 0 the kernel says EFAULT once it has accepted the flags, and EINVAL before. For the bitmap
 * alone filters are installed, a short one and a long one: their calls show by their processor time whether they are asked.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* Linux 6.18 include/uapi/linux/seccomp.h; the headers of a compiler may be older. */
enum { SET_MODE_FILTER = 1, GET_ACTION_AVAIL = 2, GET_NOTIF_SIZES = 3, NEW_LISTENER = 1 << 3, WAIT_KILLABLE_RECV = 1 << 5 };

static const uint32_t actions[] = { 0x80000000, 0x00000000, 0x00030000, 0x00050000,
				    0x7fc00000, 0x7ff00000, 0x7ffc0000, 0x7fff0000 };

enum { CALLS = 2000, ROUNDS = 7 };

/* The least processor time of several rounds of calls, in nanoseconds. */
static double least_time(void)
{
	double least = 1e18;

	for (int round = 0; round < ROUNDS; round++) {
		struct timespec start, end;

		clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &start);
		for (int i = 0; i < CALLS; i++)
			syscall(SYS_getppid);
		clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
		double time = (end.tv_sec - start.tv_sec) * 1e9 + (end.tv_nsec - start.tv_nsec);
		if (time < least)
			least = time;
	}
	return least;
}

/* Compares the number of the call with `comparisons` numbers that no call has, and allows it. */
static int install(int comparisons)
{
	static struct sock_filter code[4096];
	struct sock_fprog program = { comparisons + 2, code };

	code[0] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0);
	for (int i = 1; i <= comparisons; i++)
		code[i] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 1000000 + i, 0, 0);
	code[comparisons + 1] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	return syscall(SYS_seccomp, SET_MODE_FILTER, 0, &program);
}

static int has_bitmap(void)
{
	double one, many;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || install(1) != 0)
		return -1;
	one = least_time();
	if (install(4000) != 0)
		return -1;
	many = least_time();
	fprintf(stderr, "%.0f and %.0f nanoseconds a call\n", one / CALLS, many / CALLS);
	return many < 3 * one;
}

int main(void)
{
	uint16_t sizes[3] = { 0, 0, 0 };

	for (unsigned i = 0; i < sizeof actions / sizeof *actions; i++)
		printf("action %x %d\n", actions[i], syscall(SYS_seccomp, GET_ACTION_AVAIL, 0, &actions[i]) == 0);
	for (unsigned long bit = 1; bit < 1 << 8; bit <<= 1) {
		/* It is taken only together with a listener. */
		unsigned long flags = bit == WAIT_KILLABLE_RECV ? bit | NEW_LISTENER : bit;

		syscall(SYS_seccomp, SET_MODE_FILTER, flags, NULL);
		printf("flag %lx %d\n", bit, errno == EFAULT);
	}
	syscall(SYS_seccomp, GET_NOTIF_SIZES, 0, sizes);
	printf("sizes %d %d %d\nbitmap %d\n", sizes[0], sizes[1], sizes[2], has_bitmap());
	return 0;
}
