/*
 * Mounts a FUSE file system that it serves itself, and executes a file of it, which is no program and has the set-user-ID bit. So
 * whoever looks at that file waits for a process of this program. Needs CAP_SYS_ADMIN.
 *
 *   serves-files FOLDER                   prints what execve(2) and execveat(2) say, then the same where nobody sees the mount any
 *                                         more, and where the path, or the flags of clone3(2), lie in memory that it serves
 *   serves-files FOLDER USER COMMAND...   runs a command in place of that, beside files that the program of a user serves to
 *                                         all, as fusermount3(1) mounts them, and says that they are root's
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

static void reply(int device, unsigned long long unique, int error, void *data, size_t length)
{
	struct fuse_out_header head = { .len = sizeof head + length, .error = error, .unique = unique };
	struct iovec parts[] = { { &head, sizeof head }, { data, length } };
	writev(device, parts, length == 0 ? 1 : 2);
}

static struct fuse_attr attributes(unsigned long long node)
{
	return (struct fuse_attr){ .ino = node, .mode = node == FUSE_ROOT_ID ? S_IFDIR | 0755 : S_IFREG | 04755, .nlink = 1, .size = 3 * 4096 };
}

static void serve(int device)
{
	static char request[65536], page[4096] = "/nowhere";
	for (;;) {
		struct fuse_in_header *in = (void *)request;
		if (read(device, request, sizeof request) < 0)
			_exit(0);
		struct fuse_init_out init = { .major = FUSE_KERNEL_VERSION, .minor = 31, .max_write = 4096 };
		struct fuse_entry_out entry = { .nodeid = 2, .attr = attributes(2) };
		struct fuse_attr_out attr = { .attr = attributes(in->nodeid) };
		struct fuse_open_out open = { 0 };
		struct fuse_statfs_out statfs = { 0 };
		switch (in->opcode) {
		case FUSE_INIT: reply(device, in->unique, 0, &init, sizeof init); break;
		case FUSE_LOOKUP: reply(device, in->unique, 0, &entry, sizeof entry); break;
		case FUSE_GETATTR: reply(device, in->unique, 0, &attr, sizeof attr); break;
		case FUSE_OPEN: reply(device, in->unique, 0, &open, sizeof open); break;
		case FUSE_STATFS: reply(device, in->unique, 0, &statfs, sizeof statfs); break;
		case FUSE_READ: reply(device, in->unique, 0, page, sizeof page); break;
		case FUSE_FORGET: case FUSE_BATCH_FORGET: case FUSE_INTERRUPT: break;
		default: reply(device, in->unique, -ENOSYS, NULL, 0);
		}
	}
}

int main(int count, char **words)
{
	char options[100], *none[] = { NULL };
	int device = open("/dev/fuse", O_RDWR | O_CLOEXEC);
	if (count < 2 || count == 3 || device < 0 || chdir(words[1]) != 0)
		return 2;
	const char *user = count == 2 ? "0" : words[2];
	snprintf(options, sizeof options, "fd=%d,rootmode=40000,user_id=%s,group_id=%s,allow_other", device, user, user);
	/* Whoever mounts names the source, as `fsname`. It looks like an option here, so that whoever reads mountinfo(5) must tell them apart. */
	if (mount("user_id=0", words[1], "fuse", 0, options) != 0)
		return 3;
	pid_t server = fork();
	if (server == 0)
		serve(device);
	if (count == 2) {
		int folder = open(words[1], O_RDONLY | O_DIRECTORY);
		chdir(words[1]);
		execve("./file", none, none);
		puts(strerror(errno));
		syscall(SYS_execveat, folder, "file", none, none, 0);
		puts(strerror(errno));
		int file = open("file", O_RDONLY);
		char *pages = mmap(NULL, 3 * 4096, PROT_READ, MAP_PRIVATE, file, 0);
		umount2(words[1], MNT_DETACH);
		execve(pages + 4096, none, none);
		puts(strerror(errno));
		execve("./file", none, none);
		puts(strerror(errno));
		syscall(SYS_execveat, file, "", none, none, AT_EMPTY_PATH);
		puts(strerror(errno));
		if (syscall(SYS_clone3, pages + 2 * 4096, 64) == 0)
			_exit(0);
		puts(strerror(errno));
		close(file);
		close(folder);
	} else {
		pid_t command = fork();
		if (command == 0) {
			execvp(words[3], words + 3);
			_exit(127);
		}
		waitpid(command, NULL, 0);
	}
	chdir("/");
	umount2(words[1], MNT_DETACH);
	kill(server, SIGKILL);
	waitpid(server, NULL, 0);
	return 0;
}
