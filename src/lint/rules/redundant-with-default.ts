/**
 * A rule whose action is the default one. Runtimes silently skip it, because it says what would happen anyway.
 *
 * NOTE: the largest number among a profile's names bounds runc's ENOSYS answers, skipped rules included. Of a rule that
 * moves that bound, or whose calls other rules answer (see conflicting-actions), it is said only that it is skipped.
 * @module
 */

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
      for (const rule of pointlessRules(context)) {
        const pointer = context.pointerOf(rule);
        context.report({
          pointer: `${pointer}/action`,
          onKey: true,
          message: 'the rule has no effect: its action is the default action',
          hint: 'remove the rule',
          ...tidying('remove the rule', removeElement(context.document, pointer)),
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
    const gone = new Set<number>();
    for (const rule of view.resolution.origins) {
      const found = skipped.find((each) => each.rule === rule);
      const pointless = found !== undefined && isPointless(view, found, gone);
      if (pointless) gone.add(found.origin);
      verdicts.set(rule, pointless && (verdicts.get(rule) ?? true));
    }
  }
  return [...verdicts].filter(([, pointless]) => pointless).map(([rule]) => rule);
}

/** @param gone - origins of rules that are pointless too, and may all be removed together */
function isPointless(view: HostView, { origin, overruled }: SkippedRule, gone: ReadonlySet<number>): boolean {
  if (overruled.length > 0) return false;
  const { enosysStub } = policyWith(view, (syscalls) =>
    syscalls.filter((_, index) => index !== origin && !gone.has(index)),
  );
  return JSON.stringify(enosysStub) === JSON.stringify(view.policy.enosysStub);
}
