/**
 * The system calls ordinary programs need: what the container engines' default profiles allow alike, to everyone,
 * whatever the arguments. By subject; a call stands where most people would look for it.
 *
 * Restates the common part of moby/profiles (2026-06) and containers/common (2025-08).
 * @module
 */

/** Words separated by white space, by subject. */
export const ordinarySyscalls = {
  openFiles: `
    open openat openat2 creat close close_range dup dup2 dup3 fcntl fcntl64 flock ioctl lseek _llseek
    name_to_handle_at memfd_create memfd_secret`,
  readAndWrite: `
    read write readv writev pread64 pwrite64 preadv pwritev preadv2 pwritev2 readahead copy_file_range
    sendfile sendfile64 splice tee fadvise64 fadvise64_64 fallocate truncate truncate64 ftruncate
    ftruncate64 sync syncfs fsync fdatasync sync_file_range msync`,
  directoriesAndNames: `
    access faccessat faccessat2 chdir fchdir getcwd getdents getdents64 link linkat symlink symlinkat
    readlink readlinkat mkdir mkdirat mknod mknodat rmdir rename renameat renameat2 unlink unlinkat umask`,
  fileAttributes: `
    stat stat64 lstat lstat64 fstat fstat64 fstatat64 newfstatat statx statfs statfs64 fstatfs fstatfs64
    chmod fchmod fchmodat fchmodat2 chown chown32 fchown fchown32 fchownat lchown lchown32 utime utimes
    futimesat utimensat utimensat_time64 getxattr lgetxattr fgetxattr setxattr lsetxattr fsetxattr listxattr
    llistxattr flistxattr removexattr lremovexattr fremovexattr`,
  fileEvents: 'inotify_init inotify_init1 inotify_add_watch inotify_rm_watch fanotify_mark',
  waiting: `
    select _newselect pselect6 pselect6_time64 poll ppoll ppoll_time64 epoll_create epoll_create1 epoll_ctl
    epoll_ctl_old epoll_wait epoll_wait_old epoll_pwait epoll_pwait2 eventfd eventfd2 signalfd signalfd4
    timerfd_create timerfd_gettime timerfd_gettime64 timerfd_settime timerfd_settime64`,
  asynchronousIo: 'io_setup io_destroy io_submit io_cancel io_getevents ioprio_get ioprio_set',
  memory: `
    brk mmap mmap2 munmap mremap mprotect remap_file_pages madvise mincore mlock mlock2 mlockall munlock
    munlockall membarrier pkey_alloc pkey_free pkey_mprotect process_mrelease`,
  processes: `
    execve execveat fork vfork exit exit_group wait4 waitid waitpid getpid getppid gettid getpgid getpgrp
    setpgid getsid setsid set_tid_address prctl get_thread_area set_thread_area get_robust_list
    set_robust_list rseq restart_syscall pidfd_open`,
  signals: `
    kill tkill tgkill pause rt_sigaction rt_sigpending rt_sigprocmask rt_sigqueueinfo rt_sigreturn
    rt_sigsuspend rt_sigtimedwait rt_sigtimedwait_time64 rt_tgsigqueueinfo sigaltstack sigprocmask sigreturn
    pidfd_send_signal`,
  identity: `
    getuid getuid32 geteuid geteuid32 getgid getgid32 getegid getegid32 getresuid getresuid32 getresgid
    getresgid32 getgroups getgroups32 setuid setuid32 setgid setgid32 setreuid setreuid32 setregid
    setregid32 setresuid setresuid32 setresgid setresgid32 setfsuid setfsuid32 setfsgid setfsgid32 setgroups
    setgroups32 capget capset`,
  scheduling: `
    sched_yield sched_get_priority_max sched_get_priority_min sched_getaffinity sched_setaffinity
    sched_getattr sched_setattr sched_getparam sched_setparam sched_getscheduler sched_setscheduler
    sched_rr_get_interval sched_rr_get_interval_time64 getpriority setpriority getcpu`,
  limitsAndAccounts: 'getrlimit setrlimit ugetrlimit prlimit64 getrusage times sysinfo uname',
  time: `
    time gettimeofday clock_gettime clock_gettime64 clock_getres clock_getres_time64 clock_nanosleep
    clock_nanosleep_time64 nanosleep clock_adjtime clock_adjtime64 adjtimex alarm getitimer setitimer
    timer_create timer_delete timer_getoverrun timer_gettime timer_gettime64 timer_settime timer_settime64`,
  locks: 'futex futex_time64',
  socketsAndPipes: `
    socketcall socketpair bind connect listen accept accept4 shutdown getsockname getpeername getsockopt
    setsockopt send sendto sendmsg sendmmsg recv recvfrom recvmsg recvmmsg recvmmsg_time64 pipe pipe2`,
  systemVIpc: `
    ipc msgget msgctl msgsnd msgrcv semget semctl semop semtimedop semtimedop_time64 shmget shmctl shmat
    shmdt`,
  messageQueues: `
    mq_open mq_unlink mq_notify mq_getsetattr mq_timedsend mq_timedsend_time64 mq_timedreceive
    mq_timedreceive_time64`,
  sandboxing: 'seccomp landlock_create_ruleset landlock_add_rule landlock_restrict_self',
  randomness: 'getrandom',
} as const satisfies Record<string, string>;
