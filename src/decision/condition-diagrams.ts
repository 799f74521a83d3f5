/**
 * Conditions as diagrams: tests of a computed word, comparisons of a 64-bit argument, ranges of a word.
 * @module
 */
import type { Comparison } from '../abi/operators.ts';
import { type Field, firstLevel, highHalf, levelOf, lowHalf, WORD_BITS } from './diagram-variables.ts';
import {
  countStep,
  FALSE,
  highOf,
  ifThenElse,
  levelAt,
  lowOf,
  makeNode,
  type Node,
  type Space,
  TRUE,
} from './space.ts';
import type { BitsWord } from './symbolic.ts';

export type WordTest = 'eq' | 'gt' | 'ge' | 'set';

/** The condition `word test operand`, all unsigned; `set`: a common bit. `word` is bits of a field and constants. */
export function testWord(space: Space, word: BitsWord, test: WordTest, operand: number): Node {
  let node = test === 'eq' || test === 'ge' ? TRUE : FALSE;
  // From the lowest bit up, because the highest is asked first and its node made last.
  for (let bit = 0; bit < WORD_BITS; bit++) {
    const wanted = (operand >>> bit) & 1;
    const zero = ifClear(test, wanted, node);
    const one = ifSet(test, wanted, node);
    const flipped = (word.flip >>> bit) & 1;
    if (((word.mask >>> bit) & 1) === 0) node = flipped === 1 ? one : zero;
    else {
      const level = levelOf(word.field, bit - word.shift);
      node = flipped === 1 ? makeNode(space, level, one, zero) : makeNode(space, level, zero, one);
    }
  }
  return node;
}

/** Where a test leads for a bit 0, `rest` being the test of the bits below. */
function ifClear(test: WordTest, wanted: number, rest: Node): Node {
  return wanted === 1 && test !== 'set' ? FALSE : rest;
}

/** Where a test leads for a bit 1. */
function ifSet(test: WordTest, wanted: number, rest: Node): Node {
  if (test === 'set') return wanted === 1 ? TRUE : rest;
  if (wanted === 1) return rest;
  return test === 'eq' ? FALSE : TRUE;
}

/** The condition of one comparison. @param bits - 32: the low half of the argument only */
export function testComparison(space: Space, comparison: Comparison, bits: 32 | 64): Node {
  const { index, op, value, valueTwo } = comparison;
  // Rules ask the same again and again, of each architecture.
  const key = `${bits} ${index} ${op} ${value} ${valueTwo}`;
  const known = space.conditions.get(key);
  if (known !== undefined) return known;
  const node = makeComparison(space, comparison, bits);
  space.conditions.set(key, node);
  return node;
}

function makeComparison(space: Space, { index, op, value, valueTwo }: Comparison, bits: 32 | 64): Node {
  switch (op) {
    case 'eq':
      return testArgument(space, index, bits, 'eq', value);
    case 'ne':
      return negated(space, testArgument(space, index, bits, 'eq', value));
    case 'gt':
      return testArgument(space, index, bits, 'gt', value);
    case 'ge':
      return testArgument(space, index, bits, 'ge', value);
    case 'lt':
      return negated(space, testArgument(space, index, bits, 'ge', value));
    case 'le':
      return negated(space, testArgument(space, index, bits, 'gt', value));
    case 'maskedEq':
      return testArgument(space, index, bits, 'eq', valueTwo, value);
  }
}

function negated(space: Space, node: Node): Node {
  return ifThenElse(space, node, FALSE, TRUE);
}

function testArgument(
  space: Space,
  index: number,
  bits: 32 | 64,
  test: 'eq' | 'gt' | 'ge',
  operand: bigint,
  mask?: bigint,
): Node {
  const node = test === 'gt' ? FALSE : TRUE;
  // Where the first bit that differs is the argument's, with a 0 in the operand.
  const larger = test === 'eq' ? FALSE : TRUE;
  const low = testHalf(space, lowHalf(index), lowWord(operand), maskWord(mask, 0n), larger, node);
  if (bits === WORD_BITS) return low;
  return testHalf(space, highHalf(index), lowWord(operand >> 32n), maskWord(mask, 32n), larger, low);
}

function lowWord(value: bigint): number {
  return Number(value & 0xffff_ffffn);
}

function maskWord(mask: bigint | undefined, shift: bigint): number {
  return mask === undefined ? LAST : lowWord(mask >> shift);
}

/** From the lowest bit up, because the highest is asked first and its node made last. */
function testHalf(space: Space, field: Field, word: number, tested: number, larger: Node, rest: Node): Node {
  let node = rest;
  const lowest = firstLevel(field) + WORD_BITS - 1;
  for (let bit = 0; bit < WORD_BITS; bit++) {
    if (((tested >>> bit) & 1) === 0) continue;
    node =
      ((word >>> bit) & 1) === 1
        ? makeNode(space, lowest - bit, FALSE, node)
        : makeNode(space, lowest - bit, node, larger);
  }
  return node;
}

/** A part of a word's values, both ends included, u32, and what holds for it. */
export interface Interval {
  readonly from: number;
  readonly to: number;
  readonly node: Node;
}

const LAST = 0xffff_ffff;

/**
 * The diagram of a word whose values were split into intervals.
 *
 * @param intervals - ascending, together all of 0..2^32-1
 */
export function fromIntervals(space: Space, field: Field, intervals: readonly Interval[]): Node {
  const runs: Runs = { ends: [], nodes: [] };
  for (const { to, node } of intervals) addRun(runs, to, node);
  return fromRuns(space, field, runs);
}

/** The diagram of a word whose values were split into runs. */
export function fromRuns(space: Space, field: Field, runs: Runs): Node {
  // What asks a word before this one in the order cannot stand below it, and joining such parts takes time: a few are
  // better joined whole, one by one.
  if (runs.nodes.some((node) => levelAt(space, node) < firstLevel(field))) {
    const nodes = new Set(runs.nodes);
    if (nodes.size <= FEW) return select(space, field, runs, [...nodes]);
  }
  return joinAll(space, field, runs);
}

const FEW = 8;

/** Values of a word by the last of each run of equal ones, ascending, and what holds for them; neighbours differ. */
export interface Runs {
  readonly ends: number[];
  readonly nodes: Node[];
}

/** Adds the values up to `to`, which is larger than all that are there. */
export function addRun({ ends, nodes }: Runs, to: number, node: Node): void {
  if (nodes.length > 0 && nodes[nodes.length - 1] === node) ends[ends.length - 1] = to;
  else {
    ends.push(to);
    nodes.push(node);
  }
}

function select(
  space: Space,
  field: Field,
  { ends, nodes }: Runs,
  [first = FALSE, ...others]: readonly Node[],
): Node {
  return others.reduce((result, node) => {
    const where: Runs = { ends: [], nodes: [] };
    for (const [i, end] of ends.entries()) addRun(where, end, nodes[i] === node ? TRUE : FALSE);
    return ifThenElse(space, joinAll(space, field, where), node, result);
  }, first);
}

function joinAll(space: Space, field: Field, { ends, nodes }: Runs): Node {
  const below = firstLevel(field) + WORD_BITS;
  const asked = nodes.some((node) => levelAt(space, node) < below);
  const runs: RunsOfField = { field, ends, nodes, asked };
  return joinRange(space, firstLevel(field), runs, 2 ** (WORD_BITS - 1), 0, ends.length - 1);
}

interface RunsOfField extends Runs {
  readonly field: Field;
  /** Whether a node asks a bit of the word itself, or of one before it. */
  readonly asked: boolean;
}

/** What is left of a node where a word's bits above `level` are those of `value`, if it asks them first. */
function knownPart(space: Space, field: Field, root: Node, level: number, value: number): Node {
  const start = firstLevel(field);
  let node = root;
  for (let asked = levelAt(space, node); asked < level; asked = levelAt(space, node)) {
    if (asked < start) return root;
    const isSet = (value >>> (WORD_BITS - 1 - (asked - start))) & 1;
    node = isSet === 1 ? highOf(space, node) : lowOf(space, node);
  }
  return node;
}

/** Joins the runs `first` to `last`: the values that the bit at `level` parts at `middle`. */
function joinRange(
  space: Space,
  level: number,
  runs: RunsOfField,
  middle: number,
  first: number,
  last: number,
): Node {
  if (first === last) {
    const node = runs.nodes[first] ?? FALSE;
    return runs.asked ? knownPart(space, runs.field, node, level, middle) : node;
  }
  countStep(space);
  const { ends } = runs;
  let upper = first;
  let to = last;
  while (upper < to) {
    const half = (upper + to) >>> 1;
    if ((ends[half] ?? LAST) < middle) upper = half + 1;
    else to = half;
  }
  const startsThere = upper > first && ends[upper - 1] === middle - 1;
  const quarter = 2 ** (WORD_BITS - 2 - (level % WORD_BITS));
  const low = joinRange(space, level + 1, runs, middle - quarter, first, startsThere ? upper - 1 : upper);
  const high = joinRange(space, level + 1, runs, middle + quarter, upper, last);
  if (levelAt(space, low) > level && levelAt(space, high) > level) return makeNode(space, level, low, high);
  return ifThenElse(space, makeNode(space, level, FALSE, TRUE), high, low);
}

/** The condition that a word has one value. */
export function equals(space: Space, field: Field, value: number): Node {
  return testWord(space, { kind: 'bits', field, shift: 0, mask: LAST, flip: 0 }, 'eq', value);
}
