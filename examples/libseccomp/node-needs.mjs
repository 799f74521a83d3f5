// The calls that a running Node program needs, as rules. The examples that allow only some calls start from it.
//
// Node is not the single-threaded C program that articles filter: V8's helper threads collect garbage and compile,
// libuv's threads do file and DNS work, and the event loop is woken through an eventfd. A filter that kills or refuses
// these calls ends the process sooner or later, not at once. Nothing below opens, sends, starts or removes anything.
import { readdirSync, readlinkSync } from 'node:fs';
import { allow } from 'oci-seccomp/libseccomp';

const calls = {
  'V8 and malloc grow, shrink and protect memory': ['brk', 'madvise', 'mmap', 'mprotect', 'mremap', 'munmap'],
  'threads wait for each other, start and end': [
    'clone',
    'clone3',
    'exit',
    'futex',
    'gettid',
    'prctl',
    'rseq',
    'sched_getaffinity',
    'sched_yield',
    'set_robust_list',
  ],
  'signals are masked around threads and reset at the end': [
    'rt_sigaction',
    'rt_sigprocmask',
    'rt_sigreturn',
    'sigaltstack',
  ],
  'malloc, V8 and OpenSSL want random numbers': ['getrandom'],
  'clocks, where the vDSO does not answer': [
    'clock_getres',
    'clock_gettime',
    'clock_nanosleep',
    'gettimeofday',
  ],
  'the event loop': ['close', 'epoll_create1', 'epoll_ctl', 'epoll_pwait', 'epoll_wait', 'eventfd2', 'read'],
  'standard streams are looked at when the process ends': ['fcntl', 'fstat', 'newfstatat'],
  'the end': ['exit_group', 'getpid', 'restart_syscall'],
};

// ioctl(2) with a terminal's state, which Node restores when it ends; not TIOCSTI, which types for the user.
const TCGETS = 0x5401;
const TCSETS = 0x5402;

/** Adds to a filter that denies by default what Node needs to run on and to end; writing goes to the event loop only. */
export function allowNode(filter) {
  for (const name of Object.values(calls).flat()) filter.addRule(allow(), name);
  for (const request of [TCGETS, TCSETS]) {
    filter.addRule(allow(), 'ioctl', [{ index: 1, op: '==', value: request }]);
  }
  // abort(3) signals the thread itself; refused, it would end in SIGSEGV and hide what went wrong.
  filter.addRule(allow(), 'tgkill', [{ index: 0, op: '==', value: process.pid }]);
  // libuv ends the process when it cannot write to its own eventfds, or enter the io_uring that it has held since the
  // start (seen in Node 24, not in 20). NOTE: a ring opens and writes without system calls, so native code can pass
  // any filter through it; JavaScript does not reach it. Where io_uring_setup was refused before Node started, as
  // Docker's default profile does, there is no ring.
  for (const fd of descriptors('[eventfd]'))
    filter.addRule(allow(), 'write', [{ index: 0, op: '==', value: fd }]);
  for (const fd of descriptors('[io_uring]')) {
    filter.addRule(allow(), 'io_uring_enter', [{ index: 0, op: '==', value: fd }]);
  }
}

function descriptors(kind) {
  return readdirSync('/proc/self/fd')
    .filter((fd) => linkOf(fd) === `anon_inode:${kind}`)
    .map(Number);
}

function linkOf(fd) {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return ''; // the descriptor that readdir itself used
  }
}
