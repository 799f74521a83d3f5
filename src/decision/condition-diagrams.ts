/**
 * Conditions as diagrams: tests of a computed word, comparisons of a 64-bit argument, ranges of a word.
 * @module
 */
import type { Comparison } from '../abi/operators.ts';
import { type Field, firstLevel, highHalf, lowHalf, WORD_BITS } from './diagram-variables.ts';
import { joinOnce } from './joined-words.ts';
import {
  countStep,
  FALSE,
  highOf,
  ifThenElse,
  LEAF_LEVEL,
  levelAt,
  lowOf,
  makeNode,
  type Node,
  type Space,
  TRUE,
} from './space.ts';
import type { BitsWord } from './symbolic.ts';

export type WordTest = 'eq' | 'gt' | 'ge' | 'set';

/**
 * The diagram that is `yes` where `word test operand` holds, and `no` elsewhere; by default the condition itself. Words are
 * unsigned. The test `set` holds if word and operand have a bit in common.
 */
export function testWord(
  space: Space,
  word: BitsWord,
  test: WordTest,
  operand: number,
  yes: Node = TRUE,
  no: Node = FALSE,
): Node {
  const end = firstLevel(word.field) + WORD_BITS;
  if (levelAt(space, yes) < end || levelAt(space, no) < end) {
    return ifThenElse(space, testWord(space, word, test, operand), yes, no);
  }
  const { mask, flip } = word;
  const lowest = end - 1 + word.shift;
  let node = test === 'eq' || test === 'ge' ? yes : no;
  // From the lowest bit up: the highest bit is asked first, so its node is made last. For `set`, only the bits of the operand
  // count.
  for (let left = test === 'set' ? operand : LAST; left !== 0; left &= left - 1) {
    const bit = WORD_BITS - 1 - Math.clz32(left & -left);
    const wanted = (operand >>> bit) & 1;
    let zero = node;
    let one = node;
    if (test === 'set') one = yes;
    else if (wanted === 1) zero = no;
    else one = test === 'eq' ? no : yes;
    const flipped = (flip >>> bit) & 1;
    if (((mask >>> bit) & 1) === 0) node = flipped === 1 ? one : zero;
    else
      node =
        flipped === 1 ? makeNode(space, lowest - bit, one, zero) : makeNode(space, lowest - bit, zero, one);
  }
  return node;
}

/** Whether `word test operand` holds for all values of the word, or for none; `undefined`: that depends on it. */
export function certainResult(
  { mask, flip }: BitsWord,
  test: WordTest,
  operand: number,
): boolean | undefined {
  const fixed = flip & ~mask;
  switch (test) {
    case 'set':
      return (fixed & operand) !== 0 ? true : (mask & operand) === 0 ? false : undefined;
    case 'eq':
      return ((operand ^ fixed) & ~mask) !== 0 ? false : mask === 0 ? true : undefined;
    default: {
      const least = test === 'ge' ? operand : operand + 1;
      return fixed >>> 0 >= least ? true : (fixed | mask) >>> 0 < least ? false : undefined;
    }
  }
}

/** The condition of one comparison. @param bits - 32: the low half of the argument only */
export function testComparison(space: Space, comparison: Comparison, bits: 32 | 64): Node {
  const { index, op, value, valueTwo } = comparison;
  // The rules of each architecture ask for the same conditions again.
  const key = `${bits} ${index} ${op} ${value} ${valueTwo}`;
  const known = space.conditions.get(key);
  if (known !== undefined) return known;
  const node = makeComparison(space, comparison, bits);
  space.conditions.set(key, node);
  return node;
}

/** What holds for smaller, equal and larger values. */
const answers: Readonly<Record<Comparison['op'], readonly [smaller: Node, equal: Node, larger: Node]>> = {
  eq: [FALSE, TRUE, FALSE],
  ne: [TRUE, FALSE, TRUE],
  lt: [TRUE, FALSE, FALSE],
  le: [TRUE, TRUE, FALSE],
  gt: [FALSE, FALSE, TRUE],
  ge: [FALSE, TRUE, TRUE],
  maskedEq: [FALSE, TRUE, FALSE],
};

function makeComparison(space: Space, { index, op, value, valueTwo }: Comparison, bits: 32 | 64): Node {
  const [smaller, equal, larger] = answers[op];
  const [operand, mask] = op === 'maskedEq' ? [valueTwo, value] : [value, undefined];
  const half = (field: Field, shift: bigint, rest: Node): Node =>
    testHalf(space, field, lowWord(operand >> shift), maskWord(mask, shift), { smaller, larger, rest });
  const low = half(lowHalf(space, index), 0n, equal);
  return bits === WORD_BITS ? low : half(highHalf(space, index), 32n, low);
}

function lowWord(value: bigint): number {
  return Number(value & 0xffff_ffffn);
}

function maskWord(mask: bigint | undefined, shift: bigint): number {
  return mask === undefined ? LAST : lowWord(mask >> shift);
}

/**
 * Compares a word's bits with those of another. If the first bit that differs is 0, the word is `smaller`, else `larger`; if none
 * differs, `rest`. It goes from the lowest bit up: the highest bit is asked first, so its node is made last.
 */
function testHalf(
  space: Space,
  field: Field,
  word: number,
  tested: number,
  { smaller, larger, rest }: Readonly<Record<'smaller' | 'larger' | 'rest', Node>>,
): Node {
  let node = rest;
  const lowest = firstLevel(field) + WORD_BITS - 1;
  for (let bit = 0; bit < WORD_BITS; bit++) {
    if (((tested >>> bit) & 1) === 0) continue;
    node =
      ((word >>> bit) & 1) === 1
        ? makeNode(space, lowest - bit, smaller, node)
        : makeNode(space, lowest - bit, node, larger);
  }
  return node;
}

const LAST = 0xffff_ffff;

/**
 * The diagram of a word whose values were split into runs.
 *
 * @param runs - remembered by the space as they are: they must not change later
 * @param mask - bits that the word keeps; it holds 0 in place of the others, whatever they are
 */
export function fromRuns(space: Space, field: Field, runs: Runs, mask: number = LAST): Node {
  const highest = highestLevel(space, runs.nodes);
  const start = firstLevel(field);
  // A node that asks an earlier word cannot be below this one, and joining such parts takes time. If there are only a few
  // different nodes, it is faster to join each as a whole.
  if (highest < start) {
    const nodes = new Set(runs.nodes);
    if (nodes.size <= FEW) return select(space, { field, mask }, runs, [...nodes]);
  }
  const join = (): Node => joinAll(space, { field, mask }, runs);
  return highest < start + WORD_BITS || mask !== LAST ? join() : joinOnce(space, { field, ...runs }, join);
}

function highestLevel(space: Space, nodes: readonly Node[]): number {
  let highest = LEAF_LEVEL;
  for (let at = 0; at < nodes.length; at += 1) {
    const level = space.level[nodes[at] ?? FALSE] ?? LEAF_LEVEL;
    if (level < highest) highest = level;
  }
  return highest;
}

const FEW = 8;

/** Values of a word by the last of each run of equal ones, ascending, and what holds for them; neighbours differ. */
export interface Runs {
  readonly ends: number[];
  readonly nodes: Node[];
}

/** Adds the values up to `to`, which is larger than all values so far. */
export function addRun({ ends, nodes }: Runs, to: number, node: Node): void {
  if (nodes.length > 0 && nodes[nodes.length - 1] === node) ends[ends.length - 1] = to;
  else {
    ends.push(to);
    nodes.push(node);
  }
}

interface MaskedField {
  readonly field: Field;
  readonly mask: number;
}

function select(
  space: Space,
  word: MaskedField,
  { ends, nodes }: Runs,
  [first = FALSE, ...others]: readonly Node[],
): Node {
  return others.reduce((result, node) => {
    const where: Runs = { ends: [], nodes: [] };
    for (const [i, end] of ends.entries()) addRun(where, end, nodes[i] === node ? TRUE : FALSE);
    return ifThenElse(space, joinAll(space, word, where), node, result);
  }, first);
}

/**
 * Joins all runs. Each run is taken in blocks of 2^height values that start at a multiple of 2^height. As soon as both halves of
 * a larger block are there, they are joined.
 */
function joinAll(space: Space, word: MaskedField, { ends, nodes }: Runs): Node {
  const [only = FALSE] = nodes;
  if (nodes.length === 1) return only;
  const { work } = space;
  const { field, mask } = word;
  const below = firstLevel(field) + WORD_BITS;
  const asked = highestLevel(space, nodes) < below;
  // By height: lower halves whose upper ones are still to come.
  const lower: Node[] = new Array(WORD_BITS + 1).fill(FALSE);
  // Values are 32 bits with a sign: for larger ones V8 makes objects in code that it has not optimized.
  let from = 0;
  for (let at = 0; at < ends.length; at += 1) {
    const whole = nodes[at] ?? FALSE;
    const next = ((ends[at] ?? LAST) + 1) | 0;
    do {
      // Of the largest block that starts at `from` and has no value from `next` on.
      let height = WORD_BITS - 1 - Math.clz32((next - from) | 0);
      const most = WORD_BITS - 1 - Math.clz32(from & -from);
      if (from !== 0 && most < height) height = most;
      let node = asked ? knownPart(space, word, whole, below - height, from) : whole;
      const after = (from + (1 << height)) | 0;
      for (; height < WORD_BITS && ((from >>> height) & 1) === 1; height += 1) {
        const low = lower[height] ?? FALSE;
        if (((mask >>> height) & 1) === 0) node = low;
        else {
          if (++work.steps > work.limit) countStep(space, 0);
          const level = below - 1 - height;
          node = asked ? joinHalves(space, level, low, node) : makeNode(space, level, low, node);
        }
      }
      lower[height] = node;
      from = after;
    } while (from !== next);
  }
  return lower[WORD_BITS] ?? FALSE;
}

/** Joins halves of which one may ask bits from `level` on. */
function joinHalves(space: Space, level: number, low: Node, high: Node): Node {
  if (levelAt(space, low) > level && levelAt(space, high) > level) return makeNode(space, level, low, high);
  return ifThenElse(space, makeNode(space, level, FALSE, TRUE), high, low);
}

/** What remains of a node if the word's bits before `level` are those of `value`. A node that asks an earlier word stays. */
function knownPart(
  space: Space,
  { field, mask }: MaskedField,
  root: Node,
  level: number,
  value: number,
): Node {
  const start = firstLevel(field);
  let node = root;
  for (let asked = levelAt(space, node); asked < level; asked = levelAt(space, node)) {
    if (asked < start) return root;
    const bit = WORD_BITS - 1 - (asked - start);
    if (((mask >>> bit) & 1) === 0) break;
    const isSet = (value >>> bit) & 1;
    node = isSet === 1 ? highOf(space, node) : lowOf(space, node);
  }
  return node;
}

/** The condition that a word has one value. */
export function equals(space: Space, field: Field, value: number): Node {
  return testWord(space, { kind: 'bits', field, shift: 0, mask: LAST, flip: 0 }, 'eq', value);
}
