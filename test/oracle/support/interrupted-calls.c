/*
 * Calls that a signal interrupts. The handlers have no SA_RESTART.
 *
 *   interrupted-calls CALL          says its number, waits for a byte, and makes a call that does not fail with EINTR: it knows
 *                                   none, or reads where a byte is, or does not wait
 *   interrupted-calls until WHAT    makes a call that fails with EINTR, and gives up (9) at the 20th signal; a path is opened
 *                                   and read
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

static volatile int came, ticks;

static void note(int number)
{
	came = number;
	if (number != SIGUSR1 && ++ticks == 20)
		_exit(9);
}

static void handle(int number)
{
	struct sigaction action = { .sa_handler = note };
	sigaction(number, &action, NULL);
}

/* It did not wait, and not because of the signal. */
static int at_once(int result)
{
	return result < 0 && errno != EINTR ? 0 : result;
}

/* Made before the byte comes, so that no other call waits for the recorder. */
static int file, text, events, caller, waiting_caller, full[2], empty[2], pair[2], other[2];

static int calls(const char *what)
{
	struct termios terminal;
	char byte = 'x';
	struct iovec part = { &byte, 1 };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };
	struct pollfd polled = { empty[0], POLLIN, 0 };
	struct epoll_event event;
	struct sockaddr_in nobody = { .sin_family = AF_INET };
	if (!strcmp(what, "readv"))
		return readv(full[0], &part, 1);
	if (!strcmp(what, "readv of nothing"))
		return readv(empty[0], &part, 1);
	if (!strcmp(what, "recvfrom"))
		return at_once(recv(pair[0], &byte, 1, 0));
	if (!strcmp(what, "recvmsg"))
		return at_once(recvmsg(other[0], &message, MSG_DONTWAIT));
	if (!strcmp(what, "connect"))
		return at_once(connect(caller, (void *)&nobody, sizeof nobody));
	if (!strcmp(what, "connect that waits"))
		return connect(waiting_caller, (void *)&nobody, sizeof nobody) < 0 && errno == ECONNREFUSED ? 0 : -1;
	if (!strcmp(what, "futex"))
		return syscall(SYS_futex, &ticks, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
	if (!strcmp(what, "wait4"))
		return at_once(waitpid(-1, NULL, WNOHANG));
#ifdef SYS_poll
	if (!strcmp(what, "poll"))
		return syscall(SYS_poll, &polled, 1, 0);
	if (!strcmp(what, "epoll_wait"))
		return syscall(SYS_epoll_wait, events, &event, 1, 0);
#endif
	if (!strcmp(what, "flock"))
		return flock(file, LOCK_UN);
	if (!strcmp(what, "sendfile"))
		return sendfile(file, text, NULL, 1);
	if (!strcmp(what, "fcntl"))
		return fcntl(0, F_DUPFD, 7);
	if (!strcmp(what, "ioctl"))
		return at_once(ioctl(0, TCGETS, &terminal));
	if (!strcmp(what, "openat"))
		return open("/dev/../etc/passwd", O_RDONLY);
	if (!strcmp(what, "write"))
		return write(file, "x", 1) == 1 ? 0 : -1;
	return dup(0);
}

static void tick(void)
{
	struct itimerval often = { { 0, 50000 }, { 0, 50000 } };
	handle(SIGALRM);
	setitimer(ITIMER_REAL, &often, NULL);
}

/* In the background, a read of a terminal sends the signal that ends it. */
static int reads_terminal(void)
{
	char bytes[9];
	int terminal = posix_openpt(O_RDWR | O_NOCTTY), status;
	if (grantpt(terminal) != 0 || unlockpt(terminal) != 0 || fork() != 0)
		exit(wait(&status) < 0 ? 1 : WEXITSTATUS(status));
	setsid();
	int opened = open(ptsname(terminal), O_RDWR);
	if (write(terminal, "line\n", 5) != 5 || fork() != 0)
		exit(wait(&status) < 0 ? 1 : WEXITSTATUS(status));
	setpgid(0, 0);
	handle(SIGTTIN);
	return read(opened, bytes, sizeof bytes);
}

/* Of a listener that accepts nothing. */
static int connects(int family)
{
	struct sockaddr_storage name = { .ss_family = family };
	socklen_t length = sizeof name;
	int listener = socket(family, SOCK_STREAM, 0);
	bind(listener, (void *)&name, family == AF_UNIX ? sizeof(sa_family_t) : sizeof(struct sockaddr_in));
	getsockname(listener, (void *)&name, &length);
	listen(listener, 0);
	tick();
	for (;;)
		if (connect(socket(family, SOCK_STREAM, 0), (void *)&name, length) < 0)
			return -1;
}

/* What poll(2) says of these descriptors is not what the call finds. */
static int sleeps(const char *what)
{
	char byte = 0;
	int on = 1, zero = 0;
	uint64_t most = UINT64_MAX - 1;
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	struct sockaddr_in nobody = { .sin_family = AF_INET, .sin_port = htons(9), .sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t length = sizeof name;
	if (!strcmp(what, "connection"))
		return connects(AF_INET);
	if (!strcmp(what, "unix connection"))
		return connects(AF_UNIX);
	if (!strcmp(what, "terminal"))
		return reads_terminal();
	if (!strcmp(what, "eventfd"))
		return tick(), write(eventfd(5, 0), &most, sizeof most);
	if (!strcmp(what, "peek")) {
		setsockopt(other[0], SOL_SOCKET, SO_PEEK_OFF, &zero, sizeof zero);
		if (write(other[1], "x", 1) != 1 || recv(other[0], &byte, 1, MSG_PEEK) != 1)
			return 0;
		return tick(), recv(other[0], &byte, 1, MSG_PEEK);
	}
	if (!strcmp(what, "datagram")) {
		int receiver = socket(AF_UNIX, SOCK_DGRAM, 0), sender = socket(AF_UNIX, SOCK_DGRAM, 0);
		/* The kernel gives it a name. */
		bind(receiver, (void *)&name, sizeof(sa_family_t));
		getsockname(receiver, (void *)&name, &length);
		while (sendto(sender, &byte, 1, MSG_DONTWAIT, (void *)&name, length) == 1)
			;
		return tick(), sendto(sender, &byte, 1, 0, (void *)&name, length);
	}
	if (!strcmp(what, "error")) {
		int sender = socket(AF_INET, SOCK_DGRAM, 0);
		setsockopt(sender, IPPROTO_IP, IP_RECVERR, &on, sizeof on);
		connect(sender, (void *)&nobody, sizeof nobody);
		if (send(sender, &byte, 1, 0) != 1 || recv(sender, &byte, 1, 0) >= 0)
			return 0;
		return tick(), recv(sender, &byte, 1, 0);
	}
	tick();
	/* It crosses a page. */
	static char pages[3 * 65536] __attribute__((aligned(65536)));
	int opened = open(strcpy(pages + 65536 - 2, what), O_RDONLY);
	return opened < 0 ? opened : read(opened, &byte, 1);
}

int main(int count, char **words)
{
	char byte;
	file = open("/tmp", O_TMPFILE | O_WRONLY, 0600);
	if (count < 2 || file < 0 || pipe(full) != 0 || pipe(empty) != 0 || write(full[1], "x", 1) != 1)
		return 1;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair) != 0 || socketpair(AF_UNIX, SOCK_STREAM, 0, other) != 0)
		return 1;
	text = open("/etc/passwd", O_RDONLY);
	events = epoll_create1(0);
	caller = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	waiting_caller = socket(AF_INET, SOCK_STREAM, 0);
	if (count == 3) {
		puts(sleeps(words[2]) < 0 ? strerror(errno) : "did not wait");
		return 0;
	}
	handle(SIGUSR1);
	printf("%d\n", getpid());
	fflush(stdout);
	if (read(0, &byte, 1) != 1)
		return 1;
	int result = calls(words[1]);
	printf("%s %d\n", result < 0 ? strerror(errno) : "done", came == SIGUSR1);
	return 0;
}
