/**
 * A rule that compares one argument twice. libseccomp has no such rules, so runtimes make a rule of each comparison:
 * any of them is enough, including comparisons of other arguments. An author who meant a range, or "none of these
 * flags", gets a rule that matches far more.
 *
 * NOTE: alternatives (`arg0 == 1`, `arg0 == 2`) are what the runtimes intend, and no finding.
 * @module
 */
import { isFlagTest } from '../../abi/comparison-sets.ts';
import { groupBy } from '../../abi/group-by.ts';
import type { Comparison } from '../../abi/operators.ts';
import { precedenceOf } from '../../abi/return-word.ts';
import { allHold } from '../../decision/decide-policy.ts';
import { formatComparison } from '../../decision/format-call.ts';
import { FALSE, or, TRUE, tooComplex } from '../../decision/space.ts';
import { policyWithConditions, witnessAgainst } from '../ask/changed-policy.ts';
import type { HostView } from '../ask/host-view.ts';
import { ifDecided } from '../ask/named-calls.ts';
import { type PlacedComparison, placedComparisons } from '../ask/placed-comparisons.ts';
import { withProblems } from '../engine/report-problems.ts';
import { builtinRule } from '../engine/rule.ts';
import type { LintContext } from '../engine/rule-context.ts';

export const repeatedArgument = builtinRule({
  id: 'repeated-argument',
  group: 'meaning',
  level: 'error',
  title: 'Comparisons of one argument are alternatives, although they were meant to hold together',
  check: withProblems('repeated-argument', (context) => {
    for (const view of context.views) {
      const byRule = groupBy(placedComparisons(context, view), ({ origin }) => origin);
      for (const [origin, placed] of byRule) {
        if (placed[0]?.alone === true) ifDecided(() => check(context, view, origin, placed));
      }
    }
  }),
});

function check(
  context: LintContext,
  view: HostView,
  origin: number,
  placed: readonly PlacedComparison[],
): void {
  const meant = intendedConditions(
    view,
    origin,
    placed.map(({ comparison }) => comparison),
  );
  const second = placed.find(({ comparison }, at) =>
    placed.slice(0, at).some((earlier) => earlier.comparison.index === comparison.index),
  );
  if (meant === undefined || second === undefined) return;
  const witness = witnessAgainst(view, policyWithConditions(view, origin, meant));
  if (witness === undefined) return;
  const words = meant.map((all) => all.map((each) => formatComparison(each)).join(' and ')).join(', or ');
  context.report({
    pointer: `${second.pointer}/index`,
    message: `argument ${second.comparison.index} is compared twice, so any one comparison of the rule is enough; it cannot mean ${words}`,
    hint: hintFor(placed),
    witness,
  });
}

/**
 * What the author must have meant; `undefined` where alternatives make sense. Of comparisons of one argument that
 * cannot hold together any suffices; comparisons of different arguments hold together.
 */
function intendedConditions(
  view: HostView,
  origin: number,
  comparisons: readonly Comparison[],
): readonly (readonly Comparison[])[] | undefined {
  const { space } = view;
  const groups = [...groupBy(comparisons, ({ index }) => index).values()];
  let certain = groups.length > 1;
  const choices = groups.map((group): readonly (readonly Comparison[])[] => {
    if (group.length === 1 || allHold(space, group, 64) === FALSE) return group.map((each) => [each]);
    const any = group.reduce((node, each) => or(space, allHold(space, [each], 64), node), FALSE);
    if (any === TRUE || (isOpening(view, origin) && group.every(isFlagTest))) certain = true;
    return [group];
  });
  if (!certain) return undefined;
  if (choices.reduce((ways, choice) => ways * choice.length, 1) > MAX_WAYS) {
    throw tooComplex(`more than ${MAX_WAYS} ways to understand a rule`);
  }
  return choices.reduce<readonly (readonly Comparison[])[]>(
    (all, choice) => all.flatMap((left) => choice.map((right) => [...left, ...right])),
    [[]],
  );
}

/** Nobody reads more. */
const MAX_WAYS = 64;

function isOpening(view: HostView, origin: number): boolean {
  const word = view.policy.rules.find((rule) => rule.origin === origin)?.returnWord;
  return word !== undefined && precedenceOf(word) > precedenceOf(view.policy.defaultAction);
}

function hintFor(placed: readonly PlacedComparison[]): string {
  const comparisons = placed.map(({ comparison }) => comparison);
  if (comparisons.every(isFlagTest) && new Set(comparisons.map(({ index }) => index)).size === 1) {
    const mask = comparisons.reduce((all, { value }) => all | value, 0n);
    return `write one comparison with all flags: "value": ${mask}, "valueTwo": 0`;
  }
  return 'write one rule for each value or combination that you mean, and compare every argument once: libseccomp cannot compare an argument twice in a rule';
}
