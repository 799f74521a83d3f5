/**
 * Arguments in memory that decide what a call does.
 *
 * Most have a `const` in the kernel's prototype. These lack it, although the kernel reads them. Buffers that are only filled, and
 * data that are only passed on, decide nothing.
 *
 * Source: Linux 6.12 and later, the definitions of the calls.
 * @module
 */

/** One line for each call: its name, then the indexes of the arguments. */
const rows = `
  adjtimex 0
  bind 1
  bpf 1
  clock_adjtime 1
  clock_adjtime64 1
  clone3 0
  connect 1
  copy_file_range 1 3
  epoll_ctl 3
  file_setattr 2
  init_module 0
  io_submit 2
  io_uring_register 2
  io_uring_setup 1
  ipc 4
  kexec_load 2
  lsm_set_self_attr 1
  mount 0 1 2 4
  mount_setattr 3
  mq_open 3
  open_by_handle_at 1
  open_tree_attr 3
  openat2 2
  perf_event_open 0
  pidfd_send_signal 2
  quotactl 3
  quotactl_fd 3
  reboot 3
  rt_sigqueueinfo 2
  rt_tgsigqueueinfo 3
  sched_setaffinity 2
  sched_setattr 1
  sched_setparam 1
  sched_setscheduler 2
  seccomp 2
  semop 1
  semtimedop 1
  semtimedop_time64 1
  sendmmsg 1
  sendmsg 1
  sendto 4
  setdomainname 0
  sethostname 0
  setrlimit 1
  setsockopt 3
  settimeofday 0 1
  socketcall 1
  stime 0
  umount 0
  umount2 0
  utime 0 1
  utimes 0 1
  utimensat 2
  utimensat_time64 2`;

let table: ReadonlyMap<string, readonly number[]> | undefined;

/** The arguments of a call that the kernel reads although their type has no `const`. */
export function inputPointers(syscall: string): readonly number[] {
  table ??= new Map(
    rows
      .trim()
      .split('\n')
      .map((row) => {
        const [name = '', ...indexes] = row.trim().split(' ');
        return [name, indexes.map(Number)];
      }),
  );
  return table.get(syscall) ?? [];
}

/** `const` arguments whose data is only passed on: no supervisor decides by them. */
export const mereData: ReadonlySet<string> = new Set([
  'write.buf',
  'pwrite64.buf',
  'writev.vec',
  'pwritev.vec',
  'pwritev2.vec',
  'readv.vec',
  'preadv.vec',
  'preadv2.vec',
  'vmsplice.uiov',
  'process_vm_readv.lvec',
  'process_vm_writev.lvec',
]);
