/*
 * Calls lseek(2), which knows no EINTR, while a timer sends signals whose handler has no SA_RESTART.
 *
 *   signal-storm CALLS MICROSECONDS     prints how many calls failed, how many returned something wrong, how many signals came
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/time.h>
#include <unistd.h>

static volatile int came;

static void note(int number)
{
	(void)number;
	came++;
}

int main(int count, char **words)
{
	if (count != 3)
		return 2;
	int calls = atoi(words[1]), failed = 0, wrong = 0;
	struct sigaction action = { .sa_handler = note };
	struct itimerval every = { { 0, atoi(words[2]) }, { 0, atoi(words[2]) } }, never = { { 0, 0 }, { 0, 0 } };
	/* The result tells whether the first argument, which shares its register with the result on arm64, was kept. */
	int file = open("/proc/self/exe", O_RDONLY);
	if (file < 0 || lseek(file, 7, SEEK_SET) != 7)
		return 3;
	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &every, NULL);
	for (int i = 0; i < calls; i++) {
		off_t at = lseek(file, 0, SEEK_CUR);
		if (at == -1)
			failed++;
		else if (at != 7)
			wrong++;
	}
	setitimer(ITIMER_REAL, &never, NULL);
	printf("%d failed, %d wrong, %d signals\n", failed, wrong, came);
	return 0;
}
