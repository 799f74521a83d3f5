/*
 * filter-target MODE [COUNTER]: a process to read filters of.
 *
 * Reads lines from standard input first: "filter HEX" attaches a program (sock_filter[] in this machine's byte order),
 * "logged HEX" does with SECCOMP_FILTER_FLAG_LOG, "thread HEX" starts a thread that attaches it to itself alone, "go"
 * ends them. Then, by mode:
 *   count      counts in COUNTER (u64 @0: rounds, a millisecond each; u64 @8: SIGRTMIN received), prints "ready PID"
 *   vfork MS   as count, but first waits in vfork for a child that sleeps MS milliseconds
 *   strict     enters strict mode
 *   zombie     prints the number of a child that has ended and is not waited for
 *   leaderless its first thread ends, a second goes on
 *   traced     prints the number of a child that it traces
 *   brood MS   for each line read prints the number of a child that lives about MS milliseconds, and "reaped PID" after
 *   exec FILE… becomes another program
 * It ends with standard input, or after ten minutes.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
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
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <poll.h>

static volatile uint64_t *counter;
static char line[4096 * 16 + 64];

static void die(const char *what)
{
	fprintf(stderr, "filter-target: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void sleep_ms(long ms)
{
	struct timespec time = { ms / 1000, ms % 1000 * 1000000 };
	while (nanosleep(&time, &time) != 0 && errno == EINTR)
		;
}

static struct sock_fprog parse(const char *hex)
{
	size_t bytes = strspn(hex, "0123456789abcdef") / 2;
	unsigned char *program = malloc(bytes);
	for (size_t i = 0; i < bytes; i++)
		sscanf(hex + 2 * i, "%2hhx", &program[i]);
	return (struct sock_fprog){ bytes / 8, (struct sock_filter *)program };
}

static void attach(struct sock_fprog program, unsigned int flags)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		die("no_new_privs");
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program) != 0)
		die("seccomp");
}

static int started[2];

static void *filtered_thread(void *program)
{
	attach(*(struct sock_fprog *)program, 0);
	if (write(started[1], "", 1) != 1)
		die("write");
	for (;;)
		pause();
	return NULL;
}

static void start_thread(struct sock_fprog program)
{
	pthread_t thread;
	char done;
	struct sock_fprog *copy = malloc(sizeof(*copy));
	*copy = program;
	if (pipe(started) != 0 || pthread_create(&thread, NULL, filtered_thread, copy) != 0)
		die("thread");
	if (read(started[0], &done, 1) != 1)
		die("thread");
	close(started[0]);
	close(started[1]);
}

/* Unbuffered: what comes after "go" belongs to the mode, or to the program executed. */
static int read_line(void)
{
	size_t length = 0;
	while (length < sizeof(line) - 1 && read(0, line + length, 1) == 1) {
		if (line[length] == '\n') {
			line[length] = 0;
			return 1;
		}
		length++;
	}
	return 0;
}

static void prepare(void)
{
	while (read_line() && strcmp(line, "go") != 0) {
		if (strncmp(line, "filter ", 7) == 0)
			attach(parse(line + 7), 0);
		else if (strncmp(line, "logged ", 7) == 0)
			attach(parse(line + 7), SECCOMP_FILTER_FLAG_LOG);
		else if (strncmp(line, "thread ", 7) == 0)
			start_thread(parse(line + 7));
	}
}

static void on_signal(int signal)
{
	(void)signal;
	counter[1]++;
}

static void count(const char *file)
{
	struct pollfd input = { .fd = 0, .events = POLLIN };
	struct timespec step = { 0, 1000000 };
	int fd = open(file, O_RDWR);
	counter = mmap(NULL, 16, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (fd < 0 || counter == MAP_FAILED)
		die(file);
	struct sigaction action = { .sa_handler = on_signal, .sa_flags = SA_RESTART };
	sigaction(SIGRTMIN, &action, NULL);
	printf("ready %d\n", getpid());
	fflush(stdout);
	while (poll(&input, 1, 0) <= 0) {
		nanosleep(&step, NULL);
		counter[0]++;
	}
	exit(7);
}

static void wait_for_vfork(long ms)
{
	printf("ready %d\n", getpid());
	fflush(stdout);
	if (vfork() == 0) {
		sleep_ms(ms);
		_exit(0);
	}
}

static void hold(pid_t shown)
{
	char byte;
	printf("ready %d\n", shown);
	fflush(stdout);
	while (read(0, &byte, 1) == 1)
		;
}

static void *outlive(void *unused)
{
	char byte;
	(void)unused;
	sleep_ms(50);
	while (read(0, &byte, 1) == 1)
		;
	_exit(0);
}

static void leave_threads(void)
{
	pthread_t thread;
	pthread_create(&thread, NULL, outlive, NULL);
	printf("ready %d\n", getpid());
	fflush(stdout);
	pthread_exit(NULL);
}

static void trace_child(void)
{
	pid_t child = fork();
	if (child == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			pause();
	}
	/* PR_SET_PDEATHSIG comes too late if this process is killed before the child has run. */
	if (ptrace(PTRACE_SEIZE, child, NULL, (void *)PTRACE_O_EXITKILL) != 0)
		die("PTRACE_SEIZE");
	hold(child);
	kill(child, SIGKILL);
}

static void breed(long ms)
{
	printf("ready %d\n", getpid());
	fflush(stdout);
	srand(getpid());
	while (read_line()) {
		pid_t child = fork();
		if (child == 0) {
			struct timespec life = { 0, rand() % (ms * 2000000) };
			nanosleep(&life, NULL);
			_exit(3);
		}
		printf("born %d\n", child);
		fflush(stdout);
		int status = 0;
		if (waitpid(child, &status, 0) != child || WEXITSTATUS(status) != 3)
			die("waitpid");
		printf("reaped %d\n", child);
		fflush(stdout);
	}
}

int main(int argc, char **argv)
{
	const char *mode = argc > 1 ? argv[1] : "";
	if (argc < 3 && (strcmp(mode, "count") == 0 || strcmp(mode, "exec") == 0)) {
		fprintf(stderr, "usage: filter-target MODE [ARGUMENT...]\n");
		return 2;
	}
	alarm(600);
	prepare();
	if (strcmp(mode, "count") == 0)
		count(argv[2]);
	if (strcmp(mode, "vfork") == 0 && argc > 3) {
		wait_for_vfork(atol(argv[2]));
		count(argv[3]);
	}
	if (strcmp(mode, "strict") == 0) {
		char byte;
		printf("ready %d\n", getpid());
		fflush(stdout);
		prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT);
		while (read(0, &byte, 1) == 1)
			;
		syscall(SYS_exit, 0);
	}
	if (strcmp(mode, "zombie") == 0) {
		pid_t child = fork();
		if (child == 0)
			_exit(0);
		siginfo_t info;
		waitid(P_PID, child, &info, WEXITED | WNOWAIT);
		hold(child);
	}
	if (strcmp(mode, "leaderless") == 0)
		leave_threads();
	if (strcmp(mode, "traced") == 0)
		trace_child();
	if (strcmp(mode, "brood") == 0 && argc > 2)
		breed(atol(argv[2]));
	if (strcmp(mode, "exec") == 0) {
		execv(argv[2], argv + 2);
		die(argv[2]);
	}
	return 0;
}
