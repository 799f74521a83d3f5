/**
 * One call and the rules for it: which match, and what keeps the others from matching.
 * @module
 */
import type { ReturnWord } from '../abi/actions.ts';
import { type ArchName, architectures } from '../abi/architectures.ts';
import type { Comparison } from '../abi/operators.ts';
import type { SeccompData } from '../abi/seccomp-data.ts';
import type { ArchPolicy } from '../policy/expand.ts';
import { archOfCall } from './witness.ts';

/** A comparison and whether it holds for the call. */
export interface ComparisonResult extends Comparison {
  readonly holds: boolean;
}

/** A rule for the call's number. */
export interface RuleMatch {
  /** Index into `Policy.rules`. */
  readonly rule: number;
  readonly returnWord: ReturnWord;
  readonly comparisons: readonly ComparisonResult[];
  /** All comparisons hold. */
  readonly matches: boolean;
}

/**
 * Holds a call against the rules of its architecture that have its number.
 *
 * @returns in the order of the rules; empty if no rule names the call
 */
export function matchRules(expanded: readonly ArchPolicy[], call: SeccompData): readonly RuleMatch[] {
  const arch = archOfCall(call);
  const rules = expanded.find((each) => each.arch === arch)?.rules ?? [];
  return rules
    .filter(({ nr }) => nr === call.nr >>> 0)
    .map(({ rule, returnWord, comparisons }) => {
      const results = comparisons.map((comparison) => ({
        ...comparison,
        holds: arch !== undefined && comparisonHolds(comparison, call, arch),
      }));
      return { rule, returnWord, comparisons: results, matches: results.every(({ holds }) => holds) };
    });
}

const U32 = 0xffff_ffffn;

/** Whether a comparison holds; on architectures of 32 bits the low halves are compared. */
export function comparisonHolds(comparison: Comparison, { args }: SeccompData, arch: ArchName): boolean {
  const half = (word: bigint): bigint => (architectures[arch].bits === 32 ? word & U32 : word);
  const argument = half(args[comparison.index] ?? 0n);
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
