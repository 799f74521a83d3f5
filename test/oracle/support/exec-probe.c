/*
 * exec-probe: a program without a C library whose first instructions are system calls, so that it tells what it may do
 * from its very start. Prints the result of mkdir("/nonexistent/x") and the registers it started with that no program
 * expects to hold anything, "RESULT RDI RSI RBX R12", in hexadecimal. Then closes every descriptor from 3 to 19 and
 * prints how many were open. Exits with 0.
 *
 * Build: cc -static -nostdlib.
 */
__asm__(".globl _start\n"
	"_start:\n"
	"mov $83, %eax\n" /* mkdir; rdi, rsi, rbx and r12 are as the kernel left them */
	"push %rdi\n"
	"push %rsi\n"
	"lea path(%rip), %rdi\n"
	"mov $0x1ff, %esi\n"
	"syscall\n"
	"pop %rdx\n"
	"pop %rsi\n"
	"mov %rax, %rdi\n"
	"mov %rbx, %rcx\n"
	"mov %r12, %r8\n"
	"and $-16, %rsp\n"
	"call report\n"
	".section .rodata\n"
	"path: .asciz \"/nonexistent/x\"\n"
	".text\n");

static long call3(long nr, long a, long b, long c)
{
	long result;
	__asm__ volatile("syscall" : "=a"(result) : "a"(nr), "D"(a), "S"(b), "d"(c) : "rcx", "r11", "memory");
	return result;
}

static char *hex(char *at, unsigned long value)
{
	int shift = 60;
	while (shift > 0 && (value >> shift) == 0)
		shift -= 4;
	for (; shift >= 0; shift -= 4)
		*at++ = "0123456789abcdef"[(value >> shift) & 15];
	*at++ = ' ';
	return at;
}

void report(long result, unsigned long rdi, unsigned long rsi, unsigned long rbx, unsigned long r12)
{
	static char line[160];
	char *at = hex(line, (unsigned long)-result);
	at = hex(at, rsi);
	at = hex(at, rdi);
	at = hex(at, rbx);
	at = hex(at, r12);
	unsigned long open = 0;
	for (int fd = 3; fd < 20; fd++)
		open += call3(3, fd, 0, 0) == 0;
	at = hex(at, open);
	at[-1] = '\n';
	call3(1, 1, (long)line, at - line);
	call3(231, 0, 0, 0);
}
