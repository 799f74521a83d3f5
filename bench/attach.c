/*
 * Attaches seccomp programs in processes of their own and counts CPU time of the thread, in nanoseconds.
 *
 *     attach attach ROUNDS FILE...
 *         one line a round: seccomp(2) of each file
 *     attach calls ROUNDS COUNT STACKED NR ARG FILE...
 *         one line a round: a call under each file, the mean of COUNT
 *     attach read STACKED FILE
 *         the programs as the kernel holds them, in hexadecimal, a line each
 *
 * The filters have to allow clock_gettime, exit_group, and for `read` what raise(3) takes.
 * A FILE holds sock_filter as memory has it; "-" stands for no filter. STACKED: how often each file is attached.
 * Values are NANOSECONDS:RESULT, RESULT being the call's: below 0 an errno, above 0 always 1.
 * `read` needs CAP_SYS_ADMIN and a kernel with CONFIG_CHECKPOINT_RESTORE.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifndef PTRACE_SECCOMP_GET_FILTER
#define PTRACE_SECCOMP_GET_FILTER 0x420c
#endif
#define MOST_FILES 16
#define WARM_UP 1000

struct program {
	struct sock_filter instructions[BPF_MAXINSNS];
	struct sock_fprog header;
};

/* What a child found, in memory that it shares with its parent: a filter may deny it to write. */
struct answer {
	long long nanoseconds;
	long result;
	int error;
};

struct task {
	long count;
	int stacked;
	long nr;
	unsigned long argument;
};

static struct program programs[MOST_FILES];
static struct answer *answer;

static void die(const char *what)
{
	fprintf(stderr, "attach: %s: %s\n", what, strerror(errno));
	exit(1);
}

static long long cpu_time(void)
{
	struct timespec now;

	if (clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now) != 0)
		return -1;
	return now.tv_sec * 1000000000LL + now.tv_nsec;
}

/* A filter that denies clock_gettime is none to measure under. */
static void answer_since(long long start)
{
	long long end = cpu_time();

	answer->nanoseconds = end - start;
	if (end < 0)
		answer->error = errno;
}

static void read_program(const char *path, struct program *program)
{
	if (strcmp(path, "-") == 0)
		return;
	FILE *file = fopen(path, "rb");
	if (file == NULL)
		die(path);
	size_t length = fread(program->instructions, sizeof(struct sock_filter), BPF_MAXINSNS, file);
	fclose(file);
	program->header = (struct sock_fprog){ .len = length, .filter = program->instructions };
}

static int attach(struct program *program)
{
	if (program->header.len == 0)
		return 0;
	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program->header);
}

/* Child: how long one seccomp(2) takes. */
static void time_attach(struct program *program, const struct task *task)
{
	(void)task;
	long long start = cpu_time();
	int failed = attach(program);
	answer->error = failed ? errno : 0;
	answer_since(start);
}

/* Child: how long a call takes under the program. */
static void time_calls(struct program *program, const struct task *task)
{
	for (int i = 0; i < task->stacked; i++) {
		if (attach(program) != 0) {
			answer->error = errno;
			return;
		}
	}
	long result = syscall(task->nr, task->argument, 0, 0, 0, 0, 0);
	answer->result = result == -1 ? -errno : result;
	for (long i = 0; i < WARM_UP; i++)
		syscall(task->nr, task->argument, 0, 0, 0, 0, 0);
	long long start = cpu_time();
	for (long i = 0; i < task->count; i++)
		syscall(task->nr, task->argument, 0, 0, 0, 0, 0);
	answer->error = 0;
	answer_since(start);
}

static void in_child(void (*work)(struct program *, const struct task *), struct program *program,
		     const struct task *task)
{
	int status;

	answer->error = ECHILD;
	pid_t pid = fork();
	if (pid < 0)
		die("fork");
	if (pid == 0) {
		prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
		work(program, task);
		_exit(0);
	}
	if (waitpid(pid, &status, 0) != pid)
		die("waitpid");
	errno = answer->error;
	if (errno != 0)
		die("the child");
}

/* Another program begins each round: what one leaves to the kernel to clean up hits all alike. */
static void each_round(long rounds, int count, void (*work)(struct program *, const struct task *),
		       const struct task *task)
{
	for (long round = 0; round < rounds; round++) {
		struct answer answers[MOST_FILES];

		for (int i = 0; i < count; i++) {
			int turn = (round + i) % count;

			in_child(work, &programs[turn], task);
			answers[turn] = *answer;
		}
		for (int i = 0; i < count; i++) {
			/* Of a pid or another positive result only that: it is another one in each process. */
			long result = answers[i].result > 0 ? 1 : answers[i].result;

			printf("%.2f:%ld ", (double)answers[i].nanoseconds / (task ? task->count : 1), result);
		}
		putchar('\n');
	}
}

static int attach_rounds(int argc, char **argv)
{
	for (int i = 3; i < argc; i++)
		read_program(argv[i], &programs[i - 3]);
	each_round(atol(argv[2]), argc - 3, time_attach, NULL);
	return 0;
}

static int call_rounds(int argc, char **argv)
{
	struct task task = {
		.count = atol(argv[3]),
		.stacked = atoi(argv[4]),
		.nr = atol(argv[5]),
		.argument = strtoul(argv[6], NULL, 0),
	};

	for (int i = 7; i < argc; i++)
		read_program(argv[i], &programs[i - 7]);
	each_round(atol(argv[2]), argc - 7, time_calls, &task);
	return 0;
}

static int read_back(int argc, char **argv)
{
	static struct sock_filter held[BPF_MAXINSNS];
	int status;

	if (argc != 4)
		return 2;
	read_program(argv[3], &programs[0]);
	pid_t pid = fork();
	if (pid < 0)
		die("fork");
	if (pid == 0) {
		prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
		ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		for (int i = atoi(argv[2]); i > 0; i--)
			if (attach(&programs[0]) != 0)
				_exit(1);
		raise(SIGSTOP);
		_exit(1);
	}
	if (waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status)) {
		errno = ECHILD;
		die("attach in the child");
	}
	for (long index = 0;; index++) {
		long count = ptrace(PTRACE_SECCOMP_GET_FILTER, pid, (void *)index, held);
		if (count < 0)
			break;
		for (size_t i = 0; i < (size_t)count * sizeof(held[0]); i++)
			printf("%02x", ((unsigned char *)held)[i]);
		putchar('\n');
	}
	int error = errno;
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	errno = error;
	if (error != ENOENT && error != EINVAL)
		die("PTRACE_SECCOMP_GET_FILTER");
	return 0;
}

int main(int argc, char **argv)
{
	answer = mmap(NULL, sizeof(*answer), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (answer == MAP_FAILED)
		die("mmap");
	/* Output is written at the end: children must not write it again. */
	setvbuf(stdout, NULL, _IOFBF, 1 << 20);
	if (argc > 3 && argc - 3 <= MOST_FILES && strcmp(argv[1], "attach") == 0)
		return attach_rounds(argc, argv);
	if (argc > 7 && argc - 7 <= MOST_FILES && strcmp(argv[1], "calls") == 0)
		return call_rounds(argc, argv);
	if (argc == 4 && strcmp(argv[1], "read") == 0)
		return read_back(argc, argv);
	fprintf(stderr, "usage: attach attach|calls|read ...\n");
	return 2;
}
