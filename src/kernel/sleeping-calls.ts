/**
 * Which calls may fail with EINTR because they sleep for others: what is interrupted then is theirs to say.
 *
 * Any other call that a signal interrupted waited for a recorder, and can be made again: as if the signal had come before it.
 *
 * Sources: signal(7), "Interruption of system calls and library functions by signal handlers"; Linux 6.18 fs/pipe.c
 * (fifo_open), fs/locks.c, kernel/printk/printk.c (syslog_print), security/keys/request_key.c (wait_for_key_construction),
 * include/uapi/asm-generic/fcntl.h, ioctls.h.
 * @module
 */
import { readlinkSync, statfsSync, statSync } from 'node:fs';
import { allArchitectures } from '../abi/architectures.ts';
import { directSyscallNumber } from '../abi/syscall-numbers.ts';
import type { PollFor } from './poll-set.ts';
import { openMemory } from './process-memory.ts';
import { returnsAtOnce } from './returns-at-once.ts';
import type { SeesServed } from './served-mounts.ts';

/** The first arguments of a call. */
export interface FirstArguments {
  readonly first: bigint;
  readonly second: bigint;
}

type Sleeps = (args: FirstArguments, tid: number, seesServed: SeesServed) => boolean;

const ALWAYS = `clock_nanosleep clock_nanosleep_time64 connect epoll_pwait epoll_pwait2 epoll_wait
flock futex futex_time64 futex_wait futex_waitv io_getevents io_pgetevents io_pgetevents_time64
io_uring_enter ipc mq_timedreceive mq_timedreceive_time64 mq_timedsend mq_timedsend_time64 msgrcv msgsnd
nanosleep _newselect pause poll ppoll ppoll_time64 pselect6 pselect6_time64
request_key restart_syscall rt_sigsuspend
rt_sigtimedwait rt_sigtimedwait_time64 select semop semtimedop semtimedop_time64 sendfile sendfile64
sigsuspend socketcall splice syslog tee vmsplice wait4 waitid waitpid`.split(/\s+/);

/** F_SETLKW, F_SETLKW64, F_OFD_SETLKW: other commands do not wait. */
const WAITS_FOR_LOCK: ReadonlySet<bigint> = new Set([7n, 14n, 38n]);
/** TCGETS, TIOCGPGRP, TIOCGWINSZ, FIONREAD, FIONBIO, TIOCGSID, FIONCLEX, FIOCLEX: what isatty(3) and C libraries ask. */
const ASKS: ReadonlySet<bigint> = new Set(
  [0x5401, 0x540f, 0x5413, 0x541b, 0x5421, 0x5429, 0x5450, 0x5451].map(BigInt),
);

const low = (value: bigint): bigint => BigInt.asUintN(32, value);

const at = (waits: (direction: PollFor) => Sleeps, direction: PollFor, names: string) =>
  Object.fromEntries(names.split(' ').map((name) => [name, waits(direction)]));

const byArguments: Readonly<Record<string, Sleeps>> = {
  ...at(waitsAtFile, 'reading', 'read readv'),
  ...at(waitsAtFile, 'writing', 'write writev'),
  ...at(waitsAtSocket, 'reading', 'accept accept4 recv recvfrom recvmmsg recvmmsg_time64 recvmsg'),
  ...at(waitsAtSocket, 'writing', 'send sendmmsg sendmsg sendto'),
  fcntl: ({ second }) => WAITS_FOR_LOCK.has(low(second)),
  fcntl64: ({ second }) => WAITS_FOR_LOCK.has(low(second)),
  ioctl: ({ second }) => !ASKS.has(low(second)),
  creat: ({ first }, tid, seesServed) => seesServed(tid) || waitsAtOpen(tid, first),
  open: ({ first }, tid, seesServed) => seesServed(tid) || waitsAtOpen(tid, first),
  openat: ({ first, second }, tid, seesServed) => seesServed(tid) || waitsAtOpen(tid, second, first),
  openat2: ({ first, second }, tid, seesServed) => seesServed(tid) || waitsAtOpen(tid, second, first),
};

const rows = new Map<number, ReadonlyMap<number, Sleeps>>();

function rowsOf(auditArch: number): ReadonlyMap<number, Sleeps> {
  const known = rows.get(auditArch);
  if (known !== undefined) return known;
  const archs = allArchitectures.filter((row) => row.auditArch === auditArch).map(({ name }) => name);
  const all = [...ALWAYS.map((name) => [name, () => true] as const), ...Object.entries(byArguments)];
  const found = new Map(
    archs.flatMap((arch) =>
      all.flatMap(([name, sleeps]) => {
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
  readonly args: FirstArguments;
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

/** Whether reading or writing may wait for others: not in a file of a disk. */
function waitsAtFile(direction: PollFor): Sleeps {
  return ({ first }, tid, seesServed) => {
    if (seesServed(tid)) return true;
    const path = `/proc/${tid}/fd/${low(first)}`;
    try {
      const file = statSync(path);
      if (file.isFile()) return file.size === 0 && waitsForKernel(path);
    } catch {
      return true;
    }
    return !returnsAtOnce(tid, Number(low(first)), direction);
  };
}

function waitsAtSocket(direction: PollFor): Sleeps {
  return ({ first }, tid, seesServed) =>
    seesServed(tid) || !returnsAtOnce(tid, Number(low(first)), direction);
}

/** DEBUGFS_MAGIC, TRACEFS_MAGIC: include/uapi/linux/magic.h. */
const DIAGNOSTIC: ReadonlySet<number> = new Set([0x6462_6720, 0x7472_6163]);

/** Files without a size that the kernel fills while they are read: `trace_pipe` of tracefs, and its log. */
function waitsForKernel(path: string): boolean {
  return DIAGNOSTIC.has(statfsSync(path).type) || readlinkSync(path) === '/proc/kmsg';
}

const AT_FDCWD = -100n;
const PAGE = 4096;

/** Whether open(2) may wait for another process: at a named pipe for its other end, at a terminal for its line. */
function waitsAtOpen(tid: number, address: bigint, folder = AT_FDCWD): boolean {
  try {
    const path = pathAt(tid, address);
    const base = BigInt.asIntN(32, folder) === AT_FDCWD ? 'cwd' : `fd/${low(folder)}`;
    const file = statSync(`/proc/${tid}/${path.startsWith('/') ? 'root' : base}/${path}`);
    return file.isFIFO() || file.isCharacterDevice();
  } catch {
    // What is not there is not waited for.
    return false;
  }
}

function pathAt(tid: number, address: bigint): string {
  const memory = openMemory(tid);
  try {
    const at = Number(address);
    // The next page may not be there.
    const bytes = memory.read(at, PAGE - (at % PAGE));
    return new TextDecoder().decode(bytes.subarray(0, bytes.indexOf(0)));
  } finally {
    memory.close();
  }
}
