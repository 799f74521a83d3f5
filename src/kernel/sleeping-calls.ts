/**
 * Which interrupted calls may have slept for something else than the recorder. These may fail with EINTR, as they would
 * without a recorder.
 *
 * Any other call waited for the recorder alone. It can be made again, as if the signal had come before it.
 *
 * Sources: signal(7), "Interruption of system calls and library functions by signal handlers"; Linux 6.18 fs/pipe.c
 * (fifo_open), fs/locks.c, kernel/futex/pi.c (futex_lock_pi: -ERESTARTNOINTR), security/keys/request_key.c (wait_for_key_construction),
 * include/uapi/asm-generic/fcntl.h, ioctls.h.
 * @module
 */
import { statSync } from 'node:fs';
import { allArchitectures } from '../abi/architectures.ts';
import { directSyscallNumber } from '../abi/syscall-numbers.ts';
import type { PollFor } from './poll-set.ts';
import { AT_FDCWD, seenPath, viewerOf } from './seen-path.ts';
import type { SeesServed } from './served-mounts.ts';
import { pathAt } from './thread-memory.ts';
import { waitsAtConnect, waitsAtDescriptor } from './waiting-descriptors.ts';

type Sleeps = (args: readonly bigint[], tid: number, seesServed: SeesServed) => boolean;

const ALWAYS = `clock_nanosleep clock_nanosleep_time64 epoll_pwait2 futex_wait futex_waitv
io_getevents io_pgetevents io_pgetevents_time64
io_uring_enter ipc mq_timedreceive mq_timedreceive_time64 mq_timedsend mq_timedsend_time64 msgrcv msgsnd
nanosleep _newselect pause ppoll ppoll_time64 pselect6 pselect6_time64
request_key restart_syscall rt_sigsuspend
rt_sigtimedwait rt_sigtimedwait_time64 select semop semtimedop semtimedop_time64
sigsuspend socketcall splice syslog tee vmsplice`.split(/\s+/);

/** F_SETLKW, F_SETLKW64, F_OFD_SETLKW: other commands do not wait. */
const WAITS_FOR_LOCK: ReadonlySet<bigint> = new Set([7n, 14n, 38n]);
/** TCGETS, TIOCGPGRP, TIOCGWINSZ, FIONREAD, FIONBIO, TIOCGSID, FIONCLEX, FIOCLEX: what isatty(3) and C libraries ask. */
const ASKS: ReadonlySet<bigint> = new Set(
  [0x5401, 0x540f, 0x5413, 0x541b, 0x5421, 0x5429, 0x5450, 0x5451].map(BigInt),
);
/** FUTEX_WAIT, FUTEX_WAIT_BITSET. Others wake, or are made again after a signal (FUTEX_LOCK_PI). */
const WAITS_FOR_FUTEX: ReadonlySet<bigint> = new Set([0n, 9n]);
const FUTEX_CMD_MASK = 0x7fn;
/** LOCK_NB, LOCK_UN */
const NO_LOCK_WAIT = 0xcn;
const MSG_DONTWAIT = 0x40n;
const WNOHANG = 1n;

const low = (value = 0n): bigint => BigInt.asUintN(32, value);

const all = (names: string, sleeps: Sleeps): Readonly<Record<string, Sleeps>> =>
  Object.fromEntries(names.split(' ').map((name) => [name, sleeps]));

/** @param index - of the argument in which any of the flags says that the call does not wait */
const unless =
  (index: number, flags: bigint, sleeps: Sleeps = () => true): Sleeps =>
  (args, tid, seesServed) =>
    (low(args[index]) & flags) === 0n && sleeps(args, tid, seesServed);

const hasTimeout =
  (index: number): Sleeps =>
  (args) =>
    low(args[index]) !== 0n;

const at =
  (direction: PollFor): Sleeps =>
  ([fd], tid, seesServed) =>
    waitsAtDescriptor(tid, Number(low(fd)), direction, seesServed);

const byArguments: Readonly<Record<string, Sleeps>> = {
  ...all('accept accept4 read readv', at('reading')),
  ...all('sendfile sendfile64 write writev', at('writing')),
  ...all('recv recvfrom recvmmsg recvmmsg_time64', unless(3, MSG_DONTWAIT, at('reading'))),
  ...all('send sendmmsg sendto', unless(3, MSG_DONTWAIT, at('writing'))),
  recvmsg: unless(2, MSG_DONTWAIT, at('reading')),
  sendmsg: unless(2, MSG_DONTWAIT, at('writing')),
  connect: ([fd], tid) => waitsAtConnect(tid, Number(low(fd))),
  ...all('wait4 waitpid', unless(2, WNOHANG)),
  waitid: unless(3, WNOHANG),
  poll: hasTimeout(2),
  ...all('epoll_pwait epoll_wait', hasTimeout(3)),
  ...all('futex futex_time64', ([, operation]) => WAITS_FOR_FUTEX.has(low(operation) & FUTEX_CMD_MASK)),
  flock: unless(1, NO_LOCK_WAIT),
  ...all('fcntl fcntl64', ([, command]) => WAITS_FOR_LOCK.has(low(command))),
  ioctl: ([, request]) => !ASKS.has(low(request)),
  ...all('creat open', ([path], tid, seesServed) => waitsAtOpen({ tid, seesServed }, path)),
  ...all('openat openat2', ([folder, path], tid, seesServed) => {
    return waitsAtOpen({ tid, seesServed }, path, folder);
  }),
};

const rows = new Map<number, ReadonlyMap<number, Sleeps>>();

function rowsOf(auditArch: number): ReadonlyMap<number, Sleeps> {
  const made = rows.get(auditArch);
  if (made !== undefined) return made;
  const archs = allArchitectures.filter((row) => row.auditArch === auditArch).map(({ name }) => name);
  const known = [...ALWAYS.map((name) => [name, () => true] as const), ...Object.entries(byArguments)];
  const found = new Map(
    archs.flatMap((arch) =>
      known.flatMap(([name, sleeps]) => {
        const nr = directSyscallNumber(name, arch);
        return nr === undefined ? [] : [[nr, sleeps] as const];
      }),
    ),
  );
  rows.set(auditArch, found);
  return found;
}

export interface InterruptedCall {
  /** AUDIT_ARCH_*. */
  readonly auditArch: number;
  readonly nr: number;
  /** The first four. */
  readonly args: readonly bigint[];
}

/**
 * @param tid - the tracee that is stopped behind or before the call
 * @param seesServed - where it does, no file is looked at: who serves it may be a tracee that waits for its tracer
 */
export function maySleep(
  tid: number,
  { auditArch, nr, args }: InterruptedCall,
  seesServed: SeesServed,
): boolean {
  return rowsOf(auditArch).get(nr)?.(args, tid, seesServed) === true;
}

/** Whether open(2) may wait for another process: at a named pipe for its other end, at a terminal for its line. */
function waitsAtOpen(
  { tid, seesServed }: { readonly tid: number; readonly seesServed: SeesServed },
  address = 0n,
  folder = BigInt(AT_FDCWD),
): boolean {
  if (seesServed(tid)) return true;
  try {
    const path = pathAt(address, { thread: tid, seesServed });
    // It cannot be told.
    if (path === undefined) return true;
    const base = Number(BigInt.asIntN(32, folder));
    const file = statSync(seenPath(path, base, viewerOf(tid, seesServed)).at);
    return file.isFIFO() || file.isCharacterDevice();
  } catch (error) {
    // What is not there is not waited for. What may not be looked at cannot be told.
    return error instanceof RangeError;
  }
}
