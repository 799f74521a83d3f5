/**
 * C library functions that people write into profiles, and the system calls behind them: glibc 2.36 on x86_64 and
 * aarch64, the newest call first. A function that has the name of a system call on some architecture is not here.
 * @module
 */

/** One row the calls, then the functions that make them. */
const rows: readonly (readonly [calls: string, functions: string])[] = [
  ['execve', 'execv execvp execvpe execl execlp execle'],
  ['execveat', 'fexecve'],
  ['clone3 clone execve', 'posix_spawn posix_spawnp'],
  ['clone3 clone execve wait4', 'system popen'],
  ['clone3 clone', 'pthread_create'],
  ['clone setsid', 'daemon'],
  ['wait4', 'wait wait3'],
  [
    'futex',
    'pthread_join pthread_mutex_lock pthread_mutex_unlock pthread_cond_wait pthread_cond_signal sem_wait sem_post',
  ],
  ['tgkill', 'raise pthread_kill'],
  ['rt_sigprocmask tgkill', 'abort'],
  ['rt_sigprocmask', 'pthread_sigmask'],
  ['rt_sigtimedwait', 'sigwait sigwaitinfo'],
  ['rt_sigqueueinfo', 'sigqueue'],
  ['sched_setaffinity', 'pthread_setaffinity_np'],
  ['sched_getaffinity', 'pthread_getaffinity_np'],
  ['prctl', 'pthread_setname_np'],
  ['brk mmap', 'malloc calloc realloc posix_memalign aligned_alloc'],
  ['munmap brk', 'free'],
  ['brk', 'sbrk'],
  ['mmap', 'mmap64'],
  ['madvise', 'posix_madvise'],
  ['write', 'printf fprintf dprintf vprintf puts putchar fputs fwrite fflush perror'],
  ['read', 'fread fgets fgetc getline getchar scanf'],
  ['openat open', 'fopen fopen64 freopen open64 mkstemp mkostemp tmpfile shm_open'],
  ['openat mmap', 'dlopen'],
  ['openat', 'opendir openat64'],
  ['close', 'fclose closedir mq_close'],
  ['getdents64 getdents', 'readdir64 scandir'],
  ['lseek', 'fseek fseeko ftell rewind lseek64'],
  ['pread64', 'pread'],
  ['pwrite64', 'pwrite'],
  ['mknodat mknod', 'mkfifo'],
  ['mkdir', 'mkdtemp'],
  ['unlink rmdir', 'remove'],
  ['unlink', 'shm_unlink'],
  ['readlink', 'realpath'],
  ['newfstatat fstatat64', 'fstatat'],
  ['statfs', 'statvfs'],
  ['fstatfs', 'fstatvfs'],
  ['fcntl', 'lockf'],
  ['fallocate', 'posix_fallocate'],
  ['fadvise64', 'posix_fadvise'],
  ['utimensat', 'futimens'],
  ['mq_timedsend', 'mq_send'],
  ['mq_timedreceive', 'mq_receive'],
  ['ioctl', 'isatty tcgetattr tcsetattr tcflush if_nametoindex'],
  ['clock_nanosleep nanosleep', 'sleep usleep'],
  ['clock_gettime', 'clock'],
  ['uname', 'gethostname'],
  ['getrandom', 'getentropy arc4random'],
  ['prlimit64', 'prlimit setrlimit64 getrlimit64'],
  ['setresuid', 'seteuid'],
  ['setresgid', 'setegid'],
  ['setgroups', 'initgroups'],
  ['socket connect sendmmsg recvfrom poll', 'getaddrinfo gethostbyname'],
  ['socket bind sendto recvmsg', 'getifaddrs'],
  ['socket connect sendto', 'openlog'],
];

let byFunction: ReadonlyMap<string, readonly string[]> | undefined;

/** Calls by function name. */
export function libcCalls(): ReadonlyMap<string, readonly string[]> {
  byFunction ??= new Map(
    rows.flatMap(([calls, functions]) =>
      functions.split(' ').map((name) => [name, calls.split(' ')] as const),
    ),
  );
  return byFunction;
}
