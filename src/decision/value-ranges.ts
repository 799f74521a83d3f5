/**
 * Rules that all compare the same argument, as ranges of its values. Most rules with comparisons do.
 *
 * One diagram of the sorted ranges says what they match together. No diagram is made for each rule.
 * @module
 */
import type { Comparison } from '../abi/operators.ts';
import { addRun, fromRuns, type Runs } from './condition-diagrams.ts';
import { type Field, highHalf, lowHalf } from './diagram-variables.ts';
import { FALSE, type Node, type Space, TRUE } from './space.ts';

/** Values of an argument, both ends included. */
interface ValueRange {
  readonly from: bigint;
  readonly to: bigint;
}

type Compared = Readonly<Record<'comparisons', readonly Comparison[]>>;

/** The argument that all rules compare, each rule once and without a mask; `undefined` for any other rules. */
export function onlyArgument(rules: readonly Compared[]): number | undefined {
  const index = rules[0]?.comparisons[0]?.index;
  const isAlike = rules.every(({ comparisons }) => {
    const [first] = comparisons;
    return comparisons.length === 1 && first?.index === index && first?.op !== 'maskedEq';
  });
  return isAlike ? index : undefined;
}

/** The values of the {@link onlyArgument} that rules match, ascending by their first. @param bits - that they look at */
export function matchedRanges(rules: readonly Compared[], bits: 32 | 64): readonly ValueRange[] {
  return rules
    .flatMap(({ comparisons }) => comparisons.flatMap((comparison) => rangesOf(comparison, bits)))
    .sort((a, b) => (a.from < b.from ? -1 : a.from > b.from ? 1 : 0));
}

function rangesOf({ op, value }: Comparison, bits: 32 | 64): readonly ValueRange[] {
  const operand = BigInt.asUintN(bits, value);
  const last = bits === 32 ? LAST_OF_32 : LAST_OF_64;
  const from = (first: bigint): readonly ValueRange[] => (first > last ? [] : [{ from: first, to: last }]);
  const upTo = (to: bigint): readonly ValueRange[] => (to < 0n ? [] : [{ from: 0n, to }]);
  switch (op) {
    case 'eq':
      return [{ from: operand, to: operand }];
    case 'ne':
      return [...upTo(operand - 1n), ...from(operand + 1n)];
    case 'lt':
      return upTo(operand - 1n);
    case 'le':
      return upTo(operand);
    case 'gt':
      return from(operand + 1n);
    case 'ge':
      return from(operand);
    case 'maskedEq':
      throw new RangeError('a mask keeps no range');
  }
}

const LAST_OF_32 = 2n ** 32n - 1n;
const LAST_OF_64 = 2n ** 64n - 1n;

/** Whether each of some rules with an {@link onlyArgument} matches some values, and no two rules match the same value. */
export function matchApart(rules: readonly Compared[], bits: 32 | 64): boolean {
  if (rules.some((rule) => matchedRanges([rule], bits).length === 0)) return false;
  const ranges = matchedRanges(rules, bits);
  return ranges.every(({ from }, at) => at === 0 || from > (ranges[at - 1]?.to ?? 0n));
}

/** The condition that an argument is in one of the ranges. @param ranges - ascending by their first value */
export function whereInRanges(
  space: Space,
  index: number,
  bits: 32 | 64,
  ranges: readonly ValueRange[],
): Node {
  const high = noRuns();
  let low = noRuns();
  let word = 0;
  const nextWord = (next: number): void => {
    addSpan(high, word, word, joined(space, lowHalf(space, index), low));
    low = noRuns();
    word = next;
  };
  let next = 0n;
  for (const { from, to } of ranges) {
    const start = from > next ? from : next;
    if (start > to) continue;
    next = to + 1n;
    const [first, last] = [highWord(start), highWord(to)];
    if (first > word) nextWord(first);
    addSpan(low, lowWord(start), last > first ? LAST : lowWord(to), TRUE);
    if (last === first) continue;
    nextWord(last);
    if (last > first + 1) addSpan(high, first + 1, last - 1, TRUE);
    addSpan(low, 0, lowWord(to), TRUE);
  }
  if (bits === 32) return joined(space, lowHalf(space, index), low);
  nextWord(word);
  return joined(space, highHalf(space, index), high);
}

const LAST = 0xffff_ffff;

function highWord(value: bigint): number {
  return Number(value >> 32n);
}

function lowWord(value: bigint): number {
  return Number(value & 0xffff_ffffn);
}

function noRuns(): Runs {
  return { ends: [], nodes: [] };
}

/** Adds the values `from` to `to`, which are larger than all added before. The condition fails for values between. */
function addSpan(runs: Runs, from: number, to: number, node: Node): void {
  if (from > (runs.ends.at(-1) ?? -1) + 1) addRun(runs, from - 1, FALSE);
  addRun(runs, to, node);
}

function joined(space: Space, field: Field, runs: Runs): Node {
  const reached = runs.ends.at(-1) ?? -1;
  if (reached < LAST) addRun(runs, LAST, FALSE);
  return fromRuns(space, field, runs);
}
