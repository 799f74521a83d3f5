/**
 * Where the part of a program begins that a call decides, if its architecture and its number are known. Most instructions of a
 * filter find a number among hundreds.
 * @module
 */
import type { Endian } from '../abi/architectures.ts';
import { SECCOMP_DATA_SIZE } from '../abi/seccomp-data.ts';
import {
  BPF_ALU_AND_K,
  BPF_CLASS,
  BPF_JMP,
  BPF_JMP_JA,
  BPF_JMP_JEQ_K,
  BPF_JMP_JGE_K,
  BPF_JMP_JGT_K,
  BPF_JMP_JSET_K,
  BPF_LD_W_ABS,
  BPF_RET,
  type Program,
} from '../bpf/program.ts';
import { type Field, fieldAt, type Ordered } from './diagram-variables.ts';

/** An instruction, and what the accumulator holds there. The other registers hold 0, as at the start. */
interface OpenStart {
  readonly at: number;
  readonly a: number;
}

/**
 * Follows a program to the first instruction that needs more than the known words, or that only symbolic execution knows.
 *
 * @param values - words that are known
 */
export function firstOpen(
  ordered: Ordered,
  program: Program,
  endian: Endian,
  values: ReadonlyMap<Field, number>,
): OpenStart {
  let a = 0;
  let at = 0;
  if (values.size === 0) return { at, a };
  for (let next = program[at]; next !== undefined; next = program[at]) {
    const { code, jt, jf, k } = next;
    switch (code) {
      case BPF_LD_W_ABS: {
        const value =
          k % 4 === 0 && k < SECCOMP_DATA_SIZE ? values.get(fieldAt(ordered, k, endian)) : undefined;
        if (value === undefined) return { at, a };
        a = value;
        at += 1;
        break;
      }
      case BPF_ALU_AND_K:
        a = (a & k) >>> 0;
        at += 1;
        break;
      case BPF_JMP_JA:
        at += 1 + k;
        break;
      case BPF_JMP_JEQ_K:
        at += 1 + (a === k ? jt : jf);
        break;
      case BPF_JMP_JGT_K:
        at += 1 + (a > k ? jt : jf);
        break;
      case BPF_JMP_JGE_K:
        at += 1 + (a >= k ? jt : jf);
        break;
      case BPF_JMP_JSET_K:
        at += 1 + ((a & k) === 0 ? jf : jt);
        break;
      default:
        return { at, a };
    }
  }
  return { at, a };
}

/** The instructions that can be reached from one, and it, ascending; jumps only lead forward. */
export function reachedFrom(program: Program, start: number): readonly number[] {
  if (start === 0) return program.map((_, at) => at);
  const seen = new Set<number>();
  const open = [start];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    const instruction = program[at];
    if (instruction === undefined || seen.has(at)) continue;
    seen.add(at);
    const { code, jt, jf, k } = instruction;
    if (code === BPF_JMP_JA) open.push(at + 1 + k);
    else if ((code & BPF_CLASS) === BPF_JMP) open.push(at + 1 + jt, at + 1 + jf);
    else if ((code & BPF_CLASS) !== BPF_RET) open.push(at + 1);
  }
  return Array.from(new Int32Array(seen).sort());
}
