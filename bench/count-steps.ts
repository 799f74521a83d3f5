/**
 * What a program costs a kernel for x86_64, counted in instructions: at attach, and at calls.
 * @module
 */
import { architectures } from '../src/abi/architectures.ts';
import { syscallName } from '../src/abi/syscall-numbers.ts';
import { holds, opcodeOf } from '../src/bpf/opcodes.ts';
import {
  BPF_ALU_AND_K,
  BPF_JMP_JA,
  BPF_LD_W_ABS,
  BPF_RET_K,
  type Program,
  type SockFilter,
} from '../src/bpf/program.ts';
import { prepareProgram } from '../src/bpf/simulate-program.ts';
import { callShares } from '../src/compile/builtin/call-shares.generated.ts';
import type { ArchRule } from '../src/policy/expand-policy.ts';

/** What following a program for one number comes to, the arguments unknown. */
export interface Followed {
  /** Instructions the kernel looked at. */
  readonly steps: number;
  /** The word that it returns whatever the arguments; `undefined`: they decide. */
  readonly word: number | undefined;
}

/**
 * Follows a program as the kernel does at attach: Linux 6.18 kernel/seccomp.c seccomp_is_const_allow, which knows the
 * number and the architecture and gives up at any load of another word and any instruction it does not know.
 */
export function follow(program: Program, nr: number, arch: number): Followed {
  let a = 0;
  let steps = 0;
  for (let at = 0; ; ) {
    const instruction = program[at];
    if (instruction === undefined) throw new RangeError('the program has no end');
    steps += 1;
    const { code, k } = instruction;
    if (code === BPF_RET_K) return { steps, word: k };
    if (code === BPF_LD_W_ABS && (k === 0 || k === 4)) a = k === 0 ? nr : arch;
    else if (code === BPF_ALU_AND_K) a = (a & k) >>> 0;
    else if (code === BPF_JMP_JA) at += k;
    else if (isBranch(instruction)) at += holds(code, a, k) ? instruction.jt : instruction.jf;
    else return { steps, word: undefined };
    at += 1;
  }
}

function isBranch({ code }: SockFilter): boolean {
  return opcodeOf(code)?.shape === 'branch';
}

/** NR_syscalls and IA32_NR_syscalls of Linux 6.18: the numbers for which the kernel follows a program. */
export const NUMBERS = 470;
const ALLOW = 0x7fff_0000;
export const X86_64 = architectures.x86_64.auditArch;
export const I386 = architectures.x86.auditArch;

/** How many instructions the kernel follows when the program is attached as the first of a process. */
export function countAtAttach(program: Program): number {
  let steps = 0;
  for (const arch of [X86_64, I386]) {
    for (let nr = 0; nr < NUMBERS; nr += 1) steps += follow(program, nr, arch).steps;
  }
  return steps;
}

interface Call {
  readonly nr: number;
  readonly args: readonly bigint[];
}

/** Calls of x86_64 by what decides them. */
export interface Calls {
  /** Allowed whatever the arguments, with how often each comes. */
  readonly allowed: readonly (Call & { readonly share: number })[];
  /** Not allowed whatever the arguments; each call once. */
  readonly denied: readonly Call[];
  /** Arguments decide; with arguments that satisfy rules and such that do not. */
  readonly checked: readonly Call[];
}

const NO_ARGUMENTS = Array.from({ length: 6 }, () => 0n);
const ALL_BITS = Array.from({ length: 6 }, () => 0xffff_ffff_ffff_ffffn);

/**
 * Sorts the calls of x86_64.
 *
 * @param reference - a program that looks at arguments only where they decide
 * @param rules - those of x86_64, for arguments to ask with
 */
export function sortCalls(reference: Program, rules: readonly ArchRule[]): Calls {
  const allowed: (Call & { share: number })[] = [];
  const denied: Call[] = [];
  const checked: Call[] = [];
  for (let nr = 0; nr < NUMBERS; nr += 1) {
    const name = syscallName(nr, 'x86_64');
    if (name === undefined) continue;
    const { word } = follow(reference, nr, X86_64);
    if (word === ALLOW) allowed.push({ nr, args: NO_ARGUMENTS, share: callShares[name] ?? 0 });
    else if (word !== undefined) denied.push({ nr, args: NO_ARGUMENTS });
    else checked.push(...argumentsFor(nr, rules));
  }
  return { allowed, denied, checked };
}

function argumentsFor(nr: number, rules: readonly ArchRule[]): readonly Call[] {
  const matching = rules
    .filter((rule) => rule.nr === nr)
    .map(({ comparisons }) => {
      const args = [...NO_ARGUMENTS];
      for (const { index, op, value, valueTwo } of comparisons) {
        args[index] = op === 'maskedEq' ? valueTwo : value;
      }
      return args;
    });
  return [NO_ARGUMENTS, ALL_BITS, ...matching].map((args) => ({ nr, args }));
}

/** Instructions executed a call, where the kernel does execute the program. */
export interface Depths {
  /** The mean of allowed calls as often as they come; `undefined`: there are none. */
  readonly allowed: number | undefined;
  readonly denied: number | undefined;
  readonly checked: number | undefined;
}

/** Executes a program over calls of x86_64. */
export function measureDepths(program: Program, { allowed, denied, checked }: Calls): Depths {
  const { run } = prepareProgram(program);
  const steps = ({ nr, args }: Call): number => run({ nr, arch: X86_64, instructionPointer: 0n, args }).steps;
  const mean = (calls: readonly Call[]): number | undefined =>
    calls.length === 0 ? undefined : calls.reduce((sum, call) => sum + steps(call), 0) / calls.length;
  const total = allowed.reduce((sum, { share }) => sum + share, 0);
  const weighted = allowed.reduce((sum, call) => sum + call.share * steps(call), 0) / total;
  return { allowed: total === 0 ? undefined : weighted, denied: mean(denied), checked: mean(checked) };
}
