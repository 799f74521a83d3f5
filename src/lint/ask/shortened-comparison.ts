/**
 * Comparisons with values of more than 32 bits. On 32-bit architectures libseccomp compares only the lower halves.
 * @module
 */
import { groupBy } from '../../abi/group-by.ts';
import { countStep } from '../../decision/space.ts';
import type { ArchRule } from '../../policy/expand-policy.ts';
import type { Witness } from '../engine/finding.ts';
import { type NamedCall, namedCalls } from './named-calls.ts';
import { onceAView } from './once-a-view.ts';
import { type PlacedComparison, witnessInCall } from './placed-comparisons.ts';

/** The expanded rules for a call of a 32-bit architecture. */
interface NarrowRules {
  readonly call: NamedCall;
  readonly rules: readonly ArchRule[];
}

/** By the index into `LinuxSeccomp.syscalls`. */
const narrowRules = onceAView((view): ReadonlyMap<number, readonly NarrowRules[]> => {
  const found = new Map<number, NarrowRules[]>();
  for (const call of namedCalls(view)) {
    if (call.bits === 64) continue;
    const byOrigin = groupBy(call.rules, ({ rule }) => view.policy.rules[rule]?.origin ?? -1);
    for (const [origin, rules] of byOrigin) {
      const known = found.get(origin) ?? [];
      found.set(origin, known);
      known.push({ call, rules });
    }
  }
  return found;
});

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
  for (const { call, rules } of narrowRules(view).get(origin) ?? []) {
    countStep(view.space, rules.length);
    const own = rules.filter(isOurs);
    if (own.length === 0) continue;
    const witness = witnessInCall(view, call, origin, (rule) =>
      alone && !own.includes(rule) ? rule : own.includes(rule) ? meant(rule) : rule,
    );
    if (witness !== undefined) return { call, witness };
  }
  return undefined;
}
