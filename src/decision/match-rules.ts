/**
 * One call and its rules: which match, and why the others do not.
 *
 * If a call is known in part, a comparison of an unknown argument neither holds nor fails.
 * @module
 */
import type { ReturnWord } from '../abi/actions.ts';
import { type ArchName, architectures } from '../abi/architectures.ts';
import { isFlagSet, type KnownArgument } from '../abi/flag-sets.ts';
import { groupBy } from '../abi/group-by.ts';
import { type Comparison, U32_MAX } from '../abi/operators.ts';
import type { SeccompData } from '../abi/seccomp-data.ts';
import type { ArchPolicy, ArchRule } from '../policy/expand-policy.ts';
import { holdsUnderFlags } from './flag-condition.ts';
import type { KnownCall } from './partial-call.ts';
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
function rulesFor(rules: readonly ArchRule[], nr: number): readonly ArchRule[] {
  let index = indexes.get(rules);
  if (index === undefined) {
    index = groupBy(rules, (rule) => rule.nr);
    indexes.set(rules, index);
  }
  return index.get(nr) ?? [];
}

/** A comparison and whether it holds; `undefined`: its argument is not known. */
export interface PartialComparison extends Comparison {
  readonly holds: boolean | undefined;
}

/** A rule compared with a call that is known in part. */
export interface PartialMatch {
  /** Index into `Policy.rules`. */
  readonly rule: number;
  readonly returnWord: ReturnWord;
  readonly comparisons: readonly PartialComparison[];
  /** `undefined`: that depends on arguments that are not known. */
  readonly matches: boolean | undefined;
  /** Another rule for the call decides, whatever this one says. */
  readonly overruled: boolean;
}

/**
 * Compares a call that is known in part with the rules of its architecture for its number.
 *
 * @param inOrder - the first rule that matches decides
 */
export function matchPartially(
  expanded: readonly ArchPolicy[],
  call: KnownCall,
  inOrder: boolean,
): readonly PartialMatch[] {
  const rules = expanded.find(({ arch }) => arch === call.arch)?.rules ?? [];
  const own = rulesFor(rules, call.nr >>> 0);
  const plain = own.find(({ comparisons }) => comparisons.length === 0);
  let isDecided = false;
  return own.map((rule) => {
    const comparisons = rule.comparisons.map((comparison) => ({
      ...comparison,
      holds: argumentHolds(comparison, call.args[comparison.index], call.arch),
    }));
    const matches = comparisons.some(({ holds }) => holds === false)
      ? false
      : comparisons.every(({ holds }) => holds === true) || undefined;
    const { returnWord } = rule;
    const overruled = inOrder ? isDecided : plain !== undefined && plain !== rule;
    isDecided ||= matches === true;
    return { rule: rule.rule, returnWord, comparisons, matches, overruled };
  });
}

function argumentHolds(comparison: Comparison, argument: KnownArgument, arch: ArchName): boolean | undefined {
  if (argument === undefined) return undefined;
  return isFlagSet(argument)
    ? holdsUnderFlags(comparison, argument, architectures[arch].bits)
    : valueHolds(comparison, argument, arch);
}

/** Whether a comparison holds; on architectures of 32 bits the low halves are compared. */
export function comparisonHolds(comparison: Comparison, { args }: SeccompData, arch: ArchName): boolean {
  return valueHolds(comparison, args[comparison.index] ?? 0n, arch);
}

function valueHolds(comparison: Comparison, whole: bigint, arch: ArchName): boolean {
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
