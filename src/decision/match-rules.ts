/**
 * One call and its rules: which match, and why the others do not.
 * @module
 */
import type { ReturnWord } from '../abi/actions.ts';
import { type ArchName, architectures } from '../abi/architectures.ts';
import { groupBy } from '../abi/group-by.ts';
import { type Comparison, U32_MAX } from '../abi/operators.ts';
import type { SeccompData } from '../abi/seccomp-data.ts';
import type { ArchPolicy, ArchRule } from '../policy/expand-policy.ts';
import { archOfCall } from './witness.ts';

/** A comparison and whether it holds for the call. */
export interface ComparisonResult extends Comparison {
  /** Whether it holds for the call. */
  readonly holds: boolean;
}

/** A rule for the call's number. */
export interface RuleMatch {
  /** Index into `Policy.rules`. */
  readonly rule: number;
  /** What the rule answers. */
  readonly returnWord: ReturnWord;
  /** Its comparisons, each with whether it holds. */
  readonly comparisons: readonly ComparisonResult[];
  /** All comparisons hold. */
  readonly matches: boolean;
}

/** Compares a call with the rules of its architecture for its number. */
export function matchRules(expanded: readonly ArchPolicy[], call: SeccompData): readonly RuleMatch[] {
  const arch = archOfCall(call);
  const rules = expanded.find((each) => each.arch === arch)?.rules ?? [];
  return rulesFor(rules, call.nr >>> 0).map(({ rule, returnWord, comparisons }) => {
    const results = comparisons.map((comparison) => ({
      ...comparison,
      holds: arch !== undefined && comparisonHolds(comparison, call, arch),
    }));
    return { rule, returnWord, comparisons: results, matches: results.every(({ holds }) => holds) };
  });
}

const indexes = new WeakMap<readonly ArchRule[], ReadonlyMap<number, readonly ArchRule[]>>();

/** The rules for a number, in their order. Nobody writes to rules that were expanded, and who asks about one call asks about others. */
export function rulesFor(rules: readonly ArchRule[], nr: number): readonly ArchRule[] {
  let index = indexes.get(rules);
  if (index === undefined) {
    index = groupBy(rules, (rule) => rule.nr);
    indexes.set(rules, index);
  }
  return index.get(nr) ?? [];
}

/** Whether a comparison holds; on architectures of 32 bits the low halves are compared. */
export function comparisonHolds(comparison: Comparison, { args }: SeccompData, arch: ArchName): boolean {
  return valueHolds(comparison, args[comparison.index] ?? 0n, arch);
}

export function valueHolds(comparison: Comparison, whole: bigint, arch: ArchName): boolean {
  const half = (word: bigint): bigint => (architectures[arch].bits === 32 ? word & U32_MAX : word);
  const argument = half(whole);
  const [value, valueTwo] = [half(comparison.value), half(comparison.valueTwo)];
  switch (comparison.op) {
    case 'ne':
      return argument !== value;
    case 'lt':
      return argument < value;
    case 'le':
      return argument <= value;
    case 'eq':
      return argument === value;
    case 'ge':
      return argument >= value;
    case 'gt':
      return argument > value;
    case 'maskedEq':
      return (argument & value) === (valueTwo & value);
  }
}
