/**
 * Calls that a signal interrupts while they wait for a recorder.
 *
 * Until the recorder has received a notification, any signal that has a handler ends the wait, and the kernel treats
 * the call as one that sleeps: without SA_RESTART it fails with EINTR. So fork(2), close(2) or getpid(2), which know no
 * EINTR, fail in a program that does nothing wrong, and shells say "Cannot fork". A tracer sees the signal before the
 * kernel decides: it can have the call made again, after the handler.
 *
 * On arm64 the kernel has stepped back to the call before the tracer is asked, does not say why, and undoes it after. So
 * there the thread is stopped once more, at the first instruction of its handler, and what it will return to is changed.
 *
 * Sources: Linux 6.18 kernel/seccomp.c (seccomp_do_user_notification: -ERESTARTSYS), arch/x86/kernel/signal.c
 * (handle_signal), arch/arm64/kernel/signal.c (do_signal, struct rt_sigframe; signal_setup_done stops a thread that is
 * stepped), arch/arm64/include/uapi/asm/sigcontext.h, include/linux/errno.h; signal(7), "Interruption of system calls
 * and library functions by signal handlers".
 * @module
 */
import { type ArchName, allArchitectures } from '../abi/architectures.ts';
import { EINTR } from '../abi/errno-constants.ts';
import { directSyscallNumber } from '../abi/syscall-numbers.ts';
import { openMemory } from './process-memory.ts';
import { readProcessStatus } from './process-status.ts';
import { readRegisterSet, writeRegisters } from './registers.ts';
import { readSyscallArch } from './syscall-stop.ts';
import { machineArch } from './this-machine.ts';

/** Made again unless the handler has no SA_RESTART. */
const ERESTARTSYS = 512;
/** Made again in any case. */
const ERESTARTNOINTR = 513;

/** Calls that sleep for others, and so may fail with EINTR: what is interrupted is theirs to say. */
const SLEEPING =
  `accept accept4 clock_nanosleep clock_nanosleep_time64 connect epoll_pwait epoll_pwait2 epoll_wait fcntl
fcntl64 flock futex futex_time64 futex_wait futex_waitv getrandom io_getevents io_pgetevents io_uring_enter ioctl ipc
mq_timedreceive mq_timedsend msgrcv msgsnd nanosleep pause poll ppoll ppoll_time64 pread64 preadv preadv2 pselect6
pselect6_time64 pwrite64 pwritev pwritev2 read readv recvfrom recvmmsg recvmmsg_time64 recvmsg restart_syscall
rt_sigsuspend rt_sigtimedwait rt_sigtimedwait_time64 select _newselect semop semtimedop sendfile sendfile64 sendmmsg
sendmsg sendto sigsuspend socketcall splice tee vmsplice wait4 waitid waitpid write writev`.split(/\s+/);

/** Offsets of registers in the set of a program. */
interface Places {
  readonly bits: 32 | 64;
  /** What the call returned, or its number before it is made. */
  readonly result: number;
  /** The interrupted call; `undefined`: the kernel keeps it to itself. */
  readonly original?: number;
  readonly instructionPointer: number;
  /** Bytes of the instruction that makes a call. */
  readonly instruction: number;
}

/** By the length of the set, which no two kinds of programs share. 32-bit programs of arm64 (72 bytes) are not guarded. */
const places: ReadonlyMap<number, Places> = new Map([
  // struct user_regs_struct: rax, orig_rax, rip
  [216, { bits: 64, result: 80, original: 120, instructionPointer: 128, instruction: 2 }],
  // struct user_regs_struct32: eax, orig_eax, eip
  [68, { bits: 32, result: 24, original: 44, instructionPointer: 48, instruction: 2 }],
  // struct user_pt_regs of arm64: x0, pc
  [272, { bits: 64, result: 0, instructionPointer: 256, instruction: 4 }],
]);

const sleeping = new Map<number, ReadonlySet<number>>();

function sleepingOn(auditArch: number): ReadonlySet<number> {
  const known = sleeping.get(auditArch);
  if (known !== undefined) return known;
  const archs: readonly ArchName[] = allArchitectures
    .filter((row) => row.auditArch === auditArch)
    .map(({ name }) => name);
  const found = new Set(
    archs.flatMap((arch) => SLEEPING.flatMap((name) => directSyscallNumber(name, arch) ?? [])),
  );
  sleeping.set(auditArch, found);
  return found;
}

/** Whether a tracer can have interrupted calls made again on this machine. */
export function canRestartCalls(): boolean {
  return machineArch() === 'x86_64' || machineArch() === 'aarch64';
}

interface Registers {
  readonly places: Places;
  readonly get: (offset: number) => bigint;
  readonly set: (offset: number, value: bigint) => void;
  readonly write: () => void;
}

/** @returns `undefined` for a program whose registers are not known here */
function openRegisters(tid: number): Registers | undefined {
  const bytes = readRegisterSet(tid);
  const found = places.get(bytes.length);
  if (found === undefined) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const isWide = found.bits === 64;
  return {
    places: found,
    get: (at) => (isWide ? view.getBigInt64(at, true) : BigInt(view.getInt32(at, true))),
    set: (at, value) => (isWide ? view.setBigInt64(at, value, true) : view.setInt32(at, Number(value), true)),
    write: () => writeRegisters(tid, bytes),
  };
}

/** What is left to do about an interrupted call once the thread stops at its handler. */
export interface BegunRestart {
  /** Where the call is made. */
  readonly at: bigint;
  /** Its first argument, whose register holds the result after it. */
  readonly first: bigint;
}

/**
 * Has an interrupted call made again if it is one that no signal interrupts.
 *
 * @param tid - a tracee that is stopped because a signal is about to be delivered
 * @returns `undefined`: it is done; else step the thread with the signal (PTRACE_SINGLESTEP), and call {@link finishRestart} at
 *   the SIGTRAP that comes next
 * @throws OciSeccompError `ERR_KERNEL` if it has been killed meanwhile
 */
export function restartInterrupted(tid: number, signal: number): BegunRestart | undefined {
  const registers = openRegisters(tid);
  if (registers === undefined) return undefined;
  const { places, get, set, write } = registers;
  if (places.original === undefined) return beginRestart(tid, signal, registers);
  const nr = Number(get(places.original));
  if (nr < 0 || get(places.result) !== BigInt(-ERESTARTSYS)) return undefined;
  if (sleepingOn(readSyscallArch(tid)).has(nr)) return undefined;
  set(places.result, BigInt(-ERESTARTNOINTR));
  write();
  return undefined;
}

/** Steps a thread back to the call behind which it is stopped, which did not change its registers. */
export function repeatCall(tid: number): void {
  const registers = openRegisters(tid);
  if (registers === undefined) return;
  const { places, get, set, write } = registers;
  set(places.instructionPointer, get(places.instructionPointer) - BigInt(places.instruction));
  write();
}

/** struct user_pt_regs: x8, the number of a call. */
const ARM64_NUMBER = 64;
const ARM64_STACK_POINTER = 248;
/** `svc #0` */
const ARM64_CALL = 0xd4000001;
/** struct rt_sigframe: siginfo 128 bytes, ucontext with its sigcontext @176, in that fault_address u64 and regs u64[31]. */
const ARM64_SAVED_FIRST = 128 + 176 + 8;
/** After regs: sp, pc. */
const ARM64_SAVED_PC = ARM64_SAVED_FIRST + 8 * 32;

/** Whether the kernel has stepped back cannot be seen: a thread that has not yet made the call looks the same. */
function beginRestart(tid: number, signal: number, { places, get }: Registers): BegunRestart | undefined {
  if (sleepingOn(readSyscallArch(tid)).has(Number(get(ARM64_NUMBER)))) return undefined;
  const status = readProcessStatus(tid);
  // Without a handler the kernel makes the call again by itself.
  if (typeof status === 'string' || ((status.caughtSignals >> BigInt(signal - 1)) & 1n) === 0n)
    return undefined;
  const at = get(places.instructionPointer);
  const word = inMemory(tid, (memory) => memory.read(Number(at), 4));
  if (new DataView(word.buffer).getUint32(0, true) !== ARM64_CALL) return undefined;
  return { at, first: get(places.result) };
}

/**
 * The rest of {@link restartInterrupted}, at the first instruction of the handler.
 *
 * @throws OciSeccompError `ERR_KERNEL` if it has been killed meanwhile
 */
export function finishRestart(tid: number, { at, first }: BegunRestart): void {
  const registers = openRegisters(tid);
  if (registers === undefined) return;
  const frame = Number(registers.get(ARM64_STACK_POINTER));
  inMemory(tid, (memory) => {
    const saved = (offset: number): bigint =>
      new DataView(memory.read(frame + offset, 8).buffer).getBigInt64(0, true);
    // The kernel decided that the call fails.
    if (saved(ARM64_SAVED_PC) !== at + 4n || saved(ARM64_SAVED_FIRST) !== BigInt(-EINTR)) return;
    const save = (offset: number, value: bigint): void =>
      memory.write(frame + offset, new Uint8Array(BigInt64Array.of(value).buffer));
    save(ARM64_SAVED_FIRST, first);
    save(ARM64_SAVED_PC, at);
  });
}

function inMemory<T>(tid: number, work: (memory: ReturnType<typeof openMemory>) => T): T {
  const memory = openMemory(tid);
  try {
    return work(memory);
  } finally {
    memory.close();
  }
}
