/**
 * Values of one argument as few comparisons of a profile: equal, not equal, ranges, and masked.
 * @module
 */
import { type Comparison, type Operator, U64_MAX } from '../abi/operators.ts';
import { testComparison } from '../decision/condition-diagrams.ts';
import { firstLevel, highHalf, WORD_BITS } from '../decision/diagram-variables.ts';
import {
  and,
  countStep,
  FALSE,
  highOf,
  levelAt,
  lowOf,
  makeNode,
  type Node,
  not,
  or,
  type Space,
  TRUE,
} from '../decision/space.ts';

const BITS = 2 * WORD_BITS;

/** A set of values of one argument: a diagram with the leaves TRUE and FALSE that asks that argument alone. */
interface Wanted {
  readonly space: Space;
  /** 0..5 */
  readonly index: number;
}

/**
 * Covers values by comparisons.
 *
 * @param must - the values to cover
 * @param may - the values that may be covered, all of `must` among them
 * @returns comparisons, any one of which is enough; `undefined`: every value may be covered, so nothing has to be compared
 */
export function coverValues(
  space: Space,
  index: number,
  must: Node,
  may: Node,
): readonly Comparison[] | undefined {
  if (must === FALSE) return [];
  if (may === TRUE) return undefined;
  const wanted: Wanted = { space, index };
  const outside = not(space, may);
  const [smallest, largest] = [edge(wanted, outside, 0), edge(wanted, outside, 1)];
  if (smallest === largest) return [compare(index, 'ne', smallest)];
  // Not 'lt' and 'ge': their datum is larger by one, and a 32-bit architecture reads 2^32 as 0.
  const below = smallest > 0n ? [compare(index, 'le', smallest - 1n)] : [];
  const above = largest < U64_MAX ? [compare(index, 'gt', largest)] : [];
  const choices = [[], below, above, [...below, ...above]].map((ranges) => {
    const used = ranges.filter((each) => and(space, testComparison(space, each, 64), must) !== FALSE);
    const left = used.reduce(
      (rest, each) => and(space, rest, not(space, testComparison(space, each, 64))),
      must,
    );
    return [...used, ...cubes(wanted, left, may)];
  });
  const best = choices.reduce((found, each) => (each.length < found.length ? each : found));
  const points = pointsOf(wanted, must, Math.min(MAX_POINTS, POINTS_A_MASK * best.length));
  return points?.map((value) => compare(index, 'eq', value)) ?? best;
}

/**
 * As {@link coverValues}, but also right for youki, which swaps mask and value of masked comparisons. If ranges, single values and
 * masks whose bits must all be set are enough, it uses only these.
 */
export function swapSafeValues(
  space: Space,
  index: number,
  must: Node,
  may: Node,
): readonly Comparison[] | undefined {
  const best = coverValues(space, index, must, may);
  if (best?.every(isSwapSafe) !== false) return best;
  const outside = not(space, may);
  const wanted: Wanted = { space, index };
  const [smallest, largest] = [edge(wanted, outside, 0), edge(wanted, outside, 1)];
  const found = [
    ...(smallest > 0n ? [compare(index, 'le', smallest - 1n)] : []),
    ...(largest < U64_MAX ? [compare(index, 'gt', largest)] : []),
  ].filter((each) => and(space, testComparison(space, each, 64), must) !== FALSE);
  const rest = found.reduce(
    (left, each) => and(space, left, not(space, testComparison(space, each, 64))),
    must,
  );
  const points = pointsOf(wanted, rest, MAX_SINGLE);
  if (points === undefined) return best;
  let left = points;
  const masks = setBits(points).filter(
    (mask) =>
      and(space, outside, testComparison(space, compare(index, 'maskedEq', mask, mask), 64)) === FALSE,
  );
  for (;;) {
    const covered = (mask: bigint): number => left.filter((point) => (point & mask) === mask).length;
    const most = Math.max(0, ...masks.map(covered));
    const mask = masks.find((each) => covered(each) === most);
    if (mask === undefined || most < 2) break;
    found.push(compare(index, 'maskedEq', mask, mask));
    left = left.filter((point) => (point & mask) !== mask);
  }
  return [...found, ...left.map((value) => compare(index, 'eq', value))];
}

/** The most values between ranges that are looked at. */
const MAX_SINGLE = 256;

function isSwapSafe({ op, value, valueTwo }: Comparison): boolean {
  return op !== 'maskedEq' || value === valueTwo;
}

/** The bits of values, single and in pairs. */
function setBits(points: readonly bigint[]): readonly bigint[] {
  const all = points.reduce((sum, point) => sum | point, 0n);
  const bits = Array.from({ length: BITS }, (_, bit) => 1n << BigInt(bit)).filter(
    (bit) => (all & bit) !== 0n,
  );
  return [...bits, ...bits.flatMap((bit) => bits.filter((other) => other > bit).map((other) => bit | other))];
}

/** People read a few values more easily than the masks that join them. */
const MAX_POINTS = 16;
const POINTS_A_MASK = 4;

/** The values of a set, ascending; `undefined` if there are more than `limit`. */
function pointsOf({ space, index }: Wanted, set: Node, limit: number): readonly bigint[] | undefined {
  const end = firstLevel(highHalf(space, index)) + BITS;
  const points: bigint[] = [];
  const walk = (node: Node, level: number, value: bigint): boolean => {
    if (node === FALSE) return true;
    if (level === end) {
      points.push(value);
      return points.length <= limit;
    }
    const [low, high] = children(space, node, level);
    return walk(low, level + 1, 2n * value) && walk(high, level + 1, 2n * value + 1n);
  };
  return walk(set, firstLevel(highHalf(space, index)), 0n) ? points : undefined;
}

function compare(index: number, op: Operator, value: bigint, valueTwo = 0n): Comparison {
  return { index, op, value, valueTwo };
}

/** The smallest (`bit` 0) or largest (1) value of a set that is not empty. */
function edge({ space, index }: Wanted, set: Node, bit: 0 | 1): bigint {
  const first = firstLevel(highHalf(space, index));
  let node = set;
  let value = 0n;
  for (let level = first; level < first + BITS; level++) {
    const asked = levelAt(space, node) === level;
    const [low, high] = asked ? [lowOf(space, node), highOf(space, node)] : [node, node];
    const isSet: boolean = bit === 0 ? low === FALSE : high !== FALSE;
    node = isSet ? high : low;
    value = 2n * value + (isSet ? 1n : 0n);
  }
  return value;
}

/** Masked comparisons, none of which can be left out (S. Minato, irredundant sums of products, 1992). */
function cubes(wanted: Wanted, must: Node, may: Node): readonly Comparison[] {
  const { index } = wanted;
  const found: Comparison[] = [];
  const emit = (mask: bigint, value: bigint): void => {
    found.push(mask === U64_MAX ? compare(index, 'eq', value) : compare(index, 'maskedEq', mask, value));
  };
  irredundant(wanted, must, may, (each) => emit(each.mask, each.value));
  return found.sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}

function keyOf({ op, value, valueTwo }: Comparison): bigint {
  return op === 'eq' ? value : valueTwo;
}

interface Cube {
  readonly mask: bigint;
  readonly value: bigint;
}

/** Emits cubes, none of them needless, that cover at least `must` and at most `may`. */
function irredundant({ space, index }: Wanted, must: Node, may: Node, emit: (cube: Cube) => void): void {
  const first = firstLevel(highHalf(space, index));
  /** Returns what its cubes cover. */
  const walk = (lower: Node, upper: Node, cube: Cube, out: (cube: Cube) => void): Node => {
    countStep(space);
    if (lower === FALSE) return FALSE;
    if (upper === TRUE) {
      out(cube);
      return TRUE;
    }
    const level = Math.min(levelAt(space, lower), levelAt(space, upper));
    const bit = 1n << BigInt(BITS - 1 - (level - first));
    const [l0, l1] = children(space, lower, level);
    const [u0, u1] = children(space, upper, level);
    const zero = { mask: cube.mask | bit, value: cube.value };
    const one = { mask: cube.mask | bit, value: cube.value | bit };
    // What only one half can cover needs this bit; the rest is covered without it.
    const c0 = walk(and(space, l0, not(space, u1)), u0, zero, out);
    const c1 = walk(and(space, l1, not(space, u0)), u1, one, out);
    const rest = or(space, and(space, l0, not(space, c0)), and(space, l1, not(space, c1)));
    const both = walk(rest, and(space, u0, u1), cube, out);
    return makeNode(space, level, or(space, c0, both), or(space, c1, both));
  };
  walk(must, may, { mask: 0n, value: 0n }, emit);
}

function children(space: Space, node: Node, level: number): readonly [Node, Node] {
  return levelAt(space, node) === level ? [lowOf(space, node), highOf(space, node)] : [node, node];
}
