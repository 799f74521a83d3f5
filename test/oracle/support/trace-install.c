/*
 * trace-install [-1] OUT COMMAND [ARG...]: runs a command and records every program that it, or any process it starts,
 * hands to seccomp(SECCOMP_SET_MODE_FILTER) or prctl(PR_SET_SECCOMP).
 *
 * One line a call in OUT: "CALL FLAGS RETURN HEX": CALL is seccomp or prctl, FLAGS hexadecimal, RETURN the decimal
 * value or negative errno, HEX the raw sock_filter array. Calls with a null program (probes for a flag) are left
 * out. Everything still running when the command ends is killed. Exit status: the command's. With -1 it ends with
 * status 0, and kills all, as soon as one program is installed: some containers hang under theirs.
 *
 * Unlike a dump of a live process this also sees the filter of a container that cannot start under it, and the
 * flags. A filter of its own, of five instructions, sends only those two calls to the tracer.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAX_PENDING 64

struct pending {
	pid_t pid;
	const char *call;
	unsigned long flags;
	size_t count;
	struct sock_filter insns[4096];
};

static struct pending pending[MAX_PENDING];
static FILE *out;

static struct pending *find(pid_t pid)
{
	for (int i = 0; i < MAX_PENDING; i++)
		if (pending[i].pid == pid)
			return &pending[i];
	return NULL;
}

static int read_memory(pid_t pid, uint64_t from, void *to, size_t size)
{
	struct iovec local = { to, size }, remote = { (void *)from, size };
	return process_vm_readv(pid, &local, 1, &remote, 1, 0) == (ssize_t)size ? 0 : -1;
}

/* The stop at the entry of a call: remembers the program; 0 when the call installs nothing. */
static int on_entry(pid_t pid)
{
	struct user_regs_struct regs;
	struct sock_fprog header;
	struct pending *p;
	uint64_t address = 0;
	unsigned long flags = 0;
	const char *call = NULL;

	if (ptrace(PTRACE_GETREGS, pid, NULL, &regs) != 0)
		return 0;
	if (regs.orig_rax == SYS_seccomp && regs.rdi == SECCOMP_SET_MODE_FILTER) {
		call = "seccomp";
		flags = regs.rsi;
		address = regs.rdx;
	} else if (regs.orig_rax == SYS_prctl && regs.rdi == PR_SET_SECCOMP && regs.rsi == SECCOMP_MODE_FILTER) {
		call = "prctl";
		address = regs.rdx;
	}
	if (call == NULL || address == 0 || read_memory(pid, address, &header, sizeof(header)) != 0)
		return 0;
	p = find(0);
	if (p == NULL || header.len == 0 || header.len > 4096)
		return 0;
	if (read_memory(pid, (uint64_t)header.filter, p->insns, header.len * sizeof(p->insns[0])) != 0)
		return 0;
	p->pid = pid;
	p->call = call;
	p->flags = flags;
	p->count = header.len;
	return 1;
}

/* The stop at the exit of a call: records it; whether the kernel took the program. */
static int on_exit_stop(struct pending *p)
{
	struct user_regs_struct regs = { .rax = -1 };
	const unsigned char *bytes = (const unsigned char *)p->insns;

	if (ptrace(PTRACE_GETREGS, p->pid, NULL, &regs) == 0) {
		fprintf(out, "%s %lx %lld ", p->call, p->flags, (long long)regs.rax);
		for (size_t i = 0; i < p->count * sizeof(p->insns[0]); i++)
			fprintf(out, "%02x", bytes[i]);
		fputc('\n', out);
		fflush(out);
	}
	p->pid = 0;
	return (long long)regs.rax >= 0;
}

static void become_traced(char **argv)
{
	struct sock_filter insns[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_seccomp, 2, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_prctl, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE),
	};
	struct sock_fprog program = { sizeof(insns) / sizeof(insns[0]), insns };

	raise(SIGSTOP);
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) == 0)
		execvp(argv[0], argv);
	perror("trace-install");
	_exit(127);
}

int main(int argc, char **argv)
{
	const long options = PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE | PTRACE_O_TRACESECCOMP |
			     PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL;
	pid_t child, pid;
	int status, first_only = argc > 1 && strcmp(argv[1], "-1") == 0;

	argc -= first_only;
	argv += first_only;
	if (argc < 3 || (out = fopen(argv[1], "w")) == NULL) {
		fprintf(stderr, "usage: trace-install [-1] OUT COMMAND [ARG...]\n");
		return 2;
	}
	child = fork();
	if (child == 0)
		become_traced(argv + 2);
	if (child < 0 || waitpid(child, &status, WUNTRACED) != child ||
	    ptrace(PTRACE_SEIZE, child, NULL, (void *)options) != 0 || kill(child, SIGCONT) != 0) {
		perror("trace-install");
		return 125;
	}
	while ((pid = waitpid(-1, &status, __WALL)) > 0) {
		int signal_number, event = status >> 16;
		struct pending *p = find(pid);

		if (!WIFSTOPPED(status)) {
			if (p != NULL)
				p->pid = 0;
			if (pid == child)
				return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
			continue;
		}
		signal_number = WSTOPSIG(status);
		if (event == PTRACE_EVENT_SECCOMP) {
			ptrace(on_entry(pid) ? PTRACE_SYSCALL : PTRACE_CONT, pid, NULL, NULL);
			continue;
		}
		if (signal_number == (SIGTRAP | 0x80)) {
			if (p != NULL && on_exit_stop(p) && first_only)
				return 0;
			ptrace(PTRACE_CONT, pid, NULL, NULL);
			continue;
		}
		if (event == PTRACE_EVENT_STOP && signal_number != SIGTRAP) {
			ptrace(PTRACE_LISTEN, pid, NULL, NULL);
			continue;
		}
		ptrace(PTRACE_CONT, pid, NULL, event != 0 ? NULL : (void *)(long)signal_number);
	}
	perror("trace-install");
	return 125;
}
