/*
 * open-socket: opens sockets under a program and asks the kernel what it opened.
 *
 * Standard input: the program, a raw sock_filter array in hexadecimal digits. Arguments: domains, strtoull(base 0), all
 * 64 bits of which go into the register. Standard output, a line each: `domain N` (SO_DOMAIN of the socket) or
 * `errno N`. The program must allow write, getsockopt and exit_group.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static long open_socket(uint64_t domain)
{
	long result;

	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "a"((long)SYS_socket), "D"(domain), "S"((long)SOCK_STREAM), "d"(0L)
			 : "memory", "rcx", "r11");
	return result;
}

int main(int argc, char **argv)
{
	static struct sock_filter insns[4096];
	struct sock_fprog program = { 0, insns };
	unsigned char *bytes = (unsigned char *)insns;
	size_t length = 0;
	unsigned int byte;

	while (length < sizeof(insns) && scanf("%2x", &byte) == 1)
		bytes[length++] = (unsigned char)byte;
	program.len = (unsigned short)(length / sizeof(*insns));
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) != 0) {
		fprintf(stderr, "open-socket: the kernel took no program: errno %d\n", errno);
		return 2;
	}
	for (int i = 1; i < argc; i++) {
		long result = open_socket(strtoull(argv[i], NULL, 0));
		int domain = -1;
		socklen_t size = sizeof(domain);

		if (result < 0) {
			printf("errno %ld\n", -result);
			continue;
		}
		getsockopt((int)result, SOL_SOCKET, SO_DOMAIN, &domain, &size);
		printf("domain %d\n", domain);
	}
	return 0;
}
