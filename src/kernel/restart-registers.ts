/**
 * What differs between programs of several architectures about a call that a signal interrupts: one record a kind.
 *
 * Sources: Linux 6.18 arch/x86/include/asm/user_64.h, user32.h; arch/arm64/include/uapi/asm/ptrace.h, sigcontext.h,
 * arch/arm64/kernel/signal.c (struct rt_sigframe), signal32.c, arch/arm64/include/asm/signal32.h (struct compat_sigframe,
 * compat_setup_frame); arch/riscv/include/uapi/asm/ptrace.h, sigcontext.h, ucontext.h, arch/riscv/kernel/signal.c.
 * @module
 */
import type { ArchName } from '../abi/architectures.ts';
import type { ProcessMemory } from './process-memory.ts';
import { readRegisterSet, writeRegisters } from './registers.ts';
import { machineArch } from './this-machine.ts';

/** Offsets of registers in the set of a program. */
export interface RegisterOffsets {
  /** The machine that runs such programs. */
  readonly machine: ArchName;
  readonly bits: 32 | 64;
  /** What the call returned, or its first argument before it is made; on x86 its number. */
  readonly result: number;
  /** The first four; what a call does with more tells nothing about its sleep. */
  readonly callArguments: readonly number[];
  readonly instructionPointer: number;
  /** Bytes of the instruction that makes a call. */
  readonly instruction: (get: (offset: number) => bigint) => number;
  readonly kept: KeptInRegister | KeptInFrame;
}

/** The kernel decides after the tracer was asked, by this register: the number of the interrupted call. */
interface KeptInRegister {
  readonly by: 'register';
  readonly number: number;
}

/**
 * The kernel has stepped back to the call before the tracer is asked, does not say why, and undoes it after. So what the
 * handler will return to is changed, which is on the stack.
 */
export interface KeptInFrame {
  readonly by: 'frame';
  /** Where the frame is found at the stack pointer: at the first instruction of the handler, or at its rt_sigreturn(2). */
  readonly seenAt: 'handler' | 'return';
  readonly number: number;
  readonly stackPointer: number;
  /** The instruction that makes a call; of as many bytes as `instruction` says. */
  readonly callWords: readonly number[];
  /** Offsets of saved registers from the stack pointer. */
  readonly saved: (memory: ProcessMemory, stackPointer: number) => SavedPlaces;
}

interface SavedPlaces {
  readonly first: number;
  readonly instructionPointer: number;
  readonly stackPointer: number;
}

/** struct rt_sigframe of 64-bit programs: siginfo 128 bytes, ucontext with the registers @176. */
const FRAME64 = 128 + 176;
/** struct compat_sigframe: ucontext with arm_r0 @32, and on to arm_sp, arm_lr, arm_pc; behind siginfo if the handler wants one. */
const FRAME32_FIRST = 32;
const SIGINFO_SIZE = 128;
/** In uc_flags of a frame without siginfo, which then is the first word. */
const WITHOUT_SIGINFO = 0x5ac3c35a;

const ARM_CPSR = 64;
const ARM_THUMB = 0x20n;

/** By the length of the set, which no two kinds of programs of a machine share. */
const kinds: ReadonlyMap<number, RegisterOffsets> = new Map<number, RegisterOffsets>([
  [
    216, // struct user_regs_struct: rax, orig_rax, rip; rdi, rsi, rdx, r10
    {
      callArguments: [112, 104, 96, 56],
      ...{ machine: 'x86_64', bits: 64, result: 80, instructionPointer: 128, instruction: () => 2 },
      kept: { by: 'register', number: 120 },
    },
  ],
  [
    68, // struct user_regs_struct32: eax, orig_eax, eip; ebx, ecx, edx, esi
    {
      callArguments: [0, 4, 8, 12],
      ...{ machine: 'x86_64', bits: 32, result: 24, instructionPointer: 48, instruction: () => 2 },
      kept: { by: 'register', number: 44 },
    },
  ],
  [
    272, // struct user_pt_regs of arm64: x0 to x3, pc, x8, sp
    {
      callArguments: [0, 8, 16, 24],
      ...{ machine: 'aarch64', bits: 64, result: 0, instructionPointer: 256, instruction: () => 4 },
      kept: {
        ...{ by: 'frame', seenAt: 'handler', number: 64, stackPointer: 248 },
        callWords: [0xd4000001], // svc #0
        // struct sigcontext: fault_address, regs u64[31], sp, pc
        saved: () => ({
          first: FRAME64 + 8,
          stackPointer: FRAME64 + 8 * 32,
          instructionPointer: FRAME64 + 8 * 33,
        }),
      },
    },
  ],
  [
    72, // r0 to r15, cpsr, orig_r0 of arm's programs on arm64: r0 to r3, pc, r7, sp
    {
      callArguments: [0, 4, 8, 12],
      ...{ machine: 'aarch64', bits: 32, result: 0, instructionPointer: 60 },
      instruction: (get) => ((get(ARM_CPSR) & ARM_THUMB) === 0n ? 4 : 2),
      kept: {
        ...{ by: 'frame', seenAt: 'handler', number: 28, stackPointer: 52 },
        callWords: [0xef000000, 0xdf00], // svc 0
        saved: (memory, stackPointer) => {
          const first = new DataView(memory.read(stackPointer, 4).buffer).getUint32(0, true);
          const at = FRAME32_FIRST + (first === WITHOUT_SIGINFO ? 0 : SIGINFO_SIZE);
          return { first: at, stackPointer: at + 4 * 13, instructionPointer: at + 4 * 15 };
        },
      },
    },
  ],
  [
    256, // struct user_regs_struct of riscv64: a0 to a3, pc, a7, sp
    {
      callArguments: [80, 88, 96, 104],
      ...{ machine: 'riscv64', bits: 64, result: 80, instructionPointer: 0, instruction: () => 4 },
      kept: {
        ...{ by: 'frame', seenAt: 'return', number: 136, stackPointer: 16 },
        callWords: [0x00000073], // ecall
        // struct sigcontext begins with struct user_regs_struct
        saved: () => ({ first: FRAME64 + 80, stackPointer: FRAME64 + 16, instructionPointer: FRAME64 }),
      },
    },
  ],
]);

export interface Registers {
  readonly places: RegisterOffsets;
  readonly get: (offset: number) => bigint;
  readonly set: (offset: number, value: bigint) => void;
  readonly write: () => void;
}

/** @returns `undefined` for a program whose registers are not known here */
export function openRegisters(tid: number): Registers | undefined {
  const bytes = readRegisterSet(tid);
  const places = kinds.get(bytes.length);
  if (places?.machine !== machineArch()) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const isWide = places.bits === 64;
  return {
    places,
    get: (at) => (isWide ? view.getBigInt64(at, true) : BigInt(view.getInt32(at, true))),
    set: (at, value) => (isWide ? view.setBigInt64(at, value, true) : view.setInt32(at, Number(value), true)),
    write: () => writeRegisters(tid, bytes),
  };
}

/** Whether a tracer can have interrupted calls made again on this machine. */
export function canRestartCalls(): boolean {
  return [...kinds.values()].some(({ machine }) => machine === machineArch());
}
