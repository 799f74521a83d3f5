/*
 * process-state: prints what this process was given at its start, a line a fact, for comparing two ways to start it.
 *
 * process-state with=SETTING,... COMMAND...: first changes what it passes on, then starts COMMAND as a child and ends
 * as it does. Settings: cpu (one CPU only), nice, slack (timer slack), umask, personality, pdeathsig, nonblock (of
 * standard input), core (RLIMIT_CORE), files (soft RLIMIT_NOFILE 300), realtime (SIGRTMIN+6 ignored).
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

extern char **environ;

static void print_file(const char *path, const char *const *prefixes)
{
	char line[4096];
	FILE *file = fopen(path, "re");
	if (file == NULL)
		return;
	while (fgets(line, sizeof(line), file) != NULL) {
		int shown = prefixes == NULL;
		for (int i = 0; !shown && prefixes[i] != NULL; i++)
			shown = strncmp(line, prefixes[i], strlen(prefixes[i])) == 0;
		if (shown)
			printf("%s: %s", path, line);
	}
	fclose(file);
}

static void print_bytes(const char *what, const char *bytes)
{
	printf("%s ", what);
	for (; *bytes != 0; bytes++)
		printf("%02x", (unsigned char)*bytes);
	putchar('\n');
}

static void print_descriptors(void)
{
	for (int fd = 0; fd < 256; fd++) {
		char path[64], target[256] = "";
		int flags = fcntl(fd, F_GETFL);
		if (flags < 0)
			continue;
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		if (readlink(path, target, sizeof(target) - 1) < 0)
			continue;
		printf("descriptor %d flags %o close-on-exec %d %s\n", fd, flags, fcntl(fd, F_GETFD), target);
	}
}

static void print_numbers(void)
{
	cpu_set_t cpus;
	int number = 0;
	struct itimerval timer;
	struct termios mode;
	struct winsize size;

	sched_getaffinity(0, sizeof(cpus), &cpus);
	printf("cpus %d nice %d scheduler %d\n", CPU_COUNT(&cpus), getpriority(PRIO_PROCESS, 0), sched_getscheduler(0));
	prctl(PR_GET_PDEATHSIG, &number);
	printf("timerslack %d pdeathsig %d dumpable %d keepcaps %d securebits %x thp %d\n",
	       prctl(PR_GET_TIMERSLACK, 0, 0, 0, 0), number, prctl(PR_GET_DUMPABLE, 0, 0, 0, 0),
	       prctl(PR_GET_KEEPCAPS, 0, 0, 0, 0), prctl(PR_GET_SECUREBITS, 0, 0, 0, 0),
	       prctl(PR_GET_THP_DISABLE, 0, 0, 0, 0));
	prctl(PR_GET_CHILD_SUBREAPER, &number);
	printf("subreaper %d personality %x\n", number, personality(0xffffffff));
	getitimer(ITIMER_REAL, &timer);
	printf("timer %d\n", timer.it_value.tv_sec != 0);
	printf("leader %d foreground %d session %d\n", getpid() == getpgrp(), tcgetpgrp(0) == getpgrp(), getsid(0) == getpid());
	if (tcgetattr(0, &mode) == 0)
		printf("terminal %x %x %x %x\n", mode.c_iflag, mode.c_oflag, mode.c_cflag, mode.c_lflag);
	if (ioctl(0, TIOCGWINSZ, &size) == 0)
		printf("window %d %d\n", size.ws_col, size.ws_row);
}

static void set(const char *name)
{
	if (strcmp(name, "cpu") == 0) {
		cpu_set_t one;
		CPU_ZERO(&one);
		CPU_SET(0, &one);
		sched_setaffinity(0, sizeof(one), &one);
	} else if (strcmp(name, "nice") == 0) {
		setpriority(PRIO_PROCESS, 0, 3);
	} else if (strcmp(name, "slack") == 0) {
		prctl(PR_SET_TIMERSLACK, 70000, 0, 0, 0);
	} else if (strcmp(name, "umask") == 0) {
		umask(027);
	} else if (strcmp(name, "personality") == 0) {
		personality(ADDR_NO_RANDOMIZE);
	} else if (strcmp(name, "pdeathsig") == 0) {
		prctl(PR_SET_PDEATHSIG, SIGHUP, 0, 0, 0);
	} else if (strcmp(name, "nonblock") == 0) {
		fcntl(0, F_SETFL, fcntl(0, F_GETFL) | O_NONBLOCK);
	} else if (strcmp(name, "core") == 0) {
		struct rlimit limit = { 4096, 8192 };
		setrlimit(RLIMIT_CORE, &limit);
	} else if (strcmp(name, "files") == 0) {
		struct rlimit limit;
		getrlimit(RLIMIT_NOFILE, &limit);
		limit.rlim_cur = 300;
		setrlimit(RLIMIT_NOFILE, &limit);
	} else if (strcmp(name, "realtime") == 0) {
		signal(SIGRTMIN + 6, SIG_IGN);
	}
}

static int start(char *settings, char **command)
{
	char *own[16];
	int count = 0, status = 0;
	for (char *name = strtok(settings, ","); name != NULL && count < 16; name = strtok(NULL, ","))
		own[count++] = name;
	for (int i = 0; i < count; i++)
		if (strcmp(own[i], "pdeathsig") != 0)
			set(own[i]);
	pid_t pid = fork();
	if (pid == 0) {
		for (int i = 0; i < count; i++)
			if (strcmp(own[i], "pdeathsig") == 0)
				set(own[i]);
		execvp(command[0], command);
		_exit(127);
	}
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int main(int argc, char **argv)
{
	static const char *const facts[] = {
		"Umask", "Uid", "Gid", "Groups", "Cap", "SigPnd", "ShdPnd", "SigBlk", "SigIgn", "SigCgt", "Threads",
		"Cpus_allowed:", "THP_enabled", "CoreDumping", NULL
	};

	if (argc > 2 && strncmp(argv[1], "with=", 5) == 0)
		return start(argv[1] + 5, argv + 2);
	for (int i = 0; i < argc; i++)
		print_bytes("argument", argv[i]);
	for (char **each = environ; *each != NULL; each++)
		print_bytes("environment", *each);
	print_file("/proc/self/status", facts);
	print_file("/proc/self/limits", NULL);
	print_file("/proc/self/oom_score_adj", NULL);
	print_file("/proc/self/coredump_filter", NULL);
	print_file("/proc/self/comm", NULL);
	print_descriptors();
	print_numbers();
	return 0;
}
