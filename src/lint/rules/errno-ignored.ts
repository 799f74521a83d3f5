/**
 * An error number that no call will return: on an action that returns none, or beside another that wins.
 * @module
 */
import { actionByOciAction } from '../../abi/actions.ts';
import { correction, tidying } from '../edit/fix-of-edits.ts';
import { removeElement } from '../edit/text-edits.ts';
import { levelOfProblem, problemsOf, reportOf } from '../engine/report-problems.ts';
import { builtinRule } from '../engine/rule.ts';
import type { LintContext } from '../engine/rule-context.ts';

export const errnoIgnored = builtinRule({
  id: 'errno-ignored',
  group: 'meaning',
  level: 'warn',
  title: 'An error number has no effect',
  fixable: true,
  check: (context) => {
    const { profile, root, pointerOf } = context;
    checkAction(context, root, profile.defaultAction, [
      ['defaultErrnoRet', profile.defaultErrnoRet],
      ['defaultErrno', profile.defaultErrno],
    ]);
    for (const [rule, { action, errnoRet, errno }] of profile.rules.entries()) {
      checkAction(context, pointerOf(rule), action, [
        ['errnoRet', errnoRet],
        ['errno', errno],
      ]);
    }
    reportOverridden(context);
    // A profile that cannot be read has no rules, but has these.
    if (profile.rules.length > 0 || profile.defaultAction !== undefined) return;
    for (const problem of problemsOf(context, 'errno-ignored')) context.report(reportOf(context, problem));
  },
});

function checkAction(
  context: LintContext,
  pointer: string,
  action: string | undefined,
  errnos: readonly (readonly [key: string, value: number | string | undefined])[],
): void {
  const row = actionByOciAction(action ?? '');
  if (row === undefined || row.maxData !== undefined) return;
  for (const [key, value] of errnos) {
    if (value === undefined || value === '') continue;
    const place = `${pointer}/${key}`;
    const asked = levelOfProblem(context, 'errno-not-taken', place);
    // A runtime that refused the profile takes it then: containers start that did not.
    const mend = context.namesRuntimes && asked.level === 'error' ? correction : tidying;
    context.report({
      pointer: place,
      onKey: true,
      ...asked,
      message: `'${key}' has no effect: ${action} returns no error number`,
      hint: `remove it; crun refuses to start a container with it, runc ignores it`,
      ...mend(`remove ${key}`, removeElement(context.document, place)),
    });
  }
}

/** Podman's name of the error number wins over the number. */
function reportOverridden(context: LintContext): void {
  for (const view of context.views) {
    for (const { reason, rule, values } of view.resolution.steps) {
      if (reason !== 'errno-ret-overridden') continue;
      const [key, winner] = rule === undefined ? ['defaultErrnoRet', 'defaultErrno'] : ['errnoRet', 'errno'];
      const pointer = `${rule === undefined ? context.root : context.pointerOf(rule)}/${key}`;
      context.report({
        pointer,
        message: `'${key}' has no effect: '${winner}' (${values.join()}) wins`,
        hint: 'give both the same value, or remove one',
        view,
      });
    }
  }
}
