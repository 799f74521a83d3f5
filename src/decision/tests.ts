/**
 * Conditions as diagrams: tests of a computed word, comparisons of a 64-bit argument, ranges of a word.
 * @module
 */
import type { Comparison } from '../abi/operators.ts';
import { type Field, firstLevel, highHalf, levelOf, lowHalf, WORD_BITS } from './fields.ts';
import { countStep, FALSE, ifThenElse, levelAt, makeNode, type Node, type Space, TRUE } from './space.ts';
import type { BitsWord } from './symbolic.ts';

export type WordTest = 'eq' | 'gt' | 'ge' | 'set';

/** The condition `word test operand`, all unsigned; `set`: a common bit. `word` is bits of a field and constants. */
export function testWord(space: Space, word: BitsWord, test: WordTest, operand: number): Node {
  let node = test === 'eq' || test === 'ge' ? TRUE : FALSE;
  // From the lowest bit up, because the highest is asked first and its node made last.
  for (let bit = 0; bit < WORD_BITS; bit++) {
    const wanted = (operand >>> bit) & 1;
    const [zero, one] = step(test, wanted, node);
    const flipped = (word.flip >>> bit) & 1;
    if (((word.mask >>> bit) & 1) === 0) node = flipped === 1 ? one : zero;
    else {
      const level = levelOf(word.field, bit - word.shift);
      node = flipped === 1 ? makeNode(space, level, one, zero) : makeNode(space, level, zero, one);
    }
  }
  return node;
}

/** Where a test leads for a bit 0 and a bit 1, `rest` being the test of the bits below. */
function step(test: WordTest, wanted: number, rest: Node): readonly [Node, Node] {
  switch (test) {
    case 'eq':
      return wanted === 1 ? [FALSE, rest] : [rest, FALSE];
    case 'set':
      return wanted === 1 ? [rest, TRUE] : [rest, rest];
    default:
      return wanted === 1 ? [FALSE, rest] : [rest, TRUE];
  }
}

/** The condition of one comparison. @param bits - 32: the low half of the argument only */
export function testComparison(space: Space, comparison: Comparison, bits: 32 | 64): Node {
  const { index, op, value, valueTwo } = comparison;
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
  test: WordTest,
  operand: bigint,
  mask = 0xffff_ffff_ffff_ffffn,
): Node {
  let node = test === 'eq' || test === 'ge' ? TRUE : FALSE;
  for (let half = 0; half < bits / WORD_BITS; half++) {
    const field = half === 0 ? lowHalf(index) : highHalf(index);
    const shift = BigInt(WORD_BITS * half);
    const word = Number((operand >> shift) & 0xffff_ffffn);
    const tested = Number((mask >> shift) & 0xffff_ffffn);
    for (let bit = 0; bit < WORD_BITS; bit++) {
      if (((tested >>> bit) & 1) === 0) continue;
      const [zero, one] = step(test, (word >>> bit) & 1, node);
      node = makeNode(space, levelOf(field, bit), zero, one);
    }
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
  const below = firstLevel(field) + WORD_BITS;
  // What asks this word, or one before it in the order, cannot stand below it, and joining such parts takes time:
  // a few are better joined whole, one by one.
  if (intervals.some(({ node }) => levelAt(space, node) < below)) {
    const nodes = new Set(intervals.map(({ node }) => node));
    if (nodes.size <= FEW) return select(space, field, intervals, [...nodes]);
  }
  return joinRange(space, field, intervals, WORD_BITS, 0, 0, intervals.length - 1);
}

const FEW = 8;

function select(
  space: Space,
  field: Field,
  intervals: readonly Interval[],
  [first = FALSE, ...others]: readonly Node[],
): Node {
  return others.reduce((result, node) => {
    const where = intervals.map((each) => ({ ...each, node: each.node === node ? TRUE : FALSE }));
    const condition = joinRange(space, field, where, WORD_BITS, 0, 0, where.length - 1);
    return ifThenElse(space, condition, node, result);
  }, first);
}

/** Joins the intervals `first` to `last`, which hold the 2^bits values from `from` on. */
function joinRange(
  space: Space,
  field: Field,
  intervals: readonly Interval[],
  bits: number,
  from: number,
  first: number,
  last: number,
): Node {
  if (first === last) return intervals[first]?.node ?? FALSE;
  countStep(space);
  const middle = from + 2 ** (bits - 1);
  const upper = firstReaching(intervals, middle, first, last);
  const startsThere = (intervals[upper]?.from ?? 0) >= middle;
  const low = joinRange(space, field, intervals, bits - 1, from, first, startsThere ? upper - 1 : upper);
  const high = joinRange(space, field, intervals, bits - 1, middle, upper, last);
  const level = levelOf(field, bits - 1);
  if (levelAt(space, low) > level && levelAt(space, high) > level) return makeNode(space, level, low, high);
  return ifThenElse(space, makeNode(space, level, FALSE, TRUE), high, low);
}

/** The first of the intervals that ends at `value` or later. */
function firstReaching(intervals: readonly Interval[], value: number, first: number, last: number): number {
  let from = first;
  let to = last;
  while (from < to) {
    const middle = (from + to) >>> 1;
    if ((intervals[middle]?.to ?? LAST) < value) from = middle + 1;
    else to = middle;
  }
  return from;
}

/** The condition that a word has one value. */
export function equals(space: Space, field: Field, value: number): Node {
  return testWord(space, { kind: 'bits', field, shift: 0, mask: LAST, flip: 0 }, 'eq', value);
}
