/*
 * notify-target NR...: a process whose calls of the given numbers, on any architecture, wait for a supervisor.
 *
 * First line on standard output: "listener FD", its own descriptor, for pidfd_getfd(2). Then it does what standard
 * input says, a line each, and answers with a line:
 *   close FD                 closed
 *   call NR [ARG ...]        return VALUE | errno NUMBER; by the syscall instruction; an ARG is strtoull(base 0), or
 *                            @TEXT for the address of that text
 *   call32 NR [ARG ...]      by int 0x80, which the filter sees as AUDIT_ARCH_I386; up to 5 arguments
 *   threads COUNT NR         COUNT threads call NR at once, argument 0 being their index: "return V0 V1 ..."
 *   read FD                  data TEXT | errno NUMBER
 *   flags FD                 return F_GETFD | errno NUMBER
 * SIGUSR1 interrupts a call (EINTR). It ends with its standard input.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MAX_CALLS 32
#define MAX_THREADS 256

static void on_signal(int number)
{
	(void)number;
}

static int install(int count, char **numbers)
{
	static struct sock_filter insns[2 * MAX_CALLS + 2];
	struct sock_fprog program = { 0, insns };

	insns[program.len++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
	for (int i = 0; i < count; i++) {
		uint32_t nr = strtoul(numbers[i], NULL, 0);
		insns[program.len++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, nr, 0, 1);
		insns[program.len++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF);
	}
	insns[program.len++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return -1;
	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);
}

static long make_call(const uint64_t *call, int is32)
{
	long result;

	if (is32) {
		__asm__ volatile("int $0x80"
				 : "=a"(result)
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

static void print_result(long result)
{
	if (result < 0 && result >= -4095)
		printf("errno %ld\n", -result);
	else
		printf("return %ld\n", result);
}

static void call_line(char *rest, int is32)
{
	uint64_t call[7] = { 0 };
	int count = 0;

	for (char *word = strtok(rest, " \n"); word != NULL && count < 7; word = strtok(NULL, " \n"))
		call[count++] = *word == '@' ? (uintptr_t)(word + 1) : strtoull(word, NULL, 0);
	print_result(make_call(call, is32));
}

struct job {
	uint64_t call[7];
	long result;
};

static void *thread_main(void *argument)
{
	struct job *job = argument;

	job->result = make_call(job->call, 0);
	return NULL;
}

static void threads_line(const char *rest)
{
	static struct job jobs[MAX_THREADS];
	static pthread_t threads[MAX_THREADS];
	unsigned int count = 0, nr = 0;

	if (sscanf(rest, "%u %u", &count, &nr) != 2 || count > MAX_THREADS)
		exit(2);
	for (unsigned int i = 0; i < count; i++) {
		jobs[i] = (struct job){ { nr, i }, 0 };
		if (pthread_create(&threads[i], NULL, thread_main, &jobs[i]) != 0)
			exit(2);
	}
	for (unsigned int i = 0; i < count; i++)
		pthread_join(threads[i], NULL);
	printf("return");
	for (unsigned int i = 0; i < count; i++)
		printf(" %ld", jobs[i].result);
	printf("\n");
}

static void read_line(int fd)
{
	char text[256];
	ssize_t size = read(fd, text, sizeof(text));

	if (size < 0)
		printf("errno %d\n", errno);
	else
		printf("data %.*s\n", (int)size, text);
}

static void flags_line(int fd)
{
	int flags = fcntl(fd, F_GETFD);

	print_result(flags < 0 ? -errno : flags);
}

int main(int argc, char **argv)
{
	char line[1024];
	int listener;
	struct sigaction action = { .sa_handler = on_signal };

	if (argc - 1 > MAX_CALLS)
		return 2;
	sigaction(SIGUSR1, &action, NULL);
	setvbuf(stdout, NULL, _IOLBF, 0);
	listener = install(argc - 1, argv + 1);
	if (listener < 0) {
		printf("refused %d\n", errno);
		return 1;
	}
	printf("listener %d\n", listener);
	while (fgets(line, sizeof(line), stdin) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		if (strncmp(line, "call ", 5) == 0)
			call_line(line + 5, 0);
		else if (strncmp(line, "call32 ", 7) == 0)
			call_line(line + 7, 1);
		else if (strncmp(line, "threads ", 8) == 0)
			threads_line(line + 8);
		else if (strncmp(line, "read ", 5) == 0)
			read_line(atoi(line + 5));
		else if (strncmp(line, "flags ", 6) == 0)
			flags_line(atoi(line + 6));
		else if (strncmp(line, "close ", 6) == 0)
			printf(close(atoi(line + 6)) == 0 ? "closed\n" : "failed\n");
		else
			return 2;
	}
	return 0;
}
