/*
 * pty-session COLUMNS ROWS COMMAND...: runs a command in a terminal of its own and plays a user.
 *
 * Standard input, a line each: "expect TEXT" waits until TEXT is in the output that was not yet matched;
 * "send TEXT" types it, \n, \r, \x03 and the like decoded; "size COLUMNS ROWS" changes the window.
 * Standard output: all that the terminal showed, then "exit STATUS" or "signal NUMBER". Ends with 1 if an
 * expected text does not come within 10 seconds.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

static char shown[1 << 20];
static size_t length, matched;

/* Reads what there is; 0 at the terminal's end or after timeout. */
static int pump(int terminal, int timeout)
{
	struct pollfd wait = { terminal, POLLIN, 0 };
	if (poll(&wait, 1, timeout) <= 0)
		return 0;
	ssize_t count = read(terminal, shown + length, sizeof(shown) - 1 - length);
	if (count <= 0)
		return 0;
	length += (size_t)count;
	shown[length] = 0;
	return 1;
}

static int expect(int terminal, const char *text)
{
	for (;;) {
		char *found = strstr(shown + matched, text);
		if (found != NULL) {
			matched = (size_t)(found - shown) + strlen(text);
			return 1;
		}
		if (!pump(terminal, 10000))
			return 0;
	}
}

static void type(int terminal, const char *text)
{
	char out[4096];
	size_t count = 0;
	for (; *text != 0 && count < sizeof(out); text++) {
		if (*text != '\\') {
			out[count++] = *text;
		} else if (text[1] == 'x') {
			char digits[3] = { text[2], text[3], 0 };
			out[count++] = (char)strtol(digits, NULL, 16);
			text += 3;
		} else {
			out[count++] = text[1] == 'n' ? '\n' : text[1] == 'r' ? '\r' : text[1];
			text++;
		}
	}
	if (write(terminal, out, count) < 0)
		perror("write");
}

int main(int argc, char **argv)
{
	char line[4096];
	int terminal, status = 0, failed = 0;

	if (argc < 4)
		return 2;
	struct winsize size = { .ws_col = (unsigned short)atoi(argv[1]), .ws_row = (unsigned short)atoi(argv[2]) };
	pid_t pid = forkpty(&terminal, NULL, NULL, &size);
	if (pid == 0) {
		execvp(argv[3], argv + 3);
		_exit(127);
	}
	while (!failed && fgets(line, sizeof(line), stdin) != NULL) {
		line[strcspn(line, "\n")] = 0;
		if (strncmp(line, "expect ", 7) == 0) {
			failed = !expect(terminal, line + 7);
			if (failed)
				fprintf(stderr, "pty-session: \"%s\" did not come\n", line + 7);
		} else if (strncmp(line, "send ", 5) == 0) {
			type(terminal, line + 5);
		} else if (sscanf(line, "size %hu %hu", &size.ws_col, &size.ws_row) == 2) {
			ioctl(terminal, TIOCSWINSZ, &size);
		}
	}
	while (!failed && pump(terminal, 10000))
		;
	/* The terminal is closed when its last process ends; one that goes on gets a hang-up, its jobs too. */
	if (failed || waitpid(pid, &status, WNOHANG) != pid) {
		kill(pid, SIGHUP);
		kill(pid, SIGCONT);
		close(terminal);
		waitpid(pid, &status, 0);
	}
	fwrite(shown, 1, length, stdout);
	if (WIFEXITED(status))
		printf("\nexit %d\n", WEXITSTATUS(status));
	else
		printf("\nsignal %d\n", WTERMSIG(status));
	return failed;
}
