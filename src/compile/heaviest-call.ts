/**
 * Rules that are dear for libseccomp: leaves out those that it ignores, and names those that make a profile complex, for hints in
 * errors. The author knows rules, not nodes and instructions.
 * @module
 */
import { listWords } from '../abi/list-words.ts';
import type { Comparison } from '../abi/operators.ts';
import { OciSeccompError } from '../errors.ts';
import type { PolicyRule } from '../policy/policy.ts';

interface ComparingRule {
  readonly syscall: string;
  readonly comparisons: readonly Comparison[];
}

/**
 * Names the call whose rules compare most.
 *
 * @returns `250 rules compare arguments 0 and 1 of mmap`; `undefined` if no rule compares
 */
function describeHeaviest(rules: readonly ComparingRule[]): string | undefined {
  const weights = new Map<string, { rules: number; comparisons: number; indexes: Set<number> }>();
  for (const { syscall, comparisons } of rules) {
    if (comparisons.length === 0) continue;
    const weight = weights.get(syscall) ?? { rules: 0, comparisons: 0, indexes: new Set<number>() };
    weights.set(syscall, weight);
    weight.rules++;
    weight.comparisons += comparisons.length;
    for (const { index } of comparisons) weight.indexes.add(index);
  }
  const [heaviest] = [...weights].sort(([, a], [, b]) => b.comparisons - a.comparisons);
  if (heaviest === undefined) return undefined;
  const [syscall, { rules: count, indexes }] = heaviest;
  const sorted = [...indexes].sort((a, b) => a - b);
  const which = sorted.length === 1 ? `argument ${sorted[0]}` : `arguments ${listWords(sorted)}`;
  return `${count} ${count === 1 ? 'rule compares' : 'rules compare'} ${which} of ${syscall}`;
}

/**
 * Leaves out rules without comparisons that repeat one. libseccomp ignores them, but keeps them, and the work grows with the square
 * of their number. With them the program and the pseudo filter code are the same.
 */
export function withoutRepeats(rules: readonly PolicyRule[]): readonly PolicyRule[] {
  const seen = new Set<string>();
  return rules.filter(({ syscall, comparisons, returnWord }) => {
    if (comparisons.length > 0) return true;
    const key = `${syscall} ${returnWord}`;
    return !seen.has(key) && seen.add(key);
  });
}

/**
 * What an author can do about rules that take libseccomp too long.
 *
 * @returns `undefined` if no rule compares
 */
export function adviseFewer(rules: readonly ComparingRule[]): string | undefined {
  const heaviest = describeHeaviest(rules);
  return heaviest && `${heaviest}: compare fewer arguments in each of them or use fewer such rules`;
}

/**
 * An error about a program that is too complex, with advice that names the rules which make it so.
 *
 * @returns the same error if no rule compares
 */
export function adviseAuthor(error: OciSeccompError, rules: readonly ComparingRule[]): OciSeccompError {
  const heaviest = describeHeaviest(rules);
  if (heaviest === undefined) return error;
  return new OciSeccompError(error.code, error.message, {
    hint: `${heaviest}: compare fewer arguments in each of them, use fewer such rules, or allow the call without conditions`,
    details: error.details,
    cause: error,
  });
}
