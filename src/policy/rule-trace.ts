/**
 * What became of a profile's rules for one system call: dropped by its conditions, skipped by the runtime, or added.
 * @module
 */
import type { ArchName } from '../abi/architectures.ts';
import type { Profile, ProfileRule } from '../oci/profile.ts';
import { type ResolveReason, type ResolveStep, resolveReasons } from '../oci/resolve/resolve-steps.ts';
import type { Resolution } from '../oci/resolve-profile.ts';
import type { ArchPolicy, ArchRule } from './expand-policy.ts';
import type { Lowered, LowerStep } from './lower-profile.ts';
import { rewritingSteps } from './lower-step.ts';

/** What became of a rule for one system call. */
export type RuleTreatment =
  /** The engine dropped it for this host; `message` says why: `needs CAP_SYS_ADMIN`. */
  | { readonly kind: 'dropped'; readonly reason: ResolveReason; readonly message: string }
  /** The runtime skipped it: its action is the default action. */
  | { readonly kind: 'equals-default' }
  /** The runtime does not know the name: its library is older than the call. */
  | { readonly kind: 'unknown-name'; readonly message: string }
  /** The filter has no such rule for the architecture: the call or the architecture is not there. */
  | { readonly kind: 'not-on-architecture' }
  /** It is in the filter, as these rules. */
  | { readonly kind: 'added'; readonly rules: readonly ArchRule[] };

/** A rule that names a system call, and what became of that. */
export interface RuleTrace {
  /** Index into `Profile.rules`. */
  readonly rule: number;
  /** What became of it. */
  readonly treatment: RuleTreatment;
  /** What the rule lost, and how it was rewritten: sentences without their subject. */
  readonly notes: readonly string[];
}

/** A profile on its way to a filter. */
export interface ProfileWork {
  /** The profile as it was read. */
  readonly profile: Profile;
  /** What `resolveProfile` returned. */
  readonly resolution: Resolution;
  /** What `lowerProfile` returned. */
  readonly lowered: Lowered;
  /** From `expandPolicy`. */
  readonly expanded: readonly ArchPolicy[];
}

/** The call that rules are about. */
export interface TracedCall {
  /** Its name, if it has one. */
  readonly syscall: string | undefined;
  /** Its architecture. */
  readonly arch: ArchName;
  /** Its number as filters see it, of x32 with bit 30; `undefined` if the architecture has no such call. */
  readonly nr: number | undefined;
}

/**
 * Finds the rules of a profile that are about a system call on an architecture.
 *
 * @param call.nr - as filters see it: rules for other names that come to the same number (a multiplexer's) count too
 * @returns in the order of the profile
 */
export function traceRules(work: ProfileWork, call: TracedCall): readonly RuleTrace[] {
  const { profile, resolution, lowered, expanded } = work;
  const ofArch = expanded.find(({ arch }) => arch === call.arch)?.rules ?? [];
  const own = ofArch.filter(({ nr }) => call.nr !== undefined && nr === call.nr >>> 0);
  return profile.rules.flatMap((rule, index) => {
    const origin = resolution.origins.indexOf(index);
    const added = own.filter((each) => origin >= 0 && lowered.policy.rules[each.rule]?.origin === origin);
    if (added.length === 0 && !names(rule, call.syscall)) return [];
    const steps = lowered.steps.filter((step) => origin >= 0 && step.rule === origin);
    const notes = [
      ...resolution.steps.filter((step) => step.rule === index && step.kind === 'lost').map(textOf),
      ...steps.filter(({ kind }) => rewritingSteps.includes(kind)).map(({ message }) => message),
    ];
    const dropped = resolution.steps.find((step) => step.rule === index && step.kind === 'dropped');
    return [{ rule: index, treatment: treatmentOfRule(dropped, steps, added, call.syscall), notes }];
  });
}

function names(rule: ProfileRule, syscall: string | undefined): boolean {
  return syscall !== undefined && (rule.names.includes(syscall) || rule.name === syscall);
}

function treatmentOfRule(
  dropped: ResolveStep | undefined,
  steps: readonly LowerStep[],
  added: readonly ArchRule[],
  syscall: string | undefined,
): RuleTreatment {
  if (dropped !== undefined) {
    return { kind: 'dropped', reason: dropped.reason, message: textOf(dropped).replace(/^dropped: /, '') };
  }
  if (added.length > 0) return { kind: 'added', rules: added };
  if (steps.some(({ kind }) => kind === 'equals-default-action')) return { kind: 'equals-default' };
  const unknown = steps.find((step) => step.kind === 'unknown-syscall' && step.syscall === syscall);
  return unknown === undefined
    ? { kind: 'not-on-architecture' }
    : { kind: 'unknown-name', message: unknown.message };
}

function textOf({ reason, values }: ResolveStep): string {
  return resolveReasons[reason].text(values.join(', '));
}
