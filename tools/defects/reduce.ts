/**
 * Shrinks a rule set as long as it keeps failing. Deterministic: the candidates come in a fixed order, and each one taken
 * makes the set simpler by a measure that cannot shrink forever.
 * @module
 */
import { actions, returnWord } from '../../src/abi/actions.ts';
import type { Comparison, Operator } from '../../src/abi/operators.ts';
import type { RuleSet, SetRule } from './rule-set.ts';

/** Whether a set still fails in the way that is looked at. */
export type StillFails = (set: RuleSet) => Promise<boolean>;

/** Simplest first. */
const operatorOrder: readonly Operator[] = ['eq', 'ne', 'gt', 'lt', 'ge', 'le', 'maskedEq'];

/**
 * Reduces a set that fails.
 *
 * @returns a set that fails, and of whose simplifications none does
 */
export async function reduceSet(set: RuleSet, stillFails: StillFails): Promise<RuleSet> {
  let best = set;
  let size = measure(best);
  for (let found = true; found; ) {
    found = false;
    // After a success the list is made anew and gone on with at the same place: what failed before mostly fails again.
    let list = [...candidates(best)];
    for (let at = 0; at < list.length; at++) {
      const candidate = list[at];
      if (candidate === undefined) break;
      const smaller = measure(candidate);
      if (compare(smaller, size) >= 0 || !(await stillFails(candidate))) continue;
      best = candidate;
      size = smaller;
      found = true;
      list = [...candidates(best)];
      at--;
    }
  }
  return best;
}

/** What is compared first counts most. */
function measure(set: RuleSet): readonly bigint[] {
  const comparisons = set.rules.flatMap((rule) => rule.comparisons);
  const sum = (numbers: readonly number[]): bigint => BigInt(numbers.reduce((a, b) => a + b, 0));
  const words = new Set(set.rules.map(({ returnWord: word }) => word));
  const isOrdered = (rule: SetRule): boolean =>
    rule.comparisons.every(({ index }, i) => index >= (rule.comparisons[i - 1]?.index ?? 0));
  return [
    BigInt(set.rules.length),
    BigInt(comparisons.length),
    BigInt(set.architectures.length),
    BigInt(set.optimize),
    BigInt(words.size),
    sum(comparisons.map(({ op }) => operatorOrder.indexOf(op))),
    BigInt(new Set(comparisons.map(({ index }) => index)).size),
    sum(comparisons.map(({ index }) => index)),
    BigInt(set.rules.filter((rule) => !isOrdered(rule)).length),
    BigInt(comparisons.filter(({ value }) => value > 0xffff_ffffn).length),
    comparisons.reduce((total, { value, valueTwo }) => total + value + valueTwo, 0n),
    sum([set.defaultAction, ...words].map((word) => plainness(word))),
  ];
}

function compare(a: readonly bigint[], b: readonly bigint[]): number {
  for (const [i, x] of a.entries()) {
    const y = b[i] ?? 0n;
    if (x !== y) return x < y ? -1 : 1;
  }
  return 0;
}

const plainWords: readonly number[] = [actions.allow.word, returnWord('errno', 1), returnWord('errno', 2)];

function plainness(word: number): number {
  const at = plainWords.indexOf(word);
  return at === -1 ? plainWords.length : at;
}

function* candidates(set: RuleSet): Generator<RuleSet> {
  const { rules } = set;
  for (const i of rules.keys()) yield { ...set, rules: rules.toSpliced(i, 1) };
  for (const [i, rule] of rules.entries()) {
    for (const j of rule.comparisons.keys()) {
      yield withRule(set, i, { ...rule, comparisons: rule.comparisons.toSpliced(j, 1) });
    }
  }
  const [native] = set.architectures;
  yield { ...set, architectures: [native] };
  yield { ...set, optimize: 1 };
  yield* withOtherWords(set);
  yield* withOtherIndexes(set);
  for (const [i, rule] of rules.entries()) {
    const comparisons = rule.comparisons.toSorted((a, b) => a.index - b.index);
    yield withRule(set, i, { ...rule, comparisons });
  }
  yield* withOtherComparisons(set);
  yield* withOtherValues(set);
}

function withRule(set: RuleSet, at: number, rule: SetRule): RuleSet {
  return { ...set, rules: set.rules.with(at, rule) };
}

function mapComparisons(set: RuleSet, map: (comparison: Comparison) => Comparison): RuleSet {
  return { ...set, rules: set.rules.map((rule) => ({ ...rule, comparisons: rule.comparisons.map(map) })) };
}

/** Actions: all the same, then the plainest ones. A rule that does what the default does is none. */
function* withOtherWords(set: RuleSet): Generator<RuleSet> {
  const words = [...new Set(set.rules.map(({ returnWord: word }) => word))];
  const renamed = (map: (word: number) => number): RuleSet => ({
    ...set,
    rules: set.rules.map((rule) => ({ ...rule, returnWord: map(rule.returnWord) })),
  });
  for (const to of words) for (const from of words) yield renamed((word) => (word === from ? to : word));
  for (const defaultAction of plainWords) if (!words.includes(defaultAction)) yield { ...set, defaultAction };
  for (const to of plainWords) {
    if (to === set.defaultAction || words.includes(to)) continue;
    for (const from of words) yield renamed((word) => (word === from ? to : word));
  }
  // Allow list and deny-list change places.
  const [first] = words;
  if (words.length === 1 && first !== undefined) {
    yield { ...renamed(() => actions.allow.word), defaultAction: returnWord('errno', 1) };
  }
}

function* withOtherIndexes(set: RuleSet): Generator<RuleSet> {
  const used = [...new Set(set.rules.flatMap((rule) => rule.comparisons.map(({ index }) => index)))];
  for (const from of used) {
    for (let to = 0; to < from; to++) {
      // Whole arguments change places; where that frees one, the set gets simpler.
      const place = (index: number): number => (index === from ? to : index === to ? from : index);
      yield mapComparisons(set, (comparison) => ({ ...comparison, index: place(comparison.index) }));
      for (const [i, rule] of set.rules.entries()) {
        if (rule.comparisons.some(({ index }) => index === to)) continue;
        const comparisons = rule.comparisons.map((each) => ({
          ...each,
          index: each.index === from ? to : each.index,
        }));
        yield withRule(set, i, { ...rule, comparisons });
      }
    }
  }
}

function* withOtherComparisons(set: RuleSet): Generator<RuleSet> {
  for (const op of operatorOrder) {
    if (op === 'maskedEq') continue;
    for (const [i, rule] of set.rules.entries()) {
      for (const [j, comparison] of rule.comparisons.entries()) {
        const simpler = { ...comparison, op, valueTwo: 0n };
        yield withRule(set, i, { ...rule, comparisons: rule.comparisons.with(j, simpler) });
      }
    }
  }
}

function simplerValues(value: bigint): readonly bigint[] {
  const half = value & 0xffff_ffffn;
  const high = value >> 32n;
  const list = [
    0n,
    1n,
    2n,
    3n,
    half,
    high,
    1n << 32n,
    1n << 33n,
    high << 32n,
    (1n << 32n) | half,
    value >> 1n,
    value & (value - 1n),
  ];
  return [...new Set(list)].filter((each) => each >= 0n && each < value);
}

function* withOtherValues(set: RuleSet): Generator<RuleSet> {
  const comparisons = set.rules.flatMap((rule) => rule.comparisons);
  const values = new Set(comparisons.flatMap(({ value, valueTwo }) => [value, valueTwo]));
  for (const from of values) {
    for (const to of simplerValues(from)) {
      const other = (value: bigint): bigint => (value === from ? to : value);
      yield mapComparisons(set, (each) => ({
        ...each,
        value: other(each.value),
        valueTwo: other(each.valueTwo),
      }));
    }
  }
  for (const [i, rule] of set.rules.entries()) {
    for (const [j, comparison] of rule.comparisons.entries()) {
      const put = (each: Comparison): RuleSet =>
        withRule(set, i, { ...rule, comparisons: rule.comparisons.with(j, each) });
      for (const value of simplerValues(comparison.value)) yield put({ ...comparison, value });
      for (const valueTwo of simplerValues(comparison.valueTwo)) yield put({ ...comparison, valueTwo });
    }
  }
}
