/*
 * notify-shim.so: stands before the libseccomp it is linked with.
 *
 * It adds what only libseccomp's development branch has, seccomp_notify_addfd(3), and can interrupt a target in the
 * moment between the announcement of its request and the receiving of it.
 */
#include <errno.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <unistd.h>

static int calls;
static pid_t victim;
static int failures;
static int failure;

int seccomp_notify_addfd(int fd, struct seccomp_notif_addfd *addfd)
{
	int result = ioctl(fd, SECCOMP_IOCTL_NOTIF_ADDFD, addfd);

	calls++;
	return result < 0 ? -ECANCELED : result;
}

int seccomp_notify_receive(int fd, struct seccomp_notif *request)
{
	if (victim != 0) {
		kill(victim, SIGUSR1);
		victim = 0;
		usleep(100000);
	}
	if (failures > 0) {
		failures--;
		errno = failure;
		return -ECANCELED;
	}
	return ioctl(fd, SECCOMP_IOCTL_NOTIF_RECV, request) < 0 ? -ECANCELED : 0;
}

/* How often seccomp_notify_addfd was called. */
int notify_addfd_calls(void)
{
	return calls;
}

/* So often receiving fails with this errno. */
void notify_fail(int times, int number)
{
	failures = times;
	failure = number;
}

/* Has the next request's thread interrupted before it is received. */
void notify_interrupt(int pid)
{
	victim = pid;
}
