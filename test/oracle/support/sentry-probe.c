/*
 * Makes system calls that take any arguments, and says what became of each: a line a call.
 *
 * Reads lines of seven numbers, the call's and six arguments, from standard input. Writes `allow`, `errno N`, `trap N`
 * (si_errno of SIGSYS), or what the kernel answered.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static volatile sig_atomic_t trapped;
static volatile int trapped_errno;

static void on_trap(int number, siginfo_t *info, void *context) {
  (void)number;
  (void)context;
  trapped = 1;
  trapped_errno = info->si_errno;
}

int main(void) {
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_sigaction = on_trap;
  action.sa_flags = SA_SIGINFO;
  sigaction(SIGSYS, &action, NULL);
  unsigned long long n[7];
  while (scanf("%llu %llu %llu %llu %llu %llu %llu", &n[0], &n[1], &n[2], &n[3], &n[4], &n[5], &n[6]) == 7) {
    trapped = 0;
    long result = syscall((long)n[0], n[1], n[2], n[3], n[4], n[5], n[6]);
    if (trapped)
      printf("trap %d\n", trapped_errno);
    else if (result >= 0)
      printf("allow\n");
    else
      printf("errno %d\n", errno);
  }
  return 0;
}
