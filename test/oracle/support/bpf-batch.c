/*
 * bpf-batch: asks the kernel about many programs and many calls in one run.
 *
 *   bpf-batch accept   programs on standard input: u32 length, then length * 8 bytes
 *                      out: i32 a program, 0 accepted, else errno
 *   bpf-batch run      programs, each followed by u32 count and count calls: u64 nr, u64 args[6]
 *                      out: i64 a call, what the kernel left in rax; with NOT_MADE where the child ended before
 *
 * All in this machine's byte order. A child tries programs until one is accepted, since a refused one changes nothing.
 * Once filtered, a child can trust no system call: it reports through shared memory and ends by an illegal instruction.
 * Calls that a program allows are really made: choose calls that do no harm.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define NOT_MADE INT64_MIN
#define UNKNOWN (-1)

struct made_call {
	uint64_t nr;
	uint64_t args[6];
};

static unsigned char *input;
static size_t input_length, at;

static void *shared(size_t size)
{
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED) {
		perror("bpf-batch: mmap");
		exit(2);
	}
	return memory;
}

static void *take(size_t size)
{
	void *taken = input + at;

	if (size > input_length - at) {
		fprintf(stderr, "bpf-batch: input breaks off at %zu\n", at);
		exit(2);
	}
	at += size;
	return taken;
}

static uint32_t take_u32(void)
{
	uint32_t value;

	memcpy(&value, take(4), 4);
	return value;
}

static void read_input(void)
{
	size_t capacity = 1 << 20, got;

	input = malloc(capacity);
	while ((got = fread(input + input_length, 1, capacity - input_length, stdin)) > 0) {
		input_length += got;
		if (input_length == capacity)
			input = realloc(input, capacity *= 2);
	}
}

static int install(struct sock_filter *filter, uint32_t length)
{
	struct sock_fprog program = { (unsigned short)length, filter };

	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) == 0 ? 0 : errno;
}

static int64_t make_call(const struct made_call *call)
{
	int64_t result;
	register uint64_t r10 __asm__("r10") = call->args[3];
	register uint64_t r8 __asm__("r8") = call->args[4];
	register uint64_t r9 __asm__("r9") = call->args[5];

	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "a"(call->nr), "D"(call->args[0]), "S"(call->args[1]), "d"(call->args[2]), "r"(r10), "r"(r8), "r"(r9)
			 : "memory", "rcx", "r11");
	return result;
}

static void in_child(void (*work)(void *), void *context)
{
	pid_t pid = fork();

	if (pid == 0) {
		prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
		work(context);
		for (;;)
			__builtin_trap();
	}
	if (pid < 0 || waitpid(pid, NULL, 0) != pid) {
		perror("bpf-batch: fork");
		exit(2);
	}
}

struct acceptance {
	size_t *offsets;
	size_t next, count;
	volatile int32_t *results;
};

static void try_programs(void *context)
{
	struct acceptance *all = context;

	for (size_t i = all->next; i < all->count; i++) {
		uint32_t length;
		int result;

		memcpy(&length, input + all->offsets[i], 4);
		result = install((struct sock_filter *)(input + all->offsets[i] + 4), length);
		all->results[i] = result;
		if (result == 0)
			return;
	}
}

static void accept_all(void)
{
	struct acceptance all = { 0 };

	all.offsets = calloc(input_length / 4 + 1, sizeof(size_t));
	while (at < input_length) {
		all.offsets[all.count++] = at;
		take((size_t)take_u32() * 8);
	}
	all.results = shared(all.count * 4 + 4);
	for (size_t i = 0; i < all.count; i++)
		all.results[i] = UNKNOWN;
	while (all.next < all.count) {
		in_child(try_programs, &all);
		if (all.results[all.next] == UNKNOWN)
			exit(2);
		while (all.next < all.count && all.results[all.next] != UNKNOWN)
			all.next++;
	}
	fwrite((void *)all.results, 4, all.count, stdout);
}

struct run {
	struct sock_filter *filter;
	uint32_t length, count;
	struct made_call *calls;
	volatile int64_t *results;
};

static void make_calls(void *context)
{
	struct run *run = context;

	if (install(run->filter, run->length) != 0)
		return;
	for (uint32_t i = 0; i < run->count; i++)
		run->results[i] = make_call(&run->calls[i]);
}

static void run_all(void)
{
	while (at < input_length) {
		struct run run = { 0 };

		run.length = take_u32();
		run.filter = take((size_t)run.length * 8);
		run.count = take_u32();
		run.calls = take(run.count * sizeof(struct made_call));
		run.results = shared(run.count * 8 + 8);
		for (uint32_t i = 0; i < run.count; i++)
			run.results[i] = NOT_MADE;
		in_child(make_calls, &run);
		fwrite((void *)run.results, 8, run.count, stdout);
		munmap((void *)run.results, run.count * 8 + 8);
	}
}

int main(int argc, char **argv)
{
	struct rlimit no_core = { 0, 0 };

	setrlimit(RLIMIT_CORE, &no_core);
	read_input();
	if (argc == 2 && strcmp(argv[1], "accept") == 0)
		accept_all();
	else if (argc == 2 && strcmp(argv[1], "run") == 0)
		run_all();
	else
		return 2;
	return 0;
}
