/*
 * kernel-facts: what the running kernel knows of seccomp, one fact a line: "action WORD 0|1", "flag BIT 0|1",
 * "sizes REQUEST RESPONSE DATA" (0 0 0: it tells none), "bitmap 0|1" (root; 1: it keeps a list of calls that a filter
 * always allows). Words and bits are hexadecimal.
 *
 * Nothing is installed: with a program at address 0 the kernel says EFAULT once it has accepted the flags, and EINVAL before.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Linux 6.18 include/uapi/linux/seccomp.h; the headers of a compiler may be older. */
enum { SET_MODE_FILTER = 1, GET_ACTION_AVAIL = 2, GET_NOTIF_SIZES = 3, NEW_LISTENER = 1 << 3, WAIT_KILLABLE_RECV = 1 << 5 };

static const uint32_t actions[] = { 0x80000000, 0x00000000, 0x00030000, 0x00050000,
				    0x7fc00000, 0x7ff00000, 0x7ffc0000, 0x7fff0000 };

static int has_bitmap(void)
{
	FILE *symbols = fopen("/proc/kallsyms", "r");
	char line[512];
	int found = 0;

	while (symbols != NULL && fgets(line, sizeof line, symbols) != NULL)
		found |= strstr(line, " seccomp_cache_prepare") != NULL;
	return found;
}

int main(void)
{
	uint16_t sizes[3] = { 0, 0, 0 };

	for (unsigned i = 0; i < sizeof actions / sizeof *actions; i++)
		printf("action %x %d\n", actions[i], syscall(SYS_seccomp, GET_ACTION_AVAIL, 0, &actions[i]) == 0);
	for (unsigned long bit = 1; bit < 1 << 8; bit <<= 1) {
		/* It is taken only together with a listener. */
		unsigned long flags = bit == WAIT_KILLABLE_RECV ? bit | NEW_LISTENER : bit;

		syscall(SYS_seccomp, SET_MODE_FILTER, flags, NULL);
		printf("flag %lx %d\n", bit, errno == EFAULT);
	}
	syscall(SYS_seccomp, GET_NOTIF_SIZES, 0, sizes);
	printf("sizes %d %d %d\nbitmap %d\n", sizes[0], sizes[1], sizes[2], has_bitmap());
	return 0;
}
