/**
 * A comparison that holds for every call. The rule looks restricted and is not.
 * @module
 */
import { architectures } from '../../abi/architectures.ts';
import { isSwapped } from '../../abi/comparison-sets.ts';
import { formatComparison } from '../../decision/format-call.ts';
import { editMeansTheSame, policyWithConditions, witnessAgainst } from '../ask/changed-policy.ts';
import type { HostView } from '../ask/host-view.ts';
import { onceAView } from '../ask/once-a-view.ts';
import {
  forEachComparison,
  formatAsWritten,
  isConstant,
  narrowParameter,
  type PlacedComparison,
  upperHalf,
} from '../ask/placed-comparisons.ts';
import { shortenedIn } from '../ask/shortened-comparison.ts';
import { tidying } from '../edit/fix-of-edits.ts';
import { removeElement } from '../edit/text-edits.ts';
import type { Witness } from '../engine/finding.ts';
import { withProblems } from '../engine/report-problems.ts';
import { builtinRule } from '../engine/rule.ts';
import type { LintContext } from '../engine/rule-context.ts';

export const alwaysMatches = builtinRule({
  id: 'always-matches',
  group: 'meaning',
  level: 'warn',
  title: 'A comparison holds for every call',
  fixable: true,
  check: withProblems('always-matches', (context) => forEachComparison(context, check)),
});

function check(context: LintContext, placed: PlacedComparison): void {
  const { comparison, pointer, view, origin, alone } = placed;
  if (isConstant(comparison) !== 'always') {
    reportShortened(context, placed);
    return;
  }
  // Most likely the mask and the value are swapped.
  if (isSwapped(comparison)) return;
  const witness = witnessWithout(view, origin);
  const effect = alone ? ', and so does the rule, which compares an argument twice' : '';
  context.report({
    // A mask of 0 is what is wrong.
    ...(comparison.op === 'maskedEq' ? { pointer: `${pointer}/value`, onKey: true } : { pointer }),
    message: `${formatAsWritten(comparison)} holds for every call${effect}`,
    hint: 'remove the comparison, or correct it',
    ...(witness === undefined ? {} : { witness: { call: witness.call, verdict: witness.verdict } }),
    ...fixOf(context, placed),
  });
}

/** How many findings of a view show a call. Each takes as long as the profile has rules. */
const MOST_CALLS = 20;

const shownCalls = onceAView(() => ({ count: 0 }));

/** A call that the rule decides; nothing if enough calls were shown. */
function witnessWithout(view: HostView, origin: number): Witness | undefined {
  const shown = shownCalls(view);
  shown.count += 1;
  if (shown.count > MOST_CALLS) return undefined;
  // Not without its names: they count for the number above which runc answers ENOSYS, and the call would show that limit.
  return witnessAgainst(view, policyWithConditions(view, origin, []));
}

/** How many rules compare arguments of a call, by its name. */
const comparingRules = onceAView(({ seccomp }) => {
  const counts = new Map<string, number>();
  for (const { names, args = [] } of seccomp.syscalls ?? []) {
    if (args.length === 0) continue;
    for (const name of new Set(names)) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
});

function fixOf(context: LintContext, placed: PlacedComparison) {
  const { pointer, view: own, origin, alone, names } = placed;
  if (alone) return {};
  if (own.seccomp.syscalls?.[origin]?.args?.length !== 1)
    return tidying('remove the comparison', removeElement(context.document, pointer));
  // Without comparisons the rule would make those of other rules moot, which is an error: the author meant one or the other.
  const compares = (view: HostView): boolean =>
    names.some((name) => (comparingRules(view).get(name) ?? 0) > 1);
  if (context.views.some(compares) || !keepsMeaning(context, placed)) return {};
  const args = pointer.slice(0, pointer.lastIndexOf('/'));
  return tidying('remove the comparison', removeElement(context.document, args));
}

/** Without any comparison a rule decides before all other rules of its calls. On each view it has a place of its own, or none. */
function keepsMeaning({ views }: LintContext, { view: own, origin }: PlacedComparison): boolean {
  const rule = own.resolution.origins[origin];
  return views.every((view) => {
    const here = rule === undefined ? -1 : view.resolution.origins.indexOf(rule);
    return editMeansTheSame(view, (syscalls) =>
      syscalls.map((syscall, index) => (index === here ? { ...syscall, args: [] } : syscall)),
    );
  });
}

/** A limit above all 32-bit arguments, of which libseccomp compares the lower half. */
function reportShortened(context: LintContext, placed: PlacedComparison): void {
  const { comparison, pointer, view, names } = placed;
  const { op, index } = comparison;
  if (!['ne', 'lt', 'le'].includes(op) || upperHalf(comparison) === undefined) return;
  if (narrowParameter(names, index) !== undefined) return;
  const found = shortenedIn(placed, (rule) => ({
    ...rule,
    comparisons: rule.comparisons.filter((each) => each.index !== index),
  }));
  if (found === undefined) return;
  const low = { ...comparison, value: comparison.value & 0xffff_ffffn };
  context.report({
    pointer: `${pointer}/value`,
    message: `holds for every 32-bit argument, but on ${architectures[found.call.arch].name} ${formatComparison(low)} is compared instead`,
    hint: 'write a separate profile for the 64-bit architectures, or compare with a value that fits in 32 bits',
    witness: found.witness,
    view,
  });
}
