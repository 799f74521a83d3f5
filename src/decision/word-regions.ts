/**
 * Runs of tests of one word, split by the word's values.
 * @module
 */
import type { Program, SockFilter } from '../bpf/program.ts';

/** Values of the tested word, both ends included, and the way that they go. */
export interface Exit {
  readonly from: number;
  readonly to: number;
  /** Index into {@link Region.targets}. */
  readonly way: number;
}

const LOAD_WORD = 0x20;
const JA = 0x05;
const JEQ = 0x15;
const JGT = 0x25;
const JGE = 0x35;
const JSET = 0x45;
/** Classes of instructions. */
const JUMP = 0x05;
const RETURN = 0x06;
const LAST = 0xffff_ffff;

/** Blocks of values that one `jset` may split the range into; a diagram of bits is smaller than more of them. */
const MAX_BLOCKS = 8;

/** Ascending, disjoint intervals: from, to, from, to … */
type Values = number[];

/** The ways out of a run of tests. */
export interface Region {
  /** Instructions, each once. */
  readonly targets: readonly number[];
  /** Of each target, the first and the last value that goes there. */
  readonly hulls: readonly (readonly [number, number])[];
  /** Ascending, together all values of the word; neighbours lead to different targets. */
  readonly exits: readonly Exit[];
}

/** Where a run of tests starts, and in what. */
export interface RegionStart {
  readonly program: Program;
  /** As {@link countEntries} counts them. */
  readonly entries: readonly number[];
  /** A conditional jump, the accumulator holding the word. */
  readonly start: number;
  /** Of the word in seccomp_data; `undefined`: no load brings it. */
  readonly offset: number | undefined;
  /** Called with the amount of work, for the budget. */
  readonly count: (work: number) => void;
}

/** How many ways lead to each instruction. */
export function countEntries(program: Program): readonly number[] {
  const entries: number[] = new Array(program.length + 1).fill(0);
  const add = (target: number): void => {
    if (target < entries.length) entries[target] = (entries[target] ?? 0) + 1;
  };
  for (let at = 0; at < program.length; at++) {
    const { code, jt, jf, k } = program[at] as SockFilter;
    if (code === JA) add(at + 1 + k);
    else if ((code & 7) === JUMP) {
      add(at + 1 + jt);
      add(at + 1 + jf);
    } else if ((code & 7) !== RETURN) add(at + 1);
  }
  return entries;
}

/**
 * Follows all values of a word at once, through jumps that compare it with constants, through `ja`, and through loads
 * of the same word, until they come to anything else. A load that is also reached from elsewhere ends the run: its
 * tests are then a run of their own, taken once for all that come there.
 *
 * @returns `undefined` if the first test does not split by intervals
 */
export function splitRegion({ program, entries, start, offset, count }: RegionStart): Region | undefined {
  if (!splits(program[start], offset)) return undefined;
  const arriving = new Map<number, Values[]>([[start, [[0, LAST]]]]);
  const left = new Map<number, Values[]>();
  const send = (target: number, values: Values): void => {
    if (values.length === 0) return;
    const inside = target < program.length && splits(program[target], offset);
    const lists = inside ? arriving : left;
    const known = lists.get(target);
    if (known === undefined) lists.set(target, [values]);
    else known.push(values);
  };
  for (let at = start; arriving.size > 0; at++) {
    const lists = arriving.get(at);
    const instruction = program[at];
    if (lists === undefined || instruction === undefined) continue;
    arriving.delete(at);
    const { code, jt, jf, k } = instruction;
    if (code === LOAD_WORD && (entries[at] ?? 0) > lists.length) {
      left.set(at, lists);
      continue;
    }
    const values = merge(lists);
    count(1 + (values.length >> 4));
    if (code === LOAD_WORD) send(at + 1, values);
    else if (code === JA) send(at + 1 + k, values);
    else {
      const holding: Values = [];
      split(instruction, values, holding);
      send(at + 1 + jt, holding);
      send(at + 1 + jf, values);
    }
  }
  const merged = [...left.values()].map(merge);
  return {
    targets: [...left.keys()],
    hulls: merged.map((values) => [values[0] ?? 0, values.at(-1) ?? 0] as const),
    exits: exitsOf(merged),
  };
}

function exitsOf(left: readonly Values[]): readonly Exit[] {
  const byStart = new Map<number, Exit>();
  for (const [way, values] of left.entries()) {
    for (let i = 0; i < values.length; i += 2) {
      const from = values[i] ?? 0;
      byStart.set(from, { from, to: values[i + 1] ?? 0, way });
    }
  }
  const exits: Exit[] = [];
  for (const from of Float64Array.from(byStart.keys()).sort()) {
    const exit = byStart.get(from);
    if (exit !== undefined) exits.push(exit);
  }
  return exits;
}

function splits(instruction: SockFilter | undefined, offset: number | undefined): boolean {
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

/** Moves the values for which a jump is taken from one list to the other, which is empty. */
function split({ code, k }: SockFilter, values: Values, taken: Values): void {
  if (code === JSET) splitBlocks(values, k, taken);
  else if (code === JEQ) splitOff(values, k, k, taken);
  else if (code === JGE) splitOff(values, k, LAST, taken);
  else if (k < LAST) splitOff(values, k + 1, LAST, taken);
}

/** Moves the values from..to. */
function splitOff(values: Values, from: number, to: number, taken: Values): void {
  // The first interval that ends at `from` or later.
  let first = 0;
  let last = values.length / 2;
  while (first < last) {
    const middle = (first + last) >>> 1;
    if ((values[2 * middle + 1] ?? 0) < from) first = middle + 1;
    else last = middle;
  }
  let next = 2 * first;
  for (; next < values.length; next += 2) {
    const start = values[next] ?? 0;
    const end = values[next + 1] ?? 0;
    if (start > to) break;
    taken.push(start > from ? start : from, end < to ? end : to);
  }
  if (next === 2 * first) return;
  // Of what the first interval begins with, and the last one ends with, some can stay.
  const start = values[2 * first] ?? 0;
  const end = values[next - 1] ?? 0;
  const kept = end > to ? [to + 1, end] : [];
  if (start < from) kept.unshift(start, from - 1);
  values.splice(2 * first, next - 2 * first, ...kept);
}

/** Moves the values with a bit of k: block of equal high bits by block. */
function splitBlocks(values: Values, k: number, taken: Values): void {
  if (k === 0) return;
  const size = lowestBit(k);
  for (let from = 0; from <= LAST; from += size) {
    if ((from & k) !== 0) splitOff(values, from, from + size - 1, taken);
  }
}

/** One list out of several that have no value in common. */
function merge(lists: readonly Values[]): Values {
  const [first, second] = lists;
  if (first !== undefined && second === undefined) return first;
  // The intervals are disjoint: all their ends, ascending, are again pairs.
  const ends = new Float64Array(lists.flat()).sort();
  const merged: Values = [];
  for (let i = 0; i < ends.length; i += 2) {
    const from = ends[i] ?? 0;
    const to = ends[i + 1] ?? 0;
    if (merged.length > 0 && merged.at(-1) === from - 1) merged[merged.length - 1] = to;
    else merged.push(from, to);
  }
  return merged;
}
