/**
 * What a program needs before its main function, on x86_64.
 *
 * How it was measured: a C program that returns 0, built on Debian 12 against each C library, run under
 * `strace -e inject=CALL:error=EPERM` once for each call that `strace` shows. Without any of the `essential` calls it does not reach
 * main. It works without each of the others. test/lint/catalog/start-up.test.ts measures again.
 * @module
 */
interface StartUp {
  readonly library: string;
  readonly arch: 'x86_64';
  readonly essential: readonly string[];
  /** Calls that it also makes, and that may fail. TRAP and KILL end it at these too. */
  readonly optional: readonly string[];
  readonly source: string;
}

export const startUps: readonly StartUp[] = [
  {
    library: 'glibc 2.36',
    arch: 'x86_64',
    essential: ['arch_prctl', 'close', 'mmap', 'mprotect', 'newfstatat', 'openat', 'pread64', 'read'],
    optional: ['access', 'brk', 'munmap', 'prlimit64', 'rseq', 'set_robust_list', 'set_tid_address'],
    source: 'measured: libc6 2.36 of Debian 12, Linux 6.18',
  },
  {
    library: 'static glibc 2.36',
    arch: 'x86_64',
    essential: ['arch_prctl', 'mprotect'],
    optional: ['brk', 'getrandom', 'prlimit64', 'readlink', 'rseq', 'set_robust_list', 'set_tid_address'],
    source: 'measured: libc6-dev 2.36 of Debian 12 (cc -static), Linux 6.18',
  },
  {
    library: 'musl 1.2.3',
    arch: 'x86_64',
    essential: ['arch_prctl', 'mprotect'],
    optional: ['brk', 'mmap', 'set_tid_address'],
    source: 'measured: musl 1.2.3 of Debian 12, Linux 6.18',
  },
];
