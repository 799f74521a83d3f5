/**
 * What became of a profile's rules: how many are in the filter, and what kept the others out.
 * @module
 */
import type { Profile } from '../oci/profile.ts';
import { resolveReasons } from '../oci/resolve/resolve-steps.ts';
import type { Resolution } from '../oci/resolve-profile.ts';
import type { ArchPolicy } from './expand-policy.ts';
import type { Lowered } from './lower-profile.ts';

/** Indexes into `Profile.rules`; each rule is in one of these lists. */
export interface RuleAccount {
  /** At least one call of the filter's architectures is judged by it. */
  readonly used: readonly number[];
  /** The engine left it out for this host; `why` completes "it is". */
  readonly dropped: readonly { readonly rule: number; readonly why: string }[];
  /** The runtime skipped it because its action, data included, is the default action. */
  readonly sameAsDefault: readonly number[];
  /** The syscall table has none of its names. */
  readonly unknown: readonly number[];
  /** It names no call at all, or none that an architecture of the filter has. */
  readonly nameless: readonly number[];
}

/** The inputs of the account. */
interface AccountInput {
  readonly profile: Profile;
  readonly resolution: Resolution;
  readonly lowered: Lowered;
  /** From `expandPolicy`. */
  readonly expanded: readonly ArchPolicy[];
}

/** Accounts for every rule of a profile. */
export function accountForRules({ profile, resolution, lowered, expanded }: AccountInput): RuleAccount {
  const { policy, steps } = lowered;
  const ruleOf = (origin: number | undefined): number | undefined =>
    origin === undefined ? undefined : resolution.origins[origin];
  const isEffective: boolean[] = [];
  for (const { rules } of expanded) {
    rules.forEach(({ rule }) => {
      isEffective[rule] = true;
    });
  }
  const used = new Set<number>();
  const handedOn = new Set<number>();
  policy.rules.forEach(({ origin }, index) => {
    const rule = ruleOf(origin);
    if (rule === undefined) return;
    handedOn.add(rule);
    if (isEffective[index] === true) used.add(rule);
  });
  const dropped = resolution.steps.flatMap(({ kind, rule, reason, values }) => {
    if (kind !== 'dropped' || rule === undefined) return [];
    return { rule, why: resolveReasons[reason].text(values.join(', ')).replace(/^dropped: /, '') };
  });
  const stepped = (wanted: string): readonly number[] => [
    ...new Set(steps.flatMap(({ kind, rule }) => (kind === wanted ? (ruleOf(rule) ?? []) : []))),
  ];
  const sameAsDefault = stepped('equals-default-action');
  const unknown = stepped('unknown-syscall').filter((rule) => !handedOn.has(rule));
  const told = new Set([...used, ...dropped.map(({ rule }) => rule), ...sameAsDefault, ...unknown]);
  return {
    used: [...used].sort((a, b) => a - b),
    dropped,
    sameAsDefault,
    unknown,
    nameless: profile.rules.map((_, index) => index).filter((index) => !told.has(index)),
  };
}
