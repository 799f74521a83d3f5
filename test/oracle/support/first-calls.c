/*
 * first-calls: a program without a C library that, from its first instruction on, makes processes or threads in one way,
 * each of which asks what it may do. MODE is argv[1], or the last letter of argv[0]: f fork(2) 32 times, v vfork(2) 32
 * times, t 32 threads with clone(2), p 32 processes that share its memory, x execve(2) of itself, anything else itself.
 * Prints a letter for each: D if mkdir(2) gave errno 33, which no kernel gives for it, and else U.
 *
 * Build: cc -static -nostdlib.
 */
__asm__(".globl _start\n"
	"_start:\n"
	"mov %rsp, %rdi\n"
	"and $-16, %rsp\n"
	"call begin\n"
	/* clone(flags, stack) whose child calls ask_and_exit on its own stack */
	".globl start_on\n"
	"start_on:\n"
	"mov $56, %eax\n"
	"xor %edx, %edx\n"
	"xor %r10d, %r10d\n"
	"xor %r8d, %r8d\n"
	"syscall\n"
	"test %eax, %eax\n"
	"jnz 1f\n"
	"call ask_and_exit\n"
	"1: ret\n");

enum { COUNT = 32, STACK = 4096 };

static char stacks[COUNT][STACK] __attribute__((aligned(16)));
static char mode;
static volatile int asked;

long start_on(unsigned long flags, void *stack);

static long call3(long nr, long a, long b, long c)
{
	long result;
	register long fourth __asm__("r10") = 0;
	__asm__ volatile("syscall" : "=a"(result) : "a"(nr), "D"(a), "S"(b), "d"(c), "r"(fourth) : "rcx", "r11", "memory");
	return result;
}

static void ask(void)
{
	const char *said = call3(83, (long)"/tmp/made", 0777, 0) == -33 ? "D" : "U";
	call3(1, 1, (long)said, 1);
	__atomic_add_fetch(&asked, 1, __ATOMIC_SEQ_CST);
}

__attribute__((used)) void ask_and_exit(void)
{
	ask();
	call3(60, 0, 0, 0);
}

static void make(int i)
{
	char *stack = stacks[i] + STACK;
	long pid = 0;
	switch (mode) {
	case 'f':
		if (call3(57, 0, 0, 0) == 0)
			ask_and_exit();
		return;
	case 'v': /* CLONE_VFORK | CLONE_VM, SIGCHLD */
		pid = start_on(0x4000 | 0x100 | 17, stack);
		break;
	case 't': /* CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD */
		pid = start_on(0x100 | 0x200 | 0x400 | 0x800 | 0x10000, stack);
		break;
	case 'p':
		pid = start_on(0x100 | 17, stack);
		break;
	}
	if (pid < 0)
		call3(1, 1, (long)"E", 1);
}

__attribute__((used)) void begin(long *stack)
{
	char **argv = (char **)(stack + 1);
	char *name = argv[0];
	for (char *at = name; *at != 0; at++)
		mode = *at;
	if (stack[0] > 1)
		mode = argv[1][0];
	if (mode == 'x') {
		char *again[] = {"first-calls", "-", 0};
		call3(59, (long)name, (long)again, 0);
	}
	if (mode != 'f' && mode != 'v' && mode != 't' && mode != 'p') {
		ask();
		call3(231, 0, 0, 0);
	}
	for (int i = 0; i < COUNT; i++)
		make(i);
	if (mode == 't')
		while (asked < COUNT)
			call3(24, 0, 0, 0);
	while (call3(61, -1, 0, 0) > 0)
		;
	call3(231, 0, 0, 0);
}
