/**
 * Calls that a container needs besides the recorded ones, with the reasons.
 * @module
 */
import { type ArchName, architectures } from '../../abi/architectures.ts';
import { splitWords } from '../../abi/split-words.ts';
import { directSyscallNumber, multiplexedCall } from '../../abi/syscall-numbers.ts';
import { needsOf } from '../../lint/ask/needed-for-start.ts';
import { callFamilies } from '../../lint/catalog/families.ts';
import { startUps } from '../../lint/catalog/start-up.ts';
import { time64Calls } from '../../lint/catalog/time64.ts';
import { formatRuntime, type Runtime } from '../../policy/runtimes.ts';

export interface AddedGroup {
  readonly names: readonly string[];
  /** Becomes the rule's comment. */
  readonly reason: string;
}

interface AddedFor {
  /** Names that were recorded. */
  readonly recorded: ReadonlySet<string>;
  readonly archs: readonly ArchName[];
  /** The architectures of recorded calls. */
  readonly recordedArchs: readonly ArchName[];
  readonly runtimes: readonly Runtime[];
  /** Whether containers are started with no_new_privs. */
  readonly noNewPrivileges: boolean;
}

/** The groups in the order in which they are written; a call can be in several. */
export function addedCalls(options: AddedFor): readonly AddedGroup[] {
  const first = [
    ...[...runtimeGroups(options), ...goGroups(options), startGroup()],
    ...[...timingGroups(options), ...vdsoGroups(options)],
  ];
  const all = new Set([...options.recorded, ...first.flatMap(({ names }) => names)]);
  const groups = [...first, ...time64Groups(all, options), ...equivalentGroups(all, options)];
  return groups.filter(({ names }) => names.length > 0);
}

function runtimeGroups({ runtimes, noNewPrivileges }: AddedFor): readonly AddedGroup[] {
  return runtimes.map((runtime) => ({
    names: words(needsOf(runtime, { noNewPrivileges, capabilities: true }).map(({ calls }) => calls)),
    reason: `${formatRuntime(runtime)} calls them under the filter when it starts a container${noNewPrivileges ? ' with no_new_privs' : ''}`,
  }));
}

/**
 * Calls of the runtime of Go that depend on how its threads run, so that a recording may lack them.
 *
 * Source: Go 1.19 src/runtime/os_linux.go, sys_linux_amd64.s; seen in runc 1.1.5 under profiles without them.
 */
const goRuntime =
  'epoll_pwait futex getpid gettid madvise mmap munmap nanosleep rt_sigaction rt_sigprocmask rt_sigreturn sched_yield sigaltstack tgkill';

function goGroups({ runtimes }: AddedFor): readonly AddedGroup[] {
  if (!runtimes.some(({ name }) => name === 'runc')) return [];
  return [
    { names: words([goRuntime]), reason: 'runc is written in Go, whose threads call them at some starts' },
  ];
}

function words(texts: readonly string[]): readonly string[] {
  return [...new Set(texts.flatMap(splitWords))].sort();
}

/** The runtime needs execve, and programs must be able to end. */
function startGroup(): AddedGroup {
  const loader = startUps.flatMap(({ essential, optional }) => [...essential, ...optional]);
  return {
    names: [
      ...new Set(['execve', 'exit', 'exit_group', 'restart_syscall', 'rt_sigreturn', ...loader]),
    ].sort(),
    reason:
      'programs start, return from signals and end with them: the C library, its loader, the kernel itself',
  };
}

/**
 * Calls that a program makes on some runs only. A recorder is slow: children have often ended before a program waits for them.
 *
 * Source: dash 0.5.12 src/jobs.c (waitproc: sigsuspend until a child has ended; its loop does not end if that is denied);
 * glibc 2.36 nptl, pthread_mutex_lock, pthread_join.
 */
function timingGroups({ recorded }: AddedFor): readonly AddedGroup[] {
  const has = (...names: readonly string[]): boolean => names.some((name) => recorded.has(name));
  return [
    {
      names: has('wait4', 'waitid') ? ['rt_sigsuspend'] : [],
      reason: 'shells wait with it for a child that still runs, and do not call it if the child has ended',
    },
    {
      names: has('clone3', 'futex') ? ['futex', 'sched_yield'] : [],
      reason: 'threads call them if they have to wait for each other, and that differs from run to run',
    },
  ];
}

const clockUsers = [
  'clock_nanosleep',
  'epoll_wait',
  'futex',
  'nanosleep',
  'poll',
  'ppoll',
  'pselect6',
  'epoll_pwait',
];

/** The vDSO answers these without a call, so a recording lacks them. */
function vdsoGroups({ recorded }: AddedFor): readonly AddedGroup[] {
  const reason =
    'the vDSO answers them without the kernel where it can: recordings lack them, and other machines call them';
  const looksAtClock = clockUsers.some((name) => recorded.has(name));
  const names = ['clock_gettime', 'gettimeofday', 'time', 'getcpu', 'clock_getres'];
  return [{ names: looksAtClock ? names : names.slice(0, 3), reason }];
}

/** It depends on the C library which of the two a 32-bit program calls. */
function time64Groups(names: ReadonlySet<string>, { archs, recordedArchs }: AddedFor): readonly AddedGroup[] {
  if (![...archs, ...recordedArchs].some((arch) => architectures[arch].bits === 32)) return [];
  const twins = time64Calls.flatMap(([old, replacement]) =>
    names.has(old) || names.has(replacement) ? [old, replacement] : [],
  );
  return [
    { names: twins, reason: 'twins with 32-bit and 64-bit times: the C library decides which one is called' },
  ];
}

/** Calls that replace each other on architectures that lack one of them. */
function equivalentGroups(
  names: ReadonlySet<string>,
  { archs, recordedArchs }: AddedFor,
): readonly AddedGroup[] {
  return archs
    .filter((arch) => !recordedArchs.includes(arch))
    .map((arch) => ({
      names: [...names].filter((name) => !exists(name, arch)).flatMap((name) => equivalents(name, arch)),
      reason: `${arch} has them in place of calls that were recorded on ${recordedArchs.join(' and ')}`,
    }));
}

function exists(name: string, arch: ArchName): boolean {
  return directSyscallNumber(name, arch) !== undefined || multiplexedCall(name, arch) !== undefined;
}

/** Calls that C libraries make where a newer one is missing, beyond the families of calls. */
const replacements: Readonly<Record<string, string>> = {
  alarm: 'setitimer',
  arch_prctl: '',
  creat: 'openat',
  epoll_create: 'epoll_create1',
  epoll_wait: 'epoll_pwait',
  eventfd: 'eventfd2',
  fork: 'clone',
  getpgrp: 'getpgid',
  inotify_init: 'inotify_init1',
  mmap2: 'mmap',
  pause: 'ppoll',
  pipe: 'pipe2',
  poll: 'ppoll',
  select: 'pselect6',
  signalfd: 'signalfd4',
  time: 'gettimeofday',
  vfork: 'clone',
  _llseek: 'lseek',
  _newselect: 'pselect6',
};

function equivalents(name: string, arch: ArchName): readonly string[] {
  const named = replacements[name];
  if (named !== undefined) return named === '' ? [] : [named];
  const family = callFamilies.find((each) => each.calls.split(/\s+/).includes(name));
  const members = family?.calls.split(/\s+/) ?? [];
  const ways = family?.ways?.split(/\s+/).filter((way) => !way.includes('+')) ?? [];
  // The oldest call that the architecture has: the C library falls back to it where a newer one is missing.
  const oldest = [...members, ...ways].find((each) => exists(each, arch));
  return oldest === undefined ? [] : [oldest];
}
