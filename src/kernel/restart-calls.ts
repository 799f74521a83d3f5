/**
 * Calls that a signal interrupts while they wait for a recorder.
 *
 * Until the recorder has received a notification, any signal that has a handler ends the wait, and the kernel treats
 * the call as one that sleeps: without SA_RESTART it fails with EINTR. So fork(2), close(2) or getpid(2), which know no
 * EINTR, fail in a program that does nothing wrong, and shells say "Cannot fork". A tracer sees the signal before the
 * kernel decides: it can have the call made again, after the handler.
 *
 * On arm64 and riscv64 the kernel has stepped back to the call before the tracer is asked, does not say why, and undoes it
 * after. So there the thread is stopped once more, and what its handler will return to is changed: on arm64 at the first
 * instruction of the handler, and on riscv64, which has no single steps, when the handler returns.
 *
 * Sources: Linux 6.18 kernel/seccomp.c (seccomp_do_user_notification: -ERESTARTSYS), arch/x86/kernel/signal.c
 * (handle_signal), arch/arm64/kernel/signal.c (do_signal; signal_setup_done stops a thread that is stepped),
 * arch/riscv/kernel/signal.c (arch_do_signal_or_restart), include/linux/errno.h; signal(7), "Interruption of system calls
 * and library functions by signal handlers".
 * @module
 */
import { EINTR } from '../abi/errno-constants.ts';
import { openMemory, type ProcessMemory } from './process-memory.ts';
import { handlesSignal, readProcessStatus } from './process-status.ts';
import {
  type KeptInFrame,
  openRegisters,
  type RegisterOffsets,
  type Registers,
} from './restart-registers.ts';
import type { SeesServed } from './served-mounts.ts';
import { type InterruptedCall, maySleep } from './sleeping-calls.ts';
import { readSyscallArch } from './syscall-stop.ts';

/** Made again unless the handler has no SA_RESTART. */
const ERESTARTSYS = 512;
/** Made again in any case. */
const ERESTARTNOINTR = 513;

/** What is left to do about an interrupted call. */
export interface BegunRestart {
  /** Step the thread to its handler, or let it go on to its next calls: then call {@link finishRestart}. */
  readonly seenAt: KeptInFrame['seenAt'];
  /** Where the call is made, and the bytes of the instruction. */
  readonly at: bigint;
  readonly length: number;
  /** Its first argument, whose register holds the result after it. */
  readonly first: bigint;
  readonly stackPointer: bigint;
}

/**
 * Has an interrupted call made again if it is one that no signal interrupts.
 *
 * @param tid - a tracee that is stopped because a signal is about to be delivered
 * @param seesServed - see {@link maySleep}
 * @returns `undefined`: it is done; else what to do when the thread has got the signal
 * @throws OciSeccompError `ERR_KERNEL` if it has been killed meanwhile
 */
export function restartInterrupted(
  tid: number,
  signal: number,
  seesServed: SeesServed,
): BegunRestart | undefined {
  const registers = openRegisters(tid);
  if (registers === undefined) return undefined;
  const { kept, result } = registers.places;
  if (kept.by === 'frame') return beginRestart({ tid, signal, seesServed }, registers, kept);
  const nr = Number(registers.get(kept.number));
  if (nr < 0 || registers.get(result) !== BigInt(-ERESTARTSYS)) return undefined;
  if (maySleep(tid, callOf(tid, nr, registers), seesServed)) return undefined;
  registers.set(result, BigInt(-ERESTARTNOINTR));
  registers.write();
  return undefined;
}

/** Steps a thread back to the call behind which it is stopped, which did not change its registers. */
export function repeatCall(tid: number): void {
  const registers = openRegisters(tid);
  if (registers === undefined) return;
  const { places, get, set, write } = registers;
  set(places.instructionPointer, get(places.instructionPointer) - BigInt(places.instruction(get)));
  write();
}

/** Whether the kernel has stepped back cannot be seen: a thread that has not yet made the call looks the same. */
function beginRestart(
  { tid, signal, seesServed }: { tid: number; signal: number; seesServed: SeesServed },
  registers: Registers,
  { number, stackPointer, callWords, seenAt }: KeptInFrame,
): BegunRestart | undefined {
  const { places, get } = registers;
  if (maySleep(tid, callOf(tid, Number(get(number)), registers), seesServed)) return undefined;
  const status = readProcessStatus(tid);
  // Without a handler the kernel makes the call again by itself.
  if (typeof status === 'string' || !handlesSignal(status, signal)) return undefined;
  const [at, length] = [unsigned(get(places.instructionPointer), places), places.instruction(get)];
  const word = inMemory(tid, (memory) => numberIn(memory.read(Number(at), length)));
  if (!callWords.some((each) => BigInt(each) === word)) return undefined;
  return { seenAt, at, length, first: get(places.result), stackPointer: get(stackPointer) };
}

/**
 * The rest of {@link restartInterrupted}: at the first instruction of the handler, or at its rt_sigreturn(2).
 *
 * @param begun - the interrupted calls whose handlers have not returned, the last one last
 * @returns those of them that are left
 * @throws OciSeccompError `ERR_KERNEL` if it has been killed meanwhile
 */
export function finishRestart(tid: number, begun: readonly BegunRestart[]): readonly BegunRestart[] {
  const registers = openRegisters(tid);
  if (registers?.places.kept.by !== 'frame') return [];
  const { places, get } = registers;
  const { kept } = registers.places;
  const frame = Number(unsigned(get(kept.stackPointer), places));
  const size = places.bits / 8;
  return inMemory(tid, (memory) => {
    const saved = kept.saved(memory, frame);
    const read = (offset: number): bigint => numberIn(memory.read(frame + offset, size));
    const [at, stack] = [read(saved.instructionPointer), read(saved.stackPointer)];
    const found = begun.findLastIndex(
      (each) =>
        unsigned(each.stackPointer, places) === stack &&
        (each.at === at || each.at + BigInt(each.length) === at),
    );
    const restart = begun[found];
    if (restart === undefined) return begun;
    // Else the kernel has not decided that the call fails: it was not made yet, or is made again.
    if (at !== restart.at && read(saved.first) === unsigned(BigInt(-EINTR), places)) {
      const write = (offset: number, value: bigint): void =>
        memory.write(frame + offset, new Uint8Array(BigInt64Array.of(value).buffer, 0, size));
      write(saved.first, restart.first);
      write(saved.instructionPointer, restart.at);
    }
    return begun.slice(0, found);
  });
}

function callOf(tid: number, nr: number, { places, get }: Registers): InterruptedCall {
  const args = places.callArguments.map((at) => unsigned(get(at), places));
  return { auditArch: readSyscallArch(tid), nr, args };
}

function unsigned(value: bigint, { bits }: RegisterOffsets): bigint {
  return BigInt.asUintN(bits, value);
}

/** The number in 2, 4 or 8 bytes; all machines here are little-endian. */
function numberIn(bytes: Uint8Array): bigint {
  return bytes.reduceRight((number, byte) => (number << 8n) | BigInt(byte), 0n);
}

function inMemory<T>(tid: number, work: (memory: ProcessMemory) => T): T {
  const memory = openMemory(tid);
  try {
    return work(memory);
  } finally {
    memory.close();
  }
}
