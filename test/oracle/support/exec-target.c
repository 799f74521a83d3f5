/*
 * exec-target [OPTION...] -- PROGRAM ARGS...: a process that becomes another program when told to.
 *
 * Prints "ready PID", reads a line from standard input, then acts and executes the program.
 *   threads=N     N more threads, which do nothing
 *   churn=N       N more threads that start and end others all the time
 *   nonleader     another thread than the first executes the program
 *   stack=BYTES   with this RLIMIT_STACK
 *   uid=N         as this user, without capabilities
 *   filter=HEX    under this filter (sock_filter[]), with no_new_privs
 *   early=HEX     the same before it is ready
 *   admin         filter without no_new_privs
 *   child         first runs "PROGRAM ARGS" in a child of vfork, and waits for it
 *   clone         first makes a process by clone(2) without an exit signal, which executes the program, and waits
 *   failing       first tries to execute a file that is not there
 *   raise=N       raises signal N, blocked, just before
 *   faults        first writes to address 0 and catches the signal
 *   exit=N        exits with this code instead
 *   wait=CALL     until it is told, makes a call that ends after 50 ms, again and again: nanosleep, poll, ppoll, futex.
 *                 Says "CALL ERRNO MILLISECONDS" if one ends otherwise, or too early
 *   spin          until it is told, asks for the time, which enters the kernel not even then (vdso)
 *   alarms        until it is told, a signal arrives each 20 ms, and is handled. Says "alarms: 0" if none was
 *   dispatch=open|closed   under syscall user dispatch, with calls let through from everywhere or, once it waits, from
 *                 nowhere
 */
#define _GNU_SOURCE
#include <errno.h>
#include <grp.h>
#include <linux/filter.h>
#include <linux/futex.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static char **program;

static void die(const char *what)
{
	fprintf(stderr, "exec-target: %s: %s\n", what, strerror(errno));
	exit(99);
}

static void *idle(void *unused)
{
	for (;;)
		pause();
	return unused;
}

static void *nothing(void *unused)
{
	return unused;
}

static void *churn(void *unused)
{
	for (;;) {
		pthread_t thread;
		if (pthread_create(&thread, NULL, nothing, NULL) == 0)
			pthread_join(thread, NULL);
	}
	return unused;
}

static void *execute(void *unused)
{
	execv(program[0], program);
	die("execv");
	return unused;
}

static void start(void *(*body)(void *))
{
	pthread_t thread;
	if (pthread_create(&thread, NULL, body, NULL) != 0)
		die("pthread_create");
}

static void filter(const char *hex, int admin)
{
	size_t bytes = strlen(hex) / 2;
	unsigned char *code = malloc(bytes);
	for (size_t i = 0; i < bytes; i++)
		sscanf(hex + 2 * i, "%2hhx", &code[i]);
	struct sock_fprog fprog = { bytes / 8, (struct sock_filter *)code };
	if (!admin && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		die("no_new_privs");
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &fprog) != 0)
		die("seccomp");
}

static sigjmp_buf after_fault;

static void caught(int number)
{
	siglongjmp(after_fault, number);
}

static void fault(void)
{
	signal(SIGSEGV, caught);
	if (sigsetjmp(after_fault, 1) == 0)
		*(volatile int *)0 = 1;
	signal(SIGSEGV, SIG_DFL);
}

static int in_child(void *unused)
{
	(void)unused;
	execv(program[0], program);
	_exit(98);
}

static void run_child(int flags)
{
	static char stack[65536] __attribute__((aligned(16)));
	pid_t child = clone(in_child, stack + sizeof(stack), flags, NULL);
	if (child < 0)
		die("clone");
	if (waitpid(child, NULL, __WALL) != child)
		die("waitpid");
}

static const char *value(const char *option, const char *name)
{
	size_t length = strlen(name);
	return strncmp(option, name, length) == 0 && option[length] == '=' ? option + length + 1 : NULL;
}

static double now(void)
{
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1e3 + time.tv_nsec / 1e6;
}

static int told(void)
{
	struct pollfd input = { 0, POLLIN, 0 };
	return poll(&input, 1, 0) != 0;
}

/* 0: it ended as it should, after its time; else the errno, -1 for a result that makes no sense. */
static int wait_once(const char *call)
{
	struct timespec time = { 0, 50000000 };
	static int never;
	sigset_t none;
	sigemptyset(&none);
	if (strcmp(call, "nanosleep") == 0)
		return nanosleep(&time, NULL) == 0 ? 0 : errno;
	if (strcmp(call, "poll") == 0)
		return poll(NULL, 0, 50) == 0 ? 0 : errno;
	if (strcmp(call, "ppoll") == 0)
		return ppoll(NULL, 0, &time, &none) == 0 ? 0 : errno;
	if (syscall(SYS_futex, &never, FUTEX_WAIT, 0, &time, NULL, 0) == 0)
		return -1;
	return errno == ETIMEDOUT ? 0 : errno;
}

static void wait_long(const char *call)
{
	while (!told()) {
		double start = now();
		int error = wait_once(call);
		if (error != 0 || now() - start < 50)
			printf("%s %d %g\n", call, error, now() - start);
	}
	fflush(stdout);
}

static volatile int alarms;

static void alarmed(int number)
{
	alarms += number == SIGALRM;
}

static void set_alarm(int microseconds)
{
	struct itimerval interval = { { 0, microseconds }, { 0, microseconds } };
	struct sigaction action = { .sa_handler = alarmed, .sa_flags = SA_RESTART };
	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &interval, NULL);
}

/* PR_SET_SYSCALL_USER_DISPATCH, Linux 6.18 include/uapi/linux/prctl.h. */
enum { SET_DISPATCH = 59, DISPATCH_ON = 1, SELECTOR_ALLOW = 0, SELECTOR_BLOCK = 1 };
static volatile char selector = SELECTOR_ALLOW;

static void *close_dispatch(void *unused)
{
	usleep(20000);
	selector = SELECTOR_BLOCK;
	return idle(unused);
}

static void dispatch(const char *how)
{
	int closed = strcmp(how, "closed") == 0;
	if (prctl(SET_DISPATCH, DISPATCH_ON, 0, closed ? 0 : ~0UL, &selector) != 0)
		die("PR_SET_SYSCALL_USER_DISPATCH");
	if (closed)
		start(close_dispatch);
	else
		selector = SELECTOR_BLOCK;
}

int main(int argc, char **argv)
{
	int split = 1, nonleader = 0, admin = 0;
	const char *text;
	while (split < argc && strcmp(argv[split], "--") != 0)
		split++;
	program = argv + split + 1;
	for (int i = 1; i < split; i++) {
		if ((text = value(argv[i], "threads")) != NULL)
			for (int n = atoi(text); n > 0; n--)
				start(idle);
		if ((text = value(argv[i], "churn")) != NULL)
			for (int n = atoi(text); n > 0; n--)
				start(churn);
	}
	for (int i = 1; i < split; i++)
		if ((text = value(argv[i], "early")) != NULL)
			filter(text, 0);
	printf("ready %d\n", (int)getpid());
	fflush(stdout);
	for (int i = 1; i < split; i++) {
		if ((text = value(argv[i], "dispatch")) != NULL)
			dispatch(text);
		if ((text = value(argv[i], "wait")) != NULL)
			wait_long(text);
		if (strcmp(argv[i], "spin") == 0)
			for (double until = 0; !told(); until = now() + 20)
				while (now() < until)
					;
		if (strcmp(argv[i], "alarms") == 0)
			set_alarm(20000);
	}
	char line[16];
	if (fgets(line, sizeof(line), stdin) == NULL)
		return 97;
	if (alarms == 0 && argc > 1 && strcmp(argv[1], "alarms") == 0)
		puts("alarms: 0");
	fflush(stdout);
	set_alarm(0);
	for (int i = 1; i < split; i++) {
		if (strcmp(argv[i], "nonleader") == 0)
			nonleader = 1;
		if (strcmp(argv[i], "admin") == 0)
			admin = 1;
		if (strcmp(argv[i], "child") == 0)
			run_child(CLONE_VM | CLONE_VFORK | SIGCHLD);
		if (strcmp(argv[i], "faults") == 0)
			fault();
		if (strcmp(argv[i], "clone") == 0)
			run_child(0);
		if (strcmp(argv[i], "failing") == 0 && execl("/nonexistent", "nonexistent", NULL) == 0)
			return 96;
		if ((text = value(argv[i], "stack")) != NULL) {
			struct rlimit limit = { strtoul(text, NULL, 0), strtoul(text, NULL, 0) };
			if (setrlimit(RLIMIT_STACK, &limit) != 0)
				die("setrlimit");
		}
		if ((text = value(argv[i], "uid")) != NULL && (setgroups(0, NULL) != 0 || setresuid(atoi(text), atoi(text), atoi(text)) != 0))
			die("setresuid");
		if ((text = value(argv[i], "filter")) != NULL)
			filter(text, admin);
		if ((text = value(argv[i], "raise")) != NULL) {
			sigset_t set;
			sigemptyset(&set);
			sigaddset(&set, atoi(text));
			sigprocmask(SIG_BLOCK, &set, NULL);
			raise(atoi(text));
		}
		if ((text = value(argv[i], "exit")) != NULL)
			return atoi(text);
	}
	if (nonleader) {
		start(execute);
		idle(NULL);
	}
	execute(NULL);
}
