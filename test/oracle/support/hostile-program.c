/*
 * Does one thing that a recorder may not expect, prints what came of it, and ends with an exit code of its own.
 *
 *   hostile-program WHAT
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/filter.h>
#include <linux/io_uring.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
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

int main(int count, char **words)
{
	const char *what = count < 2 ? "" : words[1];
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
	if (!strcmp(what, "traces"))
		return traces();
	if (!strcmp(what, "stops"))
		return stops();
	if (!strcmp(what, "kills itself"))
		return kill(getpid(), SIGKILL);
	return 1;
}
