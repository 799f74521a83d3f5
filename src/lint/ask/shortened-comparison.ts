/**
 * Comparisons whose data do not fit the arguments of 32-bit architectures: there libseccomp compares the lower halves.
 * @module
 */
import type { ArchRule } from '../../policy/expand-policy.ts';
import type { Witness } from '../engine/finding.ts';
import { type NamedCall, namedCalls } from './named-calls.ts';
import { type PlacedComparison, witnessInCall } from './placed-comparisons.ts';

/**
 * Looks for a call of a 32-bit architecture that the shortened comparison decides differently from the whole one.
 *
 * @param meant - the rule as it should be understood there; `undefined` if it never matches
 */
export function shortenedIn(
  { view, origin, comparison, alone }: PlacedComparison,
  meant: (rule: ArchRule) => ArchRule | undefined,
): { readonly call: NamedCall; readonly witness: Witness } | undefined {
  const low = comparison.value & 0xffff_ffffn;
  const isOurs = ({ comparisons }: ArchRule): boolean =>
    comparisons.some(
      ({ index, op, value }) => index === comparison.index && op === comparison.op && value === low,
    );
  for (const call of namedCalls(view)) {
    const own = call.rules.filter((rule) => view.policy.rules[rule.rule]?.origin === origin && isOurs(rule));
    if (call.bits === 64 || own.length === 0) continue;
    const witness = witnessInCall(view, call, origin, (rule) =>
      alone && !own.includes(rule) ? rule : own.includes(rule) ? meant(rule) : rule,
    );
    if (witness !== undefined) return { call, witness };
  }
  return undefined;
}
