/*
 * Calls lseek(2), which knows no EINTR, while signals come whose handlers have no SA_RESTART and make a call of their own:
 * half of the time a handler that wants a siginfo_t. On arm every other call is made in ARM state. The next signal comes only
 * after the handler of the last one has returned, so that slow machines get on as well.
 *
 *   signal-storm SIGNALS MICROSECONDS     prints how many calls failed, how many returned something wrong, how many signals came
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

static volatile int came, lost, parent;

static void note(int number)
{
	(void)number;
	came++;
	if (getppid() != parent)
		lost++;
}

static void note_with_info(int number, siginfo_t *info, void *context)
{
	(void)context;
	if (info->si_signo != number)
		lost++;
	note(number);
}

#define UNUSED __attribute__((unused))
#ifdef __arm__
__attribute__((naked, target("arm"), noinline)) static long seek_in_arm(UNUSED int file, UNUSED long offset, UNUSED int whence)
{
	__asm__ volatile("push {r7, lr}\n\tmov r7, #19\n\tsvc #0\n\tpop {r7, pc}");
}
#else
#define seek_in_arm lseek
#endif

int main(int count, char **words)
{
	if (count != 3)
		return 2;
	int signals = atoi(words[1]), failed = 0, wrong = 0;
	struct sigaction action = { .sa_handler = note }, other = { .sa_sigaction = note_with_info, .sa_flags = SA_SIGINFO };
	struct itimerval once = { { 0, 0 }, { 0, 0 } };
	/* The result tells whether the first argument, which can share its register with the result, was kept. */
	int file = open("/proc/self/exe", O_RDONLY);
	if (file < 0 || lseek(file, 7, SEEK_SET) != 7)
		return 3;
	parent = getppid();
	for (int i = 0; i < signals; i++) {
		sigaction(SIGALRM, i % 2 ? &action : &other, NULL);
		once.it_value.tv_usec = 1 + i * atoi(words[2]) / signals;
		if (setitimer(ITIMER_REAL, &once, NULL) != 0)
			failed++;
		for (int calls = 0; came == i; calls++) {
			long at = calls % 2 ? seek_in_arm(file, 0, SEEK_CUR) : lseek(file, 0, SEEK_CUR);
			if (at < 0 && at >= -4095)
				failed++;
			else if (at != 7)
				wrong++;
		}
	}
	printf("%d failed, %d wrong, %d signals\n", failed, wrong + lost, came);
	return 0;
}
