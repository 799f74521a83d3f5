/**
 * A call that is known in part, and its rules: a comparison of an unknown argument neither holds nor fails.
 * @module
 */
import type { ReturnWord } from '../abi/actions.ts';
import { type ArchName, architectures } from '../abi/architectures.ts';
import { isFlagSet, type KnownArgument } from '../abi/flag-sets.ts';
import type { Comparison } from '../abi/operators.ts';
import type { ArchPolicy } from '../policy/expand-policy.ts';
import { holdsUnderFlags } from './flag-condition.ts';
import { rulesFor, valueHolds } from './match-rules.ts';
import type { KnownCall } from './partial-call.ts';

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
