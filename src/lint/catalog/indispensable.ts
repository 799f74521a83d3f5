/**
 * Calls without which programs of every kind break, and how.
 *
 * How it was measured: C programs built with glibc 2.36 and musl 1.2.3 (Debian 12, x86_64, Linux 6.18) that return from main, start
 * or end a thread, wait for one, leave a second thread waiting, fork, spawn, or return from a signal handler, under a filter that
 * answers the call with EPERM.
 * @module
 */

/** A call, and what happens without it. */
export interface Indispensable {
  /** Its name. */
  readonly syscall: string;
  /** What happens, as a main clause. */
  readonly breaks: string;
  /** Many programs do without it: said where the call is denied by name, not of each profile without it. */
  readonly ofSome?: true;
}

export const indispensable: readonly Indispensable[] = [
  {
    syscall: 'clone',
    breaks:
      'programs fail that start others, as bash does for each command, or threads: fork() of glibc fails, pthread_create() and posix_spawn() of musl too, and those of glibc unless clone3 is let through',
    ofSome: true,
  },
  {
    syscall: 'execve',
    breaks: 'no container can start: the runtime starts its program with execve, under the filter',
  },
  {
    syscall: 'exit_group',
    breaks: 'a program with threads does not end: C libraries end its first thread alone then, with exit',
  },
  {
    syscall: 'exit',
    breaks: 'no thread ends: C libraries call exit again without an end, and what waits for the thread hangs',
  },
  {
    syscall: 'futex',
    breaks: 'a program with threads is aborted by glibc (SIGABRT) when one of its threads has to wait',
    ofSome: true,
  },
  {
    syscall: 'rt_sigreturn',
    breaks: 'a program crashes (SIGSEGV) when one of its signal handlers returns',
  },
];
