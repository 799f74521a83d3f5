/**
 * What a profile would mean if it were written otherwise.
 * @module
 */
import type { Comparison } from '../../abi/operators.ts';
import { decidePolicy, decideWhatCanBe, leftCallsOpen } from '../../decision/decide-policy.ts';
import { compareOutcomes, decidedRelations, whereRelated } from '../../decision/relate.ts';
import { countStep, tooComplex } from '../../decision/space.ts';
import { evaluate, findWitness } from '../../decision/witness.ts';
import { OciSeccompError } from '../../errors.ts';
import type { LinuxSeccompArg, LinuxSyscall } from '../../oci/linux-seccomp.ts';
import { lowerFor } from '../../pipeline/resolve-and-lower.ts';
import { expandPolicy } from '../../policy/expand-policy.ts';
import { newestTable } from '../../policy/newest-table.ts';
import type { Policy } from '../../policy/policy.ts';
import type { Witness } from '../engine/finding.ts';
import type { HostView } from './host-view.ts';
import { ifDecided } from './named-calls.ts';
import type { PlacedComparison } from './placed-comparisons.ts';

/** The view's policy with other rules in the profile; `edit` gets what the runtime was handed. */
export function policyWith(
  view: HostView,
  edit: (syscalls: readonly LinuxSyscall[]) => readonly LinuxSyscall[],
): Policy {
  const seccomp = { ...view.seccomp, syscalls: edit(view.seccomp.syscalls ?? []) };
  const { runtime, host } = view;
  return lowerFor(seccomp, { runtime, host, table: newestTable, anyKernel: true }).policy;
}

/** Steps that are counted for handing one rule to the runtime again. Rules of lint edit the profile once for each finding. */
const STEPS_A_RULE = 4;

/** As {@link policyWith}. @throws OciSeccompError `ERR_UNDECIDED` if the account has too few steps left */
function editedPolicy(...[view, edit]: Parameters<typeof policyWith>): Policy {
  countStep(view.space, STEPS_A_RULE * (view.seccomp.syscalls?.length ?? 0));
  return policyWith(view, edit);
}

/** As {@link policyWith}; `undefined` where the runtime would refuse the profile then. */
export function policyIfTaken(...[view, edit]: Parameters<typeof policyWith>): Policy | undefined {
  try {
    return policyWith(view, edit);
  } catch (error) {
    if (error instanceof OciSeccompError && error.code === 'ERR_PROFILE_SEMANTICS') return undefined;
    throw error;
  }
}

/**
 * The view's policy with other conditions in a rule, which the runtime may be unable to hand over.
 *
 * @param origin - index into `LinuxSeccomp.syscalls`
 * @param conditions - the rule matches if all comparisons of one of these lists hold
 */
export function policyWithConditions(
  view: HostView,
  origin: number,
  conditions: readonly (readonly Comparison[])[],
): Policy {
  const rules = view.policy.rules.flatMap((rule, index) => {
    if (rule.origin !== origin) return rule;
    const before = view.policy.rules[index - 1];
    if (before?.origin === origin && before.syscall === rule.syscall) return [];
    return conditions.map((comparisons) => ({ ...rule, comparisons }));
  });
  return { ...view.policy, rules };
}

/** Whether another policy means the same as the view's; `false` also if that is too complex to decide. */
export function meansTheSame(view: HostView, other: Policy): boolean {
  return ifDecided(() => view.meaning() === meaningOf(view, other)) ?? false;
}

/** Whether other rules mean the same as the view's, as {@link meansTheSame} says it. */
export function editMeansTheSame(...[view, edit]: Parameters<typeof policyWith>): boolean {
  return ifDecided(() => meansTheSame(view, editedPolicy(view, edit))) ?? false;
}

function meaningOf({ space }: HostView, policy: Policy): number {
  return decidePolicy(space, policy, expandPolicy(policy, newestTable));
}

/**
 * A call that the profile and the intended policy answer differently.
 *
 * @returns `undefined` if they mean the same, and where that is too complex to say
 */
export function witnessAgainst(view: HostView, meant: Policy): Witness | undefined {
  return ifDecided(() => {
    const { space, policy } = view;
    countStep(space, meant.rules.length);
    const [is, should] = [
      view.meaningByCall(),
      decideWhatCanBe(space, meant, expandPolicy(meant, newestTable)),
    ];
    for (const relation of decidedRelations) {
      const call = findWitness(space, whereRelated(space, should, is, [relation]), policy.architectures);
      if (call === undefined) continue;
      const [verdict, wanted] = [evaluate(space, is, call), evaluate(space, should, call)];
      if (verdict.kind !== 'word' || compareOutcomes(wanted, verdict) === 'equal') continue;
      return { call, verdict: verdict.word, ...(wanted.kind === 'word' ? { meant: wanted.word } : {}) };
    }
    if (leftCallsOpen(space)) throw tooComplex('the rules of some calls');
    return undefined;
  });
}

/** As {@link witnessAgainst}, for another comparison in the place of one. */
export function witnessOfChange(
  { view, origin, at }: PlacedComparison,
  change: (arg: LinuxSeccompArg) => LinuxSeccompArg,
): Witness | undefined {
  const edit = (syscall: LinuxSyscall): LinuxSyscall => ({
    ...syscall,
    args: (syscall.args ?? []).map((arg, i) => (i === at ? change(arg) : arg)),
  });
  return ifDecided(() => {
    const meant = editedPolicy(view, (all) =>
      all.map((each, index) => (index === origin ? edit(each) : each)),
    );
    return witnessAgainst(view, meant);
  });
}
