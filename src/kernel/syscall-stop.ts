/**
 * The system call that a stopped tracee is about to make, and whether it is the planned one.
 *
 * The kernel has copied number and arguments by then: only the tracer can still change them. What an argument
 * points at can still be changed by anyone who may write the process's memory.
 *
 * Sources: ptrace(2) PTRACE_GET_SYSCALL_INFO (since Linux 5.3); Linux 6.18 include/uapi/linux/ptrace.h
 * (`struct ptrace_syscall_info`), kernel/ptrace.c (ptrace_get_syscall_info), kernel/entry/syscall-common.c
 * (syscall_trace_enter).
 * @module
 */
import { formatErrno } from '../abi/errno.ts';
import { HOST_IS_LITTLE } from '../abi/host-endian.ts';
import { OciSeccompError } from '../errors.ts';
import { ptrace } from './ptrace.ts';

/** op u8 @0, arch u32 @4, instruction_pointer u64 @8, stack_pointer u64 @16; of an entry nr u64 @24, args u64[6] @32. */
const SYSCALL_INFO_SIZE = 88;
const PTRACE_SYSCALL_INFO_ENTRY = 1;
const PTRACE_SYSCALL_INFO_EXIT = 2;
const ARGUMENTS = 6;

/** A call that has not been made yet. */
export interface SyscallEntry {
  /** AUDIT_ARCH_*: by which door it comes; int 0x80 in a 64-bit program shows as i386. */
  readonly arch: number;
  readonly nr: bigint;
  readonly args: readonly bigint[];
  /** Behind the instruction that enters the kernel. */
  readonly instructionPointer: bigint;
  readonly stackPointer: bigint;
}

export type SyscallStop =
  | ({ readonly at: 'entry' } & SyscallEntry)
  | { readonly at: 'exit' }
  /** Stopped for something else. */
  | { readonly at: 'elsewhere' };

/**
 * Asks the kernel at which side of which call a tracee is stopped.
 *
 * @throws OciSeccompError `ERR_KERNEL` if it is not stopped, or before Linux 5.3
 */
export function readSyscallStop(tid: number): SyscallStop {
  const bytes = readSyscallInfo(tid);
  const view = new DataView(bytes.buffer);
  if (bytes[0] === PTRACE_SYSCALL_INFO_EXIT) return { at: 'exit' };
  if (bytes[0] !== PTRACE_SYSCALL_INFO_ENTRY) return { at: 'elsewhere' };
  const word = (at: number): bigint => view.getBigUint64(at, HOST_IS_LITTLE);
  return {
    at: 'entry',
    arch: view.getUint32(4, HOST_IS_LITTLE),
    instructionPointer: word(8),
    stackPointer: word(16),
    nr: word(24),
    args: Array.from({ length: ARGUMENTS }, (_, i) => word(32 + 8 * i)),
  };
}

function readSyscallInfo(tid: number): Uint8Array {
  const bytes = new Uint8Array(SYSCALL_INFO_SIZE);
  const { result, errno } = ptrace('PTRACE_GET_SYSCALL_INFO', tid, SYSCALL_INFO_SIZE, bytes);
  if (result !== -1) return bytes;
  const message = `ptrace(PTRACE_GET_SYSCALL_INFO) of process ${tid}: ${formatErrno(errno)}`;
  throw new OciSeccompError('ERR_KERNEL', message, { details: { pid: tid, call: 'ptrace', errno } });
}

/**
 * AUDIT_ARCH_* of the call that a stopped tracee makes or has made last.
 *
 * @throws OciSeccompError `ERR_KERNEL` if it is not stopped, or before Linux 5.3
 */
export function readSyscallArch(tid: number): number {
  const bytes = readSyscallInfo(tid);
  return new DataView(bytes.buffer).getUint32(4, HOST_IS_LITTLE);
}

/**
 * The difference between a call and the planned one, with both values.
 *
 * @returns `undefined` if in nothing: number, architecture, all six arguments, instruction and stack pointer are equal
 */
export function differenceOf(found: SyscallEntry, planned: SyscallEntry): string | undefined {
  const pairs: readonly (readonly [string, bigint, bigint])[] = [
    ['architecture', BigInt(found.arch), BigInt(planned.arch)],
    ['number', found.nr, planned.nr],
    ...planned.args.map((value, i) => [`argument ${i}`, found.args[i] ?? -1n, value] as const),
    ['instruction pointer', found.instructionPointer, planned.instructionPointer],
    ['stack pointer', found.stackPointer, planned.stackPointer],
  ];
  const [first] = pairs.filter(([, left, right]) => left !== right);
  if (first === undefined) return undefined;
  const [what, left, right] = first;
  return `${what} 0x${left.toString(16)} in place of 0x${right.toString(16)}`;
}
