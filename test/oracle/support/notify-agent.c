/*
 * notify-agent PATH: a seccomp agent for one container.
 *
 * Listens on the unix stream socket PATH, prints "listening", takes one connection, prints the message that comes with
 * the descriptor as it is, then a newline and what the descriptor is. Answers every notification with errno 77 and
 * prints its system call's number, until no process has the filter any more.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static void die(const char *what)
{
	fprintf(stderr, "notify-agent: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* One message: runc 1.1.5 never closes its end, so there is no end of the stream to wait for. */
static int receive(int connection)
{
	static char text[65536];
	union { struct cmsghdr align; char bytes[CMSG_SPACE(sizeof(int) * 4)]; } control;
	struct iovec part = { text, sizeof(text) };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof(control) };
	int fd = -1;
	ssize_t size = recvmsg(connection, &message, MSG_CMSG_CLOEXEC);
	if (size < 0)
		die("recvmsg");
	fwrite(text, 1, size, stdout);
	struct cmsghdr *first = CMSG_FIRSTHDR(&message);
	if (first == NULL || first->cmsg_type != SCM_RIGHTS || first->cmsg_len != CMSG_LEN(sizeof(int)))
		fprintf(stderr, "not one descriptor\n");
	else
		memcpy(&fd, CMSG_DATA(first), sizeof(int));
	return fd;
}

static void answer(int fd)
{
	for (;;) {
		struct pollfd wait = { fd, POLLIN, 0 };
		if (poll(&wait, 1, -1) < 0)
			die("poll");
		if ((wait.revents & POLLIN) == 0)
			return;
		struct seccomp_notif request;
		memset(&request, 0, sizeof(request));
		if (ioctl(fd, SECCOMP_IOCTL_NOTIF_RECV, &request) != 0)
			continue;
		printf("call %d\n", request.data.nr);
		fflush(stdout);
		struct seccomp_notif_resp response = { .id = request.id, .error = -77 };
		ioctl(fd, SECCOMP_IOCTL_NOTIF_SEND, &response);
	}
}

int main(int argc, char **argv)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	char link[64], what[64];
	int server = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (argc != 2 || strlen(argv[1]) >= sizeof(name.sun_path))
		return 2;
	strcpy(name.sun_path, argv[1]);
	if (bind(server, (struct sockaddr *)&name, sizeof(name)) != 0 || listen(server, 1) != 0)
		die(argv[1]);
	puts("listening");
	fflush(stdout);
	int fd = receive(accept4(server, NULL, NULL, SOCK_CLOEXEC));
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	ssize_t length = readlink(link, what, sizeof(what) - 1);
	printf("\n%.*s\n", length < 0 ? 0 : (int)length, what);
	fflush(stdout);
	answer(fd);
	return 0;
}
