/**
 * A rule whose action is the default one. Runtimes silently skip it, because it says what would happen anyway.
 *
 * NOTE: a skipped rule can still matter. runc's stub answers ENOSYS above the largest number that a profile names, also in skipped
 * rules. If a rule moves that limit, or other rules answer its calls (see conflicting-actions), the finding says only that it is
 * skipped.
 * @module
 */
import { countStep } from '../../decision/space.ts';
import type { Problem } from '../../oci/problems.ts';
import { policyWith } from '../ask/changed-policy.ts';
import type { HostView } from '../ask/host-view.ts';
import { ifDecided } from '../ask/named-calls.ts';
import { type SkippedRule, skippedRules } from '../ask/skipped-rules.ts';
import { tidying } from '../edit/fix-of-edits.ts';
import { removeElement } from '../edit/text-edits.ts';
import { withProblems } from '../engine/report-problems.ts';
import { builtinRule } from '../engine/rule.ts';
import type { LintContext, Report } from '../engine/rule-context.ts';

export const redundantWithDefault = builtinRule({
  id: 'redundant-with-default',
  group: 'meaning',
  level: 'note',
  title: 'A rule has the default action and is skipped',
  fixable: true,
  check: withProblems(
    'redundant-with-default',
    (context) => {
      const rules = pointlessRules(context);
      if (rules.length === 0) return;
      const isSpare = isSpareElsewhere(context, new Set(rules));
      for (const rule of rules) {
        const pointer = context.pointerOf(rule);
        context.report({
          pointer: `${pointer}/action`,
          onKey: true,
          message: 'the rule has no effect: its action is the default action',
          hint: 'remove the rule',
          ...(isSpare ? tidying('remove the rule', removeElement(context.document, pointer)) : {}),
        });
      }
    },
    aboutAnswered,
  ),
});

/** A call that another rule answers. */
const ANSWERED = /^(.*; another rule answers )(".*")$/s;

function aboutAnswered({ message }: Problem): Pick<Report, 'about'> {
  const [, said, name] = ANSWERED.exec(message) ?? [];
  return said === undefined || name === undefined
    ? {}
    : {
        about: {
          names: [name],
          many: `${said.replace(/^the rule repeats (.*): it is (.*) its/, 'rules repeat $1: they are $2 their')}…`,
        },
      };
}

/** Rules that are skipped on every view that has them, and do nothing by being there. */
function pointlessRules({ views }: LintContext): readonly number[] {
  const verdicts = new Map<number, boolean>();
  for (const view of views) {
    const skipped = ifDecided(() => skippedRules(view)) ?? [];
    const alone = skipped.filter(({ overruled }) => overruled.length === 0);
    const pointless = new Set(ifDecided(() => pointlessAmong(view, alone)) ?? []);
    for (const rule of view.resolution.origins) {
      verdicts.set(rule, pointless.has(rule) && (verdicts.get(rule) ?? true));
    }
  }
  return [...verdicts].filter(([, pointless]) => pointless).map(([rule]) => rule);
}

/**
 * Whether rules may go also on hosts that are not linted for, with other capabilities: rules without conditions alone, which are there
 * on all of them, hold the limit of the stub.
 */
function isSpareElsewhere({ views, profile }: LintContext, gone: ReadonlySet<number>): boolean {
  const hasConditions = (rule: number): boolean =>
    profile.rules[rule]?.includes !== undefined || profile.rules[rule]?.excludes !== undefined;
  return views.every((view) => {
    const { origins } = view.resolution;
    const stubOf = (isKept: (rule: number) => boolean): string => {
      countStep(view.space, view.policy.rules.length);
      const { enosysStub } = policyWith(view, (all) =>
        all.filter((_, index) => isKept(origins[index] ?? -1)),
      );
      return JSON.stringify(enosysStub);
    };
    const stubs = ifDecided(() => [
      stubOf((rule) => gone.has(rule) || !hasConditions(rule)),
      stubOf((rule) => !gone.has(rule) && !hasConditions(rule)),
    ]);
    return stubs !== undefined && stubs[0] === stubs[1];
  });
}

/** Those of some rules that may all be removed together; indices into `Profile.rules`. */
function pointlessAmong(view: HostView, skipped: readonly SkippedRule[]): readonly number[] {
  const isSpare = (gone: ReadonlySet<number>): boolean => {
    countStep(view.space, view.policy.rules.length + gone.size);
    const { enosysStub } = policyWith(view, (syscalls) => syscalls.filter((_, index) => !gone.has(index)));
    return JSON.stringify(enosysStub) === JSON.stringify(view.policy.enosysStub);
  };
  // The fewer rules are there, the lower the bound: where all may go, each may.
  if (skipped.length === 0) return [];
  if (isSpare(new Set(skipped.map(({ origin }) => origin)))) return skipped.map(({ rule }) => rule);
  const gone = new Set<number>();
  return skipped.flatMap(({ origin, rule }) => {
    gone.add(origin);
    if (isSpare(gone)) return [rule];
    gone.delete(origin);
    return [];
  });
}
