/*
 * branch-target: an aarch64 program without a C library, whose code takes indirect branches only at marked instructions
 * (BTI), and whose functions sign their return addresses (PAC). Prints what the kernel says of the pages of its code
 * ("bt": guarded) and the result of mkdirat("/nonexistent/x"), "VmFlags: … bt …" and "mkdir ERRNO".
 *
 * Build: aarch64-linux-gnu-gcc -static -nostdlib -mbranch-protection=standard -Wl,-z,force-bti.
 */
__asm__(".globl _start\n_start:\nbti c\nmov x29, #0\nmov x30, #0\nbl begin\n");

static long call(long nr, long a, long b, long c, long d)
{
	register long x8 __asm__("x8") = nr, x0 __asm__("x0") = a, x1 __asm__("x1") = b, x2 __asm__("x2") = c,
	      x3 __asm__("x3") = d;

	__asm__ volatile("svc #0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3) : "memory");
	return x0;
}

enum { MKDIRAT = 34, OPENAT = 56, READ = 63, WRITE = 64, EXIT_GROUP = 94, AT_FDCWD = -100 };

static char text[65536];

__attribute__((noinline)) static void print_number(long value)
{
	char digits[8];
	int at = sizeof digits;

	digits[--at] = '\n';
	do
		digits[--at] = (char)('0' + value % 10);
	while ((value /= 10) != 0);
	call(WRITE, 1, (long)(digits + at), (long)sizeof digits - at, 0);
}

void begin(void)
{
	long error = -call(MKDIRAT, AT_FDCWD, (long)"/nonexistent/x", 0777, 0);
	long file = call(OPENAT, AT_FDCWD, (long)"/proc/self/smaps", 0, 0);
	long length = 0, more, start = 0;

	while ((more = call(READ, file, (long)(text + length), (long)sizeof text - length, 0)) > 0)
		length += more;
	/* Lines that begin with V: one an area of memory. */
	for (long at = 0; at < length; at++) {
		if (text[at] != '\n')
			continue;
		if (text[start] == 'V')
			call(WRITE, 1, (long)(text + start), at + 1 - start, 0);
		start = at + 1;
	}
	call(WRITE, 1, (long)"mkdir ", 6, 0);
	print_number(error);
	call(EXIT_GROUP, 0, 0, 0, 0);
}
