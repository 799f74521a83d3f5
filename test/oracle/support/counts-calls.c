/*
 * Makes calls and notes in a file, without a call, when each of them was made.
 *
 *   counts-calls FILE MICROSECONDS     getppid(2) and a sleep, again and again; FILE: u64 of nanoseconds, one a getppid
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define MOST 1000000

int main(int count, char **words)
{
	if (count != 3)
		return 2;
	int file = open(words[1], O_RDWR | O_CREAT, 0600);
	if (file < 0 || ftruncate(file, MOST * sizeof(uint64_t)) != 0)
		return 3;
	volatile uint64_t *times = mmap(NULL, MOST * sizeof(uint64_t), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
	if (times == MAP_FAILED)
		return 3;
	for (int i = 0; i < MOST; i++) {
		struct timespec now;
		/* The vDSO answers. */
		clock_gettime(CLOCK_MONOTONIC, &now);
		times[i] = now.tv_sec * 1000000000ull + now.tv_nsec;
		getppid();
		usleep(atoi(words[2]));
	}
	return 0;
}
