/*
 * What a program does about calls that its filter leaves to a tracer: it traces a child of its own. Prints a line a case:
 * what the call returns, and its errno.
 *
 * The filter: TRACE for getpgid and getppid, ERRNO 1 for getsid, ALLOW for the rest. x86_64 only.
 */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#define LEFT 1
#define CHANGED 2

static void fail(const char *what)
{
	perror(what);
	exit(2);
}

static void load_filter(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getpgid, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE | LEFT),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE | CHANGED),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getsid, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { sizeof(code) / sizeof(code[0]), code };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
		fail("filter");
}

static void report(const char *name, long result)
{
	printf("%s: %s\n", name, result < 0 ? (errno == ENOSYS ? "ENOSYS" : errno == EPERM ? "EPERM" : "error") : "made");
	fflush(stdout);
}

static void child(void)
{
	ptrace(PTRACE_TRACEME, 0, 0, 0);
	raise(SIGSTOP);
	report("under its own tracer", syscall(SYS_getpgid, 0));
	report("changed to a denied call", syscall(SYS_getppid));
	_exit(0);
}

static void trace(pid_t pid)
{
	int status;

	waitpid(pid, &status, 0);
	if (ptrace(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACESECCOMP | PTRACE_O_EXITKILL))
		fail("options");
	ptrace(PTRACE_CONT, pid, 0, 0);
	while (waitpid(pid, &status, 0) > 0 && WIFSTOPPED(status)) {
		unsigned long message = 0;
		struct user_regs_struct regs;

		ptrace(PTRACE_GETEVENTMSG, pid, 0, &message);
		if (message == CHANGED && !ptrace(PTRACE_GETREGS, pid, 0, &regs)) {
			regs.orig_rax = SYS_getsid;
			regs.rdi = 0;
			ptrace(PTRACE_SETREGS, pid, 0, &regs);
		}
		ptrace(PTRACE_CONT, pid, 0, 0);
	}
}

int main(void)
{
	pid_t pid;

	load_filter();
	report("without a tracer", syscall(SYS_getpgid, 0));
	pid = fork();
	if (pid == 0)
		child();
	trace(pid);
	return 0;
}
