/*
 * dump-filter PID...: prints every seccomp filter of each live process, as the kernel holds it.
 *
 * One line a filter: "PID INDEX HEX", HEX being the raw sock_filter array in this machine's byte order.
 * Index 0 is the filter attached first (Linux 6.18 kernel/seccomp.c get_nth_filter; ptrace(2) says last).
 * Needs CAP_SYS_ADMIN, a caller without a filter of its own, and a kernel with CONFIG_CHECKPOINT_RESTORE.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/filter.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

#ifndef PTRACE_SECCOMP_GET_FILTER
#define PTRACE_SECCOMP_GET_FILTER 0x420c
#endif

static int fail(const char *what)
{
	fprintf(stderr, "dump-filter: %s: %s\n", what, strerror(errno));
	return 1;
}

static int dump(pid_t pid)
{
	static struct sock_filter insns[4096];
	int status;

	if (ptrace(PTRACE_SEIZE, pid, NULL, NULL) != 0)
		return fail("PTRACE_SEIZE");
	if (ptrace(PTRACE_INTERRUPT, pid, NULL, NULL) != 0)
		return fail("PTRACE_INTERRUPT");
	if (waitpid(pid, &status, __WALL) != pid || !WIFSTOPPED(status))
		return fail("waitpid");
	for (long index = 0;; index++) {
		long count = ptrace(PTRACE_SECCOMP_GET_FILTER, pid, (void *)index, insns);
		if (count < 0) {
			if (errno == ENOENT || errno == EINVAL)
				break;
			return fail("PTRACE_SECCOMP_GET_FILTER");
		}
		printf("%d %ld ", (int)pid, index);
		const unsigned char *bytes = (const unsigned char *)insns;
		for (size_t i = 0; i < (size_t)count * sizeof(insns[0]); i++)
			printf("%02x", bytes[i]);
		putchar('\n');
	}
	if (ptrace(PTRACE_DETACH, pid, NULL, NULL) != 0)
		return fail("PTRACE_DETACH");
	return 0;
}

int main(int argc, char **argv)
{
	if (argc < 2) {
		fprintf(stderr, "usage: dump-filter PID...\n");
		return 2;
	}
	for (int i = 1; i < argc; i++)
		if (dump((pid_t)atoi(argv[i])) != 0)
			return 1;
	return 0;
}
