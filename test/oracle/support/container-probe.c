/*
 * Says, from inside a container, what the first instructions of its program run under: one line for the first thread,
 * one for a second thread, one for a child. The directory it tries to make is what the profile of the tests denies.
 *
 * Usage: container-probe [seconds to stay]
 */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static int first_errno;

/* Before main and before libc is done: as early as a program can ask. */
__attribute__((constructor)) static void early(void) {
  first_errno = mkdir("/tmp/denied", 0700) == 0 ? 0 : errno;
}

static void field(const char *status, const char *name) {
  const char *at = strstr(status, name);
  printf(" %s%d", name, at == NULL ? -1 : atoi(at + strlen(name)));
}

static void *tell(void *who) {
  char status[8192] = "";
  FILE *file = fopen("/proc/thread-self/status", "r");
  if (file != NULL) {
    size_t length = fread(status, 1, sizeof status - 1, file);
    status[length] = 0;
    fclose(file);
  }
  int denied = mkdir("/tmp/denied", 0700) == 0 ? 0 : errno;
  printf("%s euid=%d early=%d mkdir=%d", (const char *)who, geteuid(), first_errno, denied);
  field(status, "Seccomp:");
  field(status, "Seccomp_filters:");
  field(status, "NoNewPrivs:");
  printf("\n");
  fflush(stdout);
  return NULL;
}

int main(int argc, char **argv) {
  tell("main");
  pthread_t thread;
  if (pthread_create(&thread, NULL, tell, "thread") == 0) pthread_join(thread, NULL);
  pid_t child = fork();
  if (child == 0) {
    tell("child");
    return 0;
  }
  waitpid(child, NULL, 0);
  if (argc > 1) sleep((unsigned)atoi(argv[1]));
  return 0;
}
