/**
 * Runs of tests of one word, split by the word's values.
 * @module
 */
import type { Program, SockFilter } from '../bpf/program.ts';

/** Values of the tested word, both ends included, and the instruction that they lead to. */
export interface Exit {
  readonly from: number;
  readonly to: number;
  readonly target: number;
}

const LOAD_WORD = 0x20;
const JA = 0x05;
const JEQ = 0x15;
const JGT = 0x25;
const JGE = 0x35;
const JSET = 0x45;

/** Blocks of values that one `jset` may split the range into; above it is no run of intervals. */
const MAX_BLOCKS = 64;

/** Ascending, disjoint intervals: from, to, from, to … */
type Values = number[];

/**
 * Follows all values of a word at once, through jumps that compare it with constants, through `ja`, and through loads
 * of the same word, until they come to anything else.
 *
 * @param start - a conditional jump, the accumulator holding the word
 * @param offset - of the word in seccomp_data
 * @param count - called once an instruction, for the budget
 * @returns exits, ascending, together all values of the word; `undefined` if the first test does not split by intervals
 */
export function splitRegion(
  program: Program,
  start: number,
  offset: number,
  count: () => void,
): readonly Exit[] | undefined {
  if (!splits(program[start], offset)) return undefined;
  const arriving = new Map<number, Values[]>([[start, [[0, 0xffff_ffff]]]]);
  const exits: Exit[] = [];
  const leave = (target: number, values: Values): void => {
    for (let i = 0; i < values.length; i += 2) {
      exits.push({ from: values[i] ?? 0, to: values[i + 1] ?? 0, target });
    }
  };
  const send = (target: number, values: Values): void => {
    if (values.length === 0) return;
    const known = arriving.get(target);
    if (target >= program.length) leave(target, values);
    else if (known === undefined) arriving.set(target, [values]);
    else known.push(values);
  };
  for (let at = start; arriving.size > 0; at++) {
    const lists = arriving.get(at);
    if (lists === undefined) continue;
    arriving.delete(at);
    count();
    const values = merge(lists);
    const instruction = program[at];
    if (instruction === undefined || !splits(instruction, offset)) {
      leave(at, values);
      continue;
    }
    const { code, jt, jf, k } = instruction;
    if (code === LOAD_WORD) send(at + 1, values);
    else if (code === JA) send(at + 1 + k, values);
    else {
      const [holding, others] = split(instruction, values);
      send(at + 1 + jt, holding);
      send(at + 1 + jf, others);
    }
  }
  return exits.sort((a, b) => a.from - b.from);
}

function splits(instruction: SockFilter | undefined, offset: number): boolean {
  switch (instruction?.code) {
    case LOAD_WORD:
      return instruction.k === offset;
    case JA:
    case JEQ:
    case JGT:
    case JGE:
      return true;
    case JSET:
      return instruction.k === 0 || 2 ** 32 / lowestBit(instruction.k) <= MAX_BLOCKS;
    default:
      return false;
  }
}

function lowestBit(k: number): number {
  return (k & -k) >>> 0;
}

function split({ code, k }: SockFilter, values: Values): readonly [Values, Values] {
  switch (code) {
    case JEQ:
      return splitOff(values, k, k);
    case JGT:
      return k === 0xffff_ffff ? [[], values] : splitOff(values, k + 1, 0xffff_ffff);
    case JGE:
      return splitOff(values, k, 0xffff_ffff);
    default:
      return splitBlocks(values, k);
  }
}

/** Takes from..to out of the values: [those taken, the rest]. The rest is the array that was given. */
function splitOff(values: Values, from: number, to: number): readonly [Values, Values] {
  // The first interval that ends at `from` or later.
  let first = 0;
  let last = values.length / 2;
  while (first < last) {
    const middle = (first + last) >>> 1;
    if ((values[2 * middle + 1] ?? 0) < from) first = middle + 1;
    else last = middle;
  }
  const taken: Values = [];
  const kept: Values = [];
  let next = 2 * first;
  for (; next < values.length && (values[next] ?? 0) <= to; next += 2) {
    const [start, end] = [values[next] ?? 0, values[next + 1] ?? 0];
    taken.push(Math.max(start, from), Math.min(end, to));
    if (start < from) kept.push(start, from - 1);
    if (end > to) kept.push(to + 1, end);
  }
  values.splice(2 * first, next - 2 * first, ...kept);
  return [taken, values];
}

/** Splits by `value & k`, block of equal high bits by block. */
function splitBlocks(values: Values, k: number): readonly [Values, Values] {
  if (k === 0) return [[], values];
  const size = lowestBit(k);
  const taken: Values = [];
  let rest = values;
  for (let from = 0; from < 2 ** 32; from += size) {
    if ((from & k) === 0) continue;
    const [block, others] = splitOff(rest, from, from + size - 1);
    taken.push(...block);
    rest = others;
  }
  return [taken, rest];
}

function merge(lists: readonly Values[]): Values {
  const [first, second] = lists;
  if (first !== undefined && second === undefined) return first;
  const pairs: [number, number][] = [];
  for (const values of lists) {
    for (let i = 0; i < values.length; i += 2) pairs.push([values[i] ?? 0, values[i + 1] ?? 0]);
  }
  return pairs.sort(([from], [other]) => from - other).flat();
}
