/*
 * kernel-verdict: installs programs in threads and makes system calls under them; the kernel's own verdict.
 *
 * Standard input, a line each:
 *   program HEX                    raw sock_filter array, for the calls that follow
 *   also HEX                       one more program of the task, installed after those before it
 *   call NR [ARG ...]              by the machine's own instruction; up to 6 arguments, strtoull(base 0)
 *   call32 NR [ARG ...]            x86_64 only: by int 0x80, which the filter sees as AUDIT_ARCH_I386; up to 6 arguments
 * Standard output, a line a call:
 *   return VALUE | errno NUMBER | trap DATA | kill-thread | kill-process | refused ERRNO (the kernel took no program)
 *
 * A call that the program allows is really made: choose calls that do no harm (getppid ignores its arguments).
 * The filter lives in a second thread, so that the first can tell KILL_THREAD from KILL_PROCESS; a thread under a
 * filter reports through shared memory and ends by an invalid instruction, because the filter may forbid every call.
 * Nobody polls: on a busy machine the report would come when the scheduler turns to who waits for it.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum outcome { NOTHING, RETURNED, TRAPPED, REFUSED };

struct report {
	volatile int outcome;
	volatile long value;
};

#define MOST_PROGRAMS 8

static struct sock_filter insns[65536];
static struct sock_fprog programs[MOST_PROGRAMS];
static int program_count;
static struct report *report;
static uint64_t call[7];
static int is32;

static void finish(enum outcome outcome, long value)
{
	report->value = value;
	__sync_synchronize();
	report->outcome = outcome;
	/* A signal that the kernel itself sends, with the default action: it ends the process without a call. */
	for (;;)
		__builtin_trap();
}

static void on_sigsys(int number, siginfo_t *info, void *context)
{
	(void)number;
	(void)context;
	finish(TRAPPED, info->si_errno);
}

#if !defined(__x86_64__)
static long make_call(void)
{
	long result = syscall((long)call[0], (long)call[1], (long)call[2], (long)call[3], (long)call[4], (long)call[5],
			      (long)call[6]);

	return result == -1 ? -errno : result;
}
#else
static long make_call(void)
{
	long result;

	if (is32) {
		uint64_t sixth = call[6];
		/* The sixth is in the frame pointer, which the compiler does not hand out. */
		__asm__ volatile("xchg %%rbp, %1\n\tint $0x80\n\txchg %%rbp, %1"
				 : "=a"(result), "+r"(sixth)
				 : "a"(call[0]), "b"(call[1]), "c"(call[2]), "d"(call[3]), "S"(call[4]), "D"(call[5])
				 : "memory", "r8", "r9", "r10", "r11");
		return (int32_t)result;
	}
	register uint64_t r10 __asm__("r10") = call[4], r8 __asm__("r8") = call[5], r9 __asm__("r9") = call[6];
	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "a"(call[0]), "D"(call[1]), "S"(call[2]), "d"(call[3]), "r"(r10), "r"(r8), "r"(r9)
			 : "memory", "rcx", "r11");
	return result;
}
#endif

static void *filtered(void *unused)
{
	(void)unused;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		finish(REFUSED, errno);
	for (int i = 0; i < program_count; i++)
		if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &programs[i]) != 0)
			finish(REFUSED, errno);
	finish(RETURNED, make_call());
	return NULL;
}

static void child(void)
{
	struct sigaction action = { .sa_sigaction = on_sigsys, .sa_flags = SA_SIGINFO };
	pthread_t thread;

	sigaction(SIGSYS, &action, NULL);
	/* It ends by a signal: no core is wanted. */
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	if (pthread_create(&thread, NULL, filtered, NULL) != 0)
		_exit(125);
	/* Returns only if the kernel ended the thread alone: a report ends the process. */
	pthread_join(thread, NULL);
	_exit(1);
}

static void verdict(void)
{
	int status;
	pid_t pid;

	memset(report, 0, sizeof(*report));
	pid = fork();
	if (pid == 0)
		child();
	waitpid(pid, &status, 0);
	if (report->outcome == NOTHING && WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS)
		printf("kill-process\n");
	else if (report->outcome == NOTHING && WIFEXITED(status) && WEXITSTATUS(status) == 1)
		printf("kill-thread\n");
	else if (report->outcome == NOTHING || !WIFSIGNALED(status) || WTERMSIG(status) == SIGSYS)
		printf("failed %d\n", status);
	else if (report->outcome == TRAPPED)
		printf("trap %ld\n", report->value);
	else if (report->outcome == REFUSED)
		printf("refused %ld\n", report->value);
	else if (report->value < 0 && report->value >= -4095)
		printf("errno %ld\n", -report->value);
	else
		printf("return %ld\n", report->value);
	fflush(stdout);
}

/* Adds a program behind those that are there. */
static int read_program(const char *hex)
{
	struct sock_fprog *last = programs + program_count - 1;
	struct sock_filter *filter = program_count == 0 ? insns : last->filter + last->len;
	size_t length = strlen(hex);
	unsigned char *bytes = (unsigned char *)filter;

	if (program_count == MOST_PROGRAMS || length % 16 != 0 ||
	    length / 2 > sizeof(insns) - 8 - (size_t)(bytes - (unsigned char *)insns))
		return -1;
	for (size_t i = 0; i < length / 2; i++) {
		unsigned int byte;
		if (sscanf(hex + 2 * i, "%2x", &byte) != 1)
			return -1;
		bytes[i] = (unsigned char)byte;
	}
	programs[program_count++] = (struct sock_fprog){ (unsigned short)(length / 16), filter };
	return 0;
}

int main(void)
{
	char *line = NULL, *rest, *verb, *text;
	size_t size = 0;

	report = mmap(NULL, sizeof(*report), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	while (getline(&line, &size, stdin) > 0) {
		line[strcspn(line, "\n")] = '\0';
		rest = line;
		verb = strsep(&rest, " ");
		if (strcmp(verb, "program") == 0 || strcmp(verb, "also") == 0) {
			if (verb[0] == 'p')
				program_count = 0;
			if (rest == NULL || read_program(rest) != 0) {
				fprintf(stderr, "kernel-verdict: not a program\n");
				return 2;
			}
			continue;
		}
		is32 = strcmp(verb, "call32") == 0;
		memset(call, 0, sizeof(call));
		for (int i = 0; i < 7 && (text = strsep(&rest, " ")) != NULL; i++)
			call[i] = strtoull(text, NULL, 0);
		verdict();
	}
	free(line);
	return 0;
}
