/*
 * Does one thing that a recorder may not expect, prints what came of it, and ends with an exit code of its own.
 *
 *   hostile-program WHAT
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/io_uring.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int forks(int count)
{
	int made = 0;
	for (int i = 0; i < count; i++) {
		pid_t child = fork();
		if (child == 0)
			_exit(0);
		made += child > 0;
		if (i % 50 == 49)
			while (waitpid(-1, NULL, WNOHANG) > 0)
				;
	}
	while (wait(NULL) > 0)
		;
	printf("%d\n", made);
	return 5;
}

static int blocks_signals(void)
{
	sigset_t all;
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	for (int i = 1; i < 65; i++)
		signal(i, SIG_IGN);
	for (int i = 0; i < 200; i++)
		getppid();
	puts("blocked");
	return 6;
}

/* The grandchild outlives the command, which has ended when it begins. */
static int forks_twice(void)
{
	int ends[2];
	char byte;
	if (pipe(ends) != 0)
		return 1;
	if (fork() == 0) {
		setsid();
		if (fork() != 0)
			_exit(0);
		close(ends[1]);
		if (read(ends[0], &byte, 1) == 0)
			puts("grandchild");
		exit(0);
	}
	wait(NULL);
	return 7;
}

static int makes_ring(void)
{
	struct io_uring_params params;
	memset(&params, 0, sizeof params);
	puts(syscall(__NR_io_uring_setup, 8, &params) < 0 ? "no ring" : "ring");
	return 8;
}

static int closes_all(void)
{
	struct stat status;
	syscall(SYS_close_range, 3, ~0u, 0);
	for (int i = 3; i < 64; i++)
		close(i);
	for (int i = 0; i < 50; i++)
		if (stat("/", &status) != 0)
			return 1;
	puts("closed");
	fflush(stdout);
	for (int i = 0; i < 3; i++)
		close(i);
	return 9;
}

static int filters(int flags)
{
	struct sock_filter rows[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getpgrp, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | 33),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { 4, rows };
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program) < 0)
		puts(strerror(errno));
	else
		printf("%ld\n", syscall(SYS_getpgrp) < 0 ? (long)errno : 0L);
	return 10;
}

/* What libseccomp asks: calls that fail whatever the kernel has, and tell by their error what that is. */
static int probes(void)
{
	int modes[] = { SECCOMP_SET_MODE_STRICT, SECCOMP_SET_MODE_FILTER, SECCOMP_SET_MODE_FILTER };
	int flags[] = { 1, 0, SECCOMP_FILTER_FLAG_NEW_LISTENER };
	for (int i = 0; i < 3; i++)
		printf("%d\n", syscall(SYS_seccomp, modes[i], flags[i], NULL) < 0 ? errno : 0);
	printf("%d\n", prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, NULL, 0, 0) < 0 ? errno : 0);
	printf("%d\n", syscall(__NR_io_uring_setup, 0, NULL) < 0 ? errno : 0);
	return 11;
}

static void *is_busy(void *unused)
{
	for (;;)
		syscall(SYS_getuid);
	return unused;
}

/* Processes whose first thread ends them beside threads that call all the time. */
static int works_beside_others(void)
{
	pthread_t thread;
	for (int round = 0; round < 5; round++) {
		if (fork() == 0) {
			for (int i = 0; i < 8; i++)
				pthread_create(&thread, NULL, is_busy, NULL);
			usleep(1000);
			_exit(0);
		}
		wait(NULL);
	}
	return 12;
}

static atomic_int others, mine;

static void count_signal(int number)
{
	atomic_fetch_add(number == SIGUSR1 ? &mine : &others, 1);
}

/* Once started, it makes no call, but gets a signal all the time. */
static void *gets_signals(void *unused)
{
	timer_t timer;
	struct sigevent event = { .sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGUSR2 };
	event._sigev_un._tid = (pid_t)syscall(SYS_gettid);
	struct itimerspec often = { { 0, 20000 }, { 0, 20000 } };
	if (timer_create(CLOCK_MONOTONIC, &event, &timer) != 0 || timer_settime(timer, 0, &often, NULL) != 0)
		_exit(1);
	for (;;)
		;
	return unused;
}

/* Prints how many signals each of the others got for one of the first thread. */
static int gets_signals_beside_others(void)
{
	enum { threads = 32, signals = 100 };
	pthread_t thread;
	signal(SIGUSR1, count_signal);
	signal(SIGUSR2, count_signal);
	for (int i = 0; i < threads; i++)
		pthread_create(&thread, NULL, gets_signals, NULL);
	while (atomic_load(&others) < threads)
		;
	int before = atomic_load(&others);
	for (int i = 0; i < signals; i++)
		raise(SIGUSR1);
	printf("%d %d\n", atomic_load(&mine), (atomic_load(&others) - before) / threads / signals);
	fflush(stdout);
	_exit(13);
}

/* Executes a program while more descriptors of this user are on their way in a socket than it may have open. */
static int sends_descriptors(char **words, char **environment)
{
	enum { limit = 300 };
	struct rlimit files = { limit, limit };
	int ends[2], sent[20] = { 0 };
	char byte = 0, control[CMSG_SPACE(sizeof(sent))] = { 0 };
	struct iovec data = { &byte, 1 };
	struct msghdr message = { .msg_iov = &data, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control) };
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);
	header->cmsg_len = CMSG_LEN(sizeof(sent));
	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	memcpy(CMSG_DATA(header), sent, sizeof(sent));
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0 || setrlimit(RLIMIT_NOFILE, &files) != 0)
		return 1;
	for (int i = 0; i <= limit; i += 20)
		sendmsg(ends[0], &message, 0);
	if (sendmsg(ends[0], &message, MSG_DONTWAIT) != -1 || errno != ETOOMANYREFS)
		return 1;
	execve(words[0], words, environment);
	return 1;
}

static int traces(void)
{
	int status;
	pid_t child = fork();
	if (child == 0)
		_exit(ptrace(PTRACE_TRACEME, 0, 0, 0) < 0 ? 3 : 4);
	waitpid(child, &status, 0);
	puts(WEXITSTATUS(status) == 4 ? "traced" : "not traced");
	return 11;
}

static int stops(void)
{
	puts("stops");
	fflush(stdout);
	raise(SIGSTOP);
	puts("goes on");
	return 12;
}

/* Each step is a program of its own, made by vfork(2), and the last one ends with 13. */
static int chains(const char *self, int steps)
{
	char left[16];
	int status;
	if (steps == 0)
		return 13;
	snprintf(left, sizeof left, "%d", steps - 1);
	pid_t child = vfork();
	if (child == 0) {
		execl(self, self, "chains", left, (char *)NULL);
		_exit(1);
	}
	waitpid(child, &status, 0);
	printf("%d\n", steps);
	return WEXITSTATUS(status);
}

static const char *own_path;

static void *execute(void *unused)
{
	(void)unused;
	execl(own_path, own_path, "chains", "1", (char *)NULL);
	return NULL;
}

static void *sleep_on(void *unused)
{
	while (unused == NULL)
		pause();
	return NULL;
}

/* The thread takes the place of the process, and the other threads end. */
static int executes_in_thread(const char *self)
{
	pthread_t threads[4];
	own_path = self;
	for (int i = 0; i < 3; i++)
		pthread_create(&threads[i], NULL, sleep_on, NULL);
	pthread_create(&threads[3], NULL, execute, NULL);
	pthread_join(threads[3], NULL);
	return 1;
}

/* The child makes a call that nothing else here makes. */
static int clones(unsigned long flags)
{
	int status = 0;
	pid_t child = syscall(SYS_clone, flags | SIGCHLD, 0, 0, 0, 0);
	if (child == 0) {
		getpgid(0);
		_exit(3);
	}
	waitpid(child, &status, 0);
	printf("%d\n", WEXITSTATUS(status));
	return 14;
}

static int calls_by_32_bits(void)
{
	long result = 20; /* getpid */
	__asm__ volatile("int $0x80" : "+a"(result) : : "memory", "r8", "r9", "r10", "r11");
	puts(result == getpid() ? "number" : result == -ENOSYS ? "none" : "other");
	return 15;
}

static int leaves_namespaces(void)
{
	int status;
	int made = unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET) == 0;
	pid_t child = fork();
	if (child == 0)
		_exit(chroot("/proc") == 0 && chdir("/") == 0 ? (int)getpid() : 99);
	waitpid(child, &status, 0);
	printf("%d %d\n", made, WEXITSTATUS(status) == 99 ? 99 : WEXITSTATUS(status) == 1);
	return 16;
}

static int is_strict(void)
{
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT, 0, 0, 0) != 0) {
		puts(strerror(errno));
		return 17;
	}
	(void)!write(1, "strict\n", 7);
	syscall(SYS_exit, 17);
	return 0;
}

static int hides(void)
{
	int status;
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	pid_t child = fork();
	if (child == 0)
		_exit(prctl(PR_GET_DUMPABLE, 0, 0, 0, 0));
	waitpid(child, &status, 0);
	printf("%d\n", WEXITSTATUS(status));
	return 18;
}

/* As "kill 0" of a shell does, to all of its process group. */
static int signals_group(char **numbers)
{
	for (; *numbers != NULL; numbers++) {
		signal(atoi(*numbers), SIG_IGN);
		kill(0, atoi(*numbers));
	}
	for (int i = 0; i < 50; i++)
		getppid();
	puts("goes on");
	return 19;
}

static int closes_output(void)
{
	for (int i = 0; i < 3; i++)
		close(i);
	return open("/", O_RDONLY) == 0 ? 20 : 1;
}

static int calls_numbers(int count)
{
	long bad = 0;
	for (int i = 0; i < count; i++)
		bad += syscall(1000 + i) != -1 || errno != ENOSYS;
	bad += syscall(-1) != -1 || errno != ENOSYS;
	printf("%ld\n", bad);
	return 21;
}

/* It lets the child go on, or waits for it. */
static int stops_child(int waits)
{
	pid_t child = fork();
	if (child == 0) {
		raise(SIGSTOP);
		_exit(4);
	}
	int status;
	waitpid(child, &status, WUNTRACED);
	printf("%d\n", WIFSTOPPED(status) && WSTOPSIG(status) == SIGSTOP);
	fflush(stdout);
	if (!waits)
		kill(child, SIGCONT);
	waitpid(child, &status, 0);
	printf("%d\n", WEXITSTATUS(status));
	return 22;
}

/* By the descriptor, by its folder and its name, and by the name of the descriptor; execveat(2) knows one that closes on exec. */
static int executes_descriptor(char **words, char **environment)
{
	for (int way = 0; way < 3; way++) {
		pid_t child = fork();
		if (child == 0) {
			char name[40];
			int file = open(words[1], O_RDONLY | (way == 0 ? O_CLOEXEC : 0));
			int folder = open(words[0], O_RDONLY | O_DIRECTORY);
			snprintf(name, sizeof name, "/proc/self/fd/%d", file);
			if (way == 0)
				syscall(SYS_execveat, file, "", words + 1, environment, AT_EMPTY_PATH);
			else if (way == 1)
				syscall(SYS_execveat, folder, "id", words + 1, environment, 0);
			else
				execve(name, words + 1, environment);
			_exit(1);
		}
		waitpid(child, NULL, 0);
	}
	return 4;
}

/* One path crosses into a second page. The other ends where that page ends, and nothing is behind it. */
static int executes_at_pages(char **words, char **environment)
{
	size_t page = sysconf(_SC_PAGESIZE);
	char *pages = mmap(NULL, 3 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	munmap(pages + 2 * page, page);
	/* Nothing has looked at these pages yet, as at constants of a program. */
	char *untouched = mmap(NULL, page, PROT_READ, MAP_PRIVATE, open(words[2], O_RDONLY), 0);
	for (int way = 0; way < 3; way++) {
		size_t length = strlen(words[0]) + 1;
		char *place = way == 0 ? pages + page - length / 2 : pages + 2 * page - length;
		char *path = way == 2 ? untouched : strcpy(place, words[0]);
		pid_t child = fork();
		if (child == 0) {
			execve(path, words, environment);
			_exit(1);
		}
		waitpid(child, NULL, 0);
		words++;
	}
	return 4;
}

int main(int count, char **words, char **environment)
{
	const char *what = count < 2 ? "" : words[1];
	if (!strcmp(what, "executes a descriptor"))
		return executes_descriptor(words + 2, environment);
	if (!strcmp(what, "executes at pages"))
		return executes_at_pages(words + 2, environment);
	if (!strcmp(what, "forks"))
		return forks(count < 3 ? 0 : atoi(words[2]));
	if (!strcmp(what, "blocks signals"))
		return blocks_signals();
	if (!strcmp(what, "forks twice"))
		return forks_twice();
	if (!strcmp(what, "makes a ring"))
		return makes_ring();
	if (!strcmp(what, "closes all descriptors"))
		return closes_all();
	if (!strcmp(what, "loads a filter"))
		return filters(0);
	if (!strcmp(what, "wants a listener"))
		return filters(SECCOMP_FILTER_FLAG_NEW_LISTENER);
	if (!strcmp(what, "asks for what there is"))
		return probes();
	if (!strcmp(what, "works beside others"))
		return works_beside_others();
	if (!strcmp(what, "gets signals beside others"))
		return gets_signals_beside_others();
	if (!strcmp(what, "sends descriptors"))
		return sends_descriptors(words + 2, environment);
	if (!strcmp(what, "traces"))
		return traces();
	if (!strcmp(what, "stops"))
		return stops();
	if (!strcmp(what, "chains"))
		return chains(words[0], count < 3 ? 0 : atoi(words[2]));
	if (!strcmp(what, "executes in a thread"))
		return executes_in_thread(words[0]);
	if (!strcmp(what, "clones untraced"))
		return clones(CLONE_UNTRACED);
	if (!strcmp(what, "clones traced"))
		return clones(CLONE_PTRACE);
	if (!strcmp(what, "calls by 32 bits"))
		return calls_by_32_bits();
	if (!strcmp(what, "leaves namespaces"))
		return leaves_namespaces();
	if (!strcmp(what, "is strict"))
		return is_strict();
	if (!strcmp(what, "hides"))
		return hides();
	if (!strcmp(what, "signals its group"))
		return signals_group(words + 2);
	if (!strcmp(what, "closes its output"))
		return closes_output();
	if (!strcmp(what, "calls numbers"))
		return calls_numbers(count < 3 ? 0 : atoi(words[2]));
	if (!strcmp(what, "stops its child"))
		return stops_child(count > 2);
	if (!strcmp(what, "kills itself"))
		return kill(getpid(), SIGKILL);
	return 1;
}
