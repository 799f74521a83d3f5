/**
 * The registers a system call is made with: one record an architecture.
 *
 * There is a record for each architecture on which this is run and tested. Another one takes one row.
 *
 * Sources: Linux 6.18 arch/x86/include/asm/user_64.h (`struct user_regs_struct`), arch/x86/entry/entry_64.S,
 * arch/arm64/include/uapi/asm/ptrace.h (`struct user_pt_regs`), arch/arm64/kernel/ptrace.c, arch/arm64/kernel/signal.c;
 * arch/riscv/include/uapi/asm/ptrace.h (`struct user_regs_struct`), arch/riscv/kernel/traps.c (do_trap_ecall_u),
 * arch/riscv/kernel/signal.c; syscall(2); System V ABI for AMD64 1.0, section 3.2.2 (red zone); AAPCS64, section 6.4.5
 * (none on Linux); RISC-V ELF psABI 1.0, "Integer calling convention" (none).
 * @module
 */
import { type ArchName, architectures } from '../abi/architectures.ts';
import { formatErrno } from '../abi/errno.ts';
import { EIO } from '../abi/errno-constants.ts';
import { OciSeccompError } from '../errors.ts';
import { loadKoffi } from '../ffi.ts';
import { ptrace } from './ptrace.ts';
import type { SyscallEntry } from './syscall-stop.ts';

/** Offsets are in bytes into the register set NT_PRSTATUS, registers are u64. */
export interface RegisterLayout {
  readonly arch: ArchName;
  /** AUDIT_ARCH_* of the calls that `instruction` makes. */
  readonly auditArch: number;
  readonly size: number;
  readonly number: number;
  readonly args: readonly [number, number, number, number, number, number];
  readonly result: number;
  /**
   * Where the kernel looks whether it has to restart an interrupted call; -1 there: it restarts nothing. `undefined` where
   * it has decided before a tracer sees the stop.
   */
  readonly restarting: number | undefined;
  /**
   * Where the kernel takes the number of a call from once a tracer has seen its entry: a register set, the offset of the
   * number, and the bytes of it. -1 there: no call is made.
   */
  readonly entered: { readonly set: number; readonly offset: number; readonly bytes: 4 | 8 };
  readonly instructionPointer: number;
  readonly stackPointer: number;
  /** restart_syscall(2), where the kernel puts it into the registers only on the way out of a stop. */
  readonly restartCall?: number;
  /** The instruction that enters the kernel. */
  readonly instruction: Uint8Array;
  /** Bytes below the stack pointer that belong to the program. */
  readonly redZone: number;
  /** Numbers of the calls made in another process. */
  readonly calls: Readonly<Record<InjectedCall, number>>;
}

export type InjectedCall = 'prctl' | 'seccomp' | 'close';

const NT_PRSTATUS = 1;
/** arm64's register set of one i32: the number of the call that is about to be made. */
const NT_ARM_SYSTEM_CALL = 0x404;

const layouts: Partial<Readonly<Record<ArchName, RegisterLayout>>> = {
  x86_64: {
    arch: 'x86_64',
    auditArch: architectures.x86_64.auditArch,
    size: 216,
    number: 80, // rax
    args: [112, 104, 96, 56, 72, 64], // rdi, rsi, rdx, r10, r8, r9
    result: 80, // rax
    restarting: 120, // orig_rax
    entered: { set: NT_PRSTATUS, offset: 120, bytes: 8 }, // orig_rax
    instructionPointer: 128, // rip
    stackPointer: 152, // rsp
    instruction: Uint8Array.of(0x0f, 0x05), // syscall
    redZone: 128,
    calls: { prctl: 157, seccomp: 317, close: 3 },
  },
  // At the stops of a call x7 tells the tracer which side it is (0, 1); what is written there is dropped.
  aarch64: {
    arch: 'aarch64',
    auditArch: architectures.aarch64.auditArch,
    size: 272,
    number: 64, // x8
    args: [0, 8, 16, 24, 32, 40], // x0 to x5
    result: 0, // x0
    restarting: undefined,
    entered: { set: NT_ARM_SYSTEM_CALL, offset: 0, bytes: 4 },
    instructionPointer: 256, // pc
    stackPointer: 248, // sp
    instruction: Uint8Array.of(0x01, 0x00, 0x00, 0xd4), // svc #0
    redZone: 0,
    restartCall: 128,
    calls: { prctl: 167, seccomp: 277, close: 57 },
  },
  // Arguments are taken from what a0 was at the instruction; a tracer sees that in a0 at the entry, and cannot change it.
  riscv64: {
    arch: 'riscv64',
    auditArch: architectures.riscv64.auditArch,
    size: 256,
    number: 136, // a7
    args: [80, 88, 96, 104, 112, 120], // a0 to a5
    result: 80, // a0
    restarting: undefined,
    entered: { set: NT_PRSTATUS, offset: 136, bytes: 8 }, // a7
    instructionPointer: 0, // pc
    stackPointer: 16, // sp
    instruction: Uint8Array.of(0x73, 0x00, 0x00, 0x00), // ecall
    redZone: 0,
    restartCall: 128,
    calls: { prctl: 167, seccomp: 277, close: 57 },
  },
};

/**
 * The record of an architecture.
 *
 * @throws OciSeccompError `ERR_HOOK` for an architecture that has none: no machine runs and tests it yet
 */
export function registerLayout(arch: ArchName): RegisterLayout {
  const layout = layouts[arch];
  if (layout !== undefined) return layout;
  throw new OciSeccompError(
    'ERR_HOOK',
    `filters cannot be put into containers on ${arch} yet: only on ${Object.keys(layouts).join(', ')}`,
    {
      hint: 'let the runtime install the filter: put the resolved profile into config.json (oci-seccomp resolve)',
      details: { arch },
    },
  );
}

/** A call to make in another process, with the instruction at `at`. */
export interface CallToMake {
  readonly name: InjectedCall;
  /** Those that are not given are 0. */
  readonly args: readonly number[];
  readonly at: number;
}

/** A copy of a register set with which the instruction at `at` makes a system call. */
export function registersForCall(layout: RegisterLayout, saved: Uint8Array, call: CallToMake): Uint8Array {
  const registers = Uint8Array.from(saved);
  const view = viewOf(registers);
  const set = (offset: number, value: bigint): void => view.setBigUint64(offset, value, true);
  set(layout.number, BigInt(layout.calls[call.name]));
  for (const [i, offset] of layout.args.entries()) set(offset, BigInt(call.args[i] ?? 0));
  if (layout.restarting !== undefined) set(layout.restarting, 0xffff_ffff_ffff_ffffn);
  set(layout.instructionPointer, BigInt(call.at));
  return registers;
}

/** How a call shows when the process enters the kernel with the registers of {@link registersForCall}. */
export function expectedEntry(layout: RegisterLayout, saved: Uint8Array, call: CallToMake): SyscallEntry {
  return {
    arch: layout.auditArch,
    nr: BigInt(layout.calls[call.name]),
    args: layout.args.map((_, i) => BigInt(call.args[i] ?? 0)),
    instructionPointer: BigInt(call.at + layout.instruction.length),
    stackPointer: viewOf(saved).getBigUint64(layout.stackPointer, true),
  };
}

/** What the call returned: -4095..-1 is an errno, negated. */
export function callResult(layout: RegisterLayout, registers: Uint8Array): number {
  return Number(viewOf(registers).getBigInt64(layout.result, true));
}

/** An address below 2^53, as user space has no others. */
export function addressIn(
  layout: RegisterLayout,
  registers: Uint8Array,
  register: 'instructionPointer' | 'stackPointer',
): number {
  return Number(viewOf(registers).getBigUint64(layout[register], true));
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/**
 * Reads the registers of a stopped tracee.
 *
 * @throws OciSeccompError `ERR_KERNEL` if it is gone or not stopped, or runs in another mode than the layout's
 */
export function readRegisters(tid: number, layout: RegisterLayout): Uint8Array {
  const registers = new Uint8Array(layout.size);
  const { errno, length } = transfer('PTRACE_GETREGSET', tid, registers);
  if (errno !== 0) throw registerError(tid, errno);
  // A 32-bit program has a smaller set.
  if (length !== layout.size) throw registerError(tid, EIO);
  return registers;
}

/** More than any architecture has. */
const MAX_SET = 1024;

/**
 * Reads the registers of a stopped tracee, whatever mode it runs in; the length tells which.
 *
 * @throws OciSeccompError `ERR_KERNEL` if it is gone or not stopped
 */
export function readRegisterSet(tid: number): Uint8Array {
  const registers = new Uint8Array(MAX_SET);
  const { errno, length } = transfer('PTRACE_GETREGSET', tid, registers);
  if (errno !== 0) throw registerError(tid, errno);
  return registers.slice(0, length);
}

/**
 * Sets the registers of a stopped tracee.
 *
 * @throws OciSeccompError `ERR_KERNEL`
 */
export function writeRegisters(tid: number, registers: Uint8Array): void {
  const { errno } = transfer('PTRACE_SETREGSET', tid, registers);
  if (errno !== 0) throw registerError(tid, errno);
}

/**
 * Takes back the call that a stopped tracee is about to make: the kernel makes none.
 *
 * Sources: Linux 6.18 arch/x86/entry/syscall_64.c (do_syscall_64: number -1 is no call), and the same for int 0x80;
 * arch/arm64/kernel/ptrace.c (system_call_set), arch/arm64/kernel/syscall.c (el0_svc_common: NO_SYSCALL);
 * arch/riscv/kernel/traps.c (do_trap_ecall_u).
 *
 * @throws OciSeccompError `ERR_KERNEL`
 */
export function preventSystemCall(tid: number, layout: RegisterLayout): void {
  setSystemCall(tid, layout, -1);
}

/**
 * Changes the call that a tracee is about to make, at its entry; -1: none.
 *
 * @throws OciSeccompError `ERR_KERNEL`
 */
export function setSystemCall(tid: number, { entered, size }: RegisterLayout, nr: number): void {
  const { set, offset, bytes } = entered;
  const registers = new Uint8Array(set === NT_PRSTATUS ? size : bytes);
  const read = transfer('PTRACE_GETREGSET', tid, registers, set);
  if (read.errno !== 0) throw registerError(tid, read.errno);
  if (bytes === 8) setRegister(registers, offset, nr);
  else viewOf(registers).setInt32(offset, nr, true);
  const { errno } = transfer('PTRACE_SETREGSET', tid, registers, set);
  if (errno !== 0) throw registerError(tid, errno);
}

/** Changes one register of a set; a negative value fills it with its sign. */
export function setRegister(registers: Uint8Array, offset: number, value: number): void {
  viewOf(registers).setBigInt64(offset, BigInt(value), true);
}

function transfer(
  request: 'PTRACE_GETREGSET' | 'PTRACE_SETREGSET',
  tid: number,
  registers: Uint8Array,
  set: number = NT_PRSTATUS,
): { errno: number; length: number } {
  // struct iovec: base u64 @0, len u64 @8.
  const vector = new BigUint64Array([loadKoffi().address(registers), BigInt(registers.length)]);
  const { errno } = ptrace(request, tid, set, new Uint8Array(vector.buffer));
  // The kernel never says more than there is room for; asking keeps the buffer alive until here.
  return { errno, length: Math.min(Number(vector[1]), registers.length) };
}

function registerError(tid: number, errno: number): OciSeccompError {
  return new OciSeccompError('ERR_KERNEL', `registers of process ${tid}: ${formatErrno(errno)}`, {
    details: { pid: tid, call: 'ptrace', errno },
  });
}
