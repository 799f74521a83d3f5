/**
 * What Linux checks when a program is installed with seccomp(2). It accepts a program without problems here, and refuses one with a
 * problem with EINVAL.
 *
 * Source: Linux 6.18 net/core/filter.c `bpf_check_basics_ok`, `bpf_check_classic`, `check_load_and_stores`;
 * kernel/seccomp.c `seccomp_check_filter`. The kernel has other reasons to refuse (privilege, memory, filters that are there
 * already), which are no property of a program.
 * @module
 */
import { SECCOMP_DATA_SIZE } from '../abi/seccomp-data.ts';
import { BPF_MAXINSNS } from './longest-program.ts';
import { opcodeOf } from './opcodes.ts';
import type { Program, SockFilter } from './program.ts';

/** The faults for which seccomp(2) refuses a program with EINVAL (Linux 6.18 net/core/filter.c, kernel/seccomp.c). */
export type ProgramProblemCode =
  | 'empty'
  | 'too-long'
  | 'unknown-opcode'
  | 'not-allowed-in-seccomp'
  | 'jump-out-of-range'
  | 'load-unaligned'
  | 'load-out-of-bounds'
  | 'division-by-zero'
  | 'shift-too-far'
  | 'scratch-out-of-range'
  | 'scratch-read-before-write'
  | 'last-not-return';

/** Why the kernel refuses a program. */
export interface ProgramProblem {
  /** What kind of fault it is; stable. */
  readonly code: ProgramProblemCode;
  /** The instruction, from 0; absent where the program as a whole is meant. */
  readonly index?: number;
  /** One sentence without a full stop. */
  readonly message: string;
}

/** `BPF_MEMWORDS`, include/uapi/linux/filter.h. */
export const BPF_MEMWORDS = 16;

/** Finds everything that makes the kernel refuse a program for seccomp. */
export function findProgramProblems(program: Program): readonly ProgramProblem[] {
  const { length } = program;
  if (length === 0) return [{ code: 'empty', message: 'the program has no instructions' }];
  const problems: ProgramProblem[] = [];
  if (length > BPF_MAXINSNS) {
    const message = `${length} instructions; the kernel takes at most ${BPF_MAXINSNS}`;
    problems.push({ code: 'too-long', message });
  }
  for (const [index, instruction] of program.entries()) {
    for (const [code, message] of checkInstruction(instruction, index, length)) {
      problems.push({ code, index, message });
    }
  }
  for (const index of unwrittenReads(program)) {
    const message = `M[${program[index]?.k}] is read where not every path has written it`;
    problems.push({ code: 'scratch-read-before-write', index, message });
  }
  const last = program[length - 1];
  if (last !== undefined && opcodeOf(last.code)?.mnemonic !== 'ret') {
    problems.push({
      code: 'last-not-return',
      index: length - 1,
      message: 'the last instruction is not a ret',
    });
  }
  return problems.sort((a, b) => (a.index ?? -1) - (b.index ?? -1));
}

type Complaint = readonly [code: ProgramProblemCode, message: string];

function checkInstruction(instruction: SockFilter, index: number, length: number): readonly Complaint[] {
  const { code, k } = instruction;
  const opcode = opcodeOf(code);
  if (opcode === undefined) return [['unknown-opcode', `no operation has the code 0x${code.toString(16)}`]];
  const { mnemonic, shape, seccomp } = opcode;
  const complaints: Complaint[] = [];
  if (!seccomp) complaints.push(['not-allowed-in-seccomp', `${mnemonic} of this kind is for packets only`]);
  else if (shape === 'field') complaints.push(...checkLoad(k));
  if (shape === 'constant' && (mnemonic === 'div' || mnemonic === 'mod') && k === 0) {
    complaints.push(['division-by-zero', `${mnemonic} by the constant 0`]);
  }
  if (shape === 'constant' && (mnemonic === 'lsh' || mnemonic === 'rsh') && k > 31) {
    complaints.push(['shift-too-far', `${mnemonic} by ${k}; the limit is 31`]);
  }
  if (shape === 'scratch' && k >= BPF_MEMWORDS) {
    complaints.push(['scratch-out-of-range', `there is no M[${k}]; the last is M[${BPF_MEMWORDS - 1}]`]);
  }
  complaints.push(...checkJumps(instruction, index, length));
  return complaints;
}

function checkLoad(k: number): readonly Complaint[] {
  if (k >= SECCOMP_DATA_SIZE) {
    return [['load-out-of-bounds', `[${k}] is beyond the ${SECCOMP_DATA_SIZE} bytes of seccomp_data`]];
  }
  return k % 4 === 0 ? [] : [['load-unaligned', `[${k}] is not a multiple of 4`]];
}

function checkJumps(instruction: SockFilter, index: number, length: number): readonly Complaint[] {
  const beyond = [...new Set(jumpTargets(instruction, index))].filter((target) => target >= length);
  return beyond.map((target) => {
    return ['jump-out-of-range', `it jumps to ${target}, and the last instruction is ${length - 1}`] as const;
  });
}

/**
 * Lists the targets of a jump. A branch has two, the one if its condition holds first; `ja` has one; other instructions have none.
 *
 * @param index - the jump's own index; targets are absolute and may lie past the end
 */
export function jumpTargets({ code, jt, jf, k }: SockFilter, index: number): readonly number[] {
  const shape = opcodeOf(code)?.shape;
  if (shape === 'jump') return [index + 1 + k];
  return shape === 'branch' || shape === 'branchX' ? [index + 1 + jt, index + 1 + jf] : [];
}

/** Reads of scratch words that some path reaches without a write. As in the kernel, paths go on behind a return. */
function unwrittenReads(program: Program): readonly number[] {
  const ALL = 0xffff;
  const arriving = new Uint16Array(program.length).fill(ALL);
  const found: number[] = [];
  let written = 0;
  for (const [index, instruction] of program.entries()) {
    written &= arriving[index] ?? ALL;
    const { code, k } = instruction;
    const opcode = opcodeOf(code);
    if (opcode?.shape === 'scratch' && k < BPF_MEMWORDS) {
      if (opcode.mnemonic === 'st' || opcode.mnemonic === 'stx') written |= 1 << k;
      else if ((written & (1 << k)) === 0) found.push(index);
    }
    const targets = jumpTargets(instruction, index);
    for (const target of targets) {
      if (target < program.length) arriving[target] = (arriving[target] ?? ALL) & written;
    }
    if (targets.length > 0) written = ALL;
  }
  return found;
}
