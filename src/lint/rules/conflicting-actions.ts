/**
 * Rules of different actions for one call. No specification says which of them wins: libseccomp keeps the first rule
 * without conditions, orders rules with conditions by their own shape, and runtimes skip rules whose action is the
 * default one.
 * @module
 */
import type { ReturnWord } from '../../abi/actions.ts';
import { formatReturnWord, precedenceOf } from '../../abi/return-word.ts';
import { TRUE } from '../../decision/space.ts';
import { archOfCall } from '../../decision/witness.ts';
import { findConflictIn } from '../ask/call-conflict.ts';
import type { HostView } from '../ask/host-view.ts';
import { pointerOfName } from '../ask/name-pointer.ts';
import { callWhere, ifDecided, isFrom, nameEntries, sortedCalls } from '../ask/named-calls.ts';
import type { Redundancy } from '../ask/redundant-names.ts';
import { skippedRules } from '../ask/skipped-rules.ts';
import { builtinRule } from '../engine/rule.ts';
import type { LintContext } from '../engine/rule-context.ts';

export const conflictingActions = builtinRule({
  id: 'conflicting-actions',
  group: 'meaning',
  level: 'error',
  title: 'Rules of different actions match the same call',
  check: (context) => {
    for (const { names } of context.redundancies()) {
      for (const entry of names.filter(({ kind }) => kind === 'contradicted')) reportPlain(context, entry);
    }
    for (const view of context.views) {
      ifDecided(() => reportOverlaps(context, view));
      ifDecided(() => reportOverruled(context, view));
    }
  },
});

/** Both have no conditions: the first wins. */
function reportPlain(context: LintContext, entry: Redundancy): void {
  const { view, call, own: [own] = [], plain } = entry.seen ?? {};
  if (view === undefined || call === undefined || own === undefined || plain === undefined) return;
  const found = callWhere(view, call, TRUE);
  const [ours, earlier] = [own, plain].map(({ returnWord }) => formatReturnWord(returnWord, call.arch));
  context.report({
    pointer: pointerOfName(context, entry),
    message: `'${entry.name}' gets ${ours} here, but an earlier rule gives ${earlier}, and that rule wins`,
    hint: `name ${entry.name} in one of the two rules`,
    about: {
      names: [`'${entry.name}'`],
      many: `… get ${ours} here, but an earlier rule gives ${earlier}, and that rule wins`,
      hint: 'name each call in one of the two rules',
    },
    related: related(context, entry.by, `this rule gives ${earlier}`),
    ...(found === undefined
      ? {}
      : { witness: { call: found, verdict: plain.returnWord, meant: own.returnWord } }),
  });
}

/** Conditions that hold at once. */
function reportOverlaps(context: LintContext, view: HostView): void {
  for (const call of sortedCalls(view).shared) {
    const conflict = findConflictIn(view, call);
    if (conflict === undefined) continue;
    const { matching, words } = conflict;
    const last = matching.at(-1);
    const entry = nameEntries(view).find((each) => isFrom(each, last?.rule ?? -1));
    if (last === undefined || entry === undefined) continue;
    const others = new Set(
      matching
        .filter(({ returnWord }) => returnWord !== last.returnWord)
        .flatMap(({ rule }) => view.profileRule(rule) ?? []),
    );
    const [verdict = last.returnWord, ...otherwise] = loosestFirst(words);
    const arch = archOfCall(conflict.call);
    const some = words.map((word) => formatReturnWord(word, arch)).join(' and some with ');
    context.report({
      pointer: pointerOfName(context, entry),
      message: `rules contradict each other: a call of '${entry.name}' matches some with ${some}`,
      hint: 'write the conditions so that they exclude each other: otherwise libseccomp decides which action applies, not the order of the rules',
      about: {
        names: [`'${entry.name}'`],
        many: `rules contradict each other: calls of … match some with ${some}`,
      },
      related: related(context, [...others], 'this rule matches the same call with another action'),
      witness: { call: conflict.call, verdict, otherwise },
      view,
    });
  }
}

/** A rule that should make an exception, but is skipped because its action is the default one. */
function reportOverruled(context: LintContext, view: HostView): void {
  const meant = view.policy.defaultAction;
  for (const { overruled } of skippedRules(view)) {
    for (const { entry, call, verdict, by } of overruled) {
      const [wanted, given] = [meant, verdict].map((word) => formatReturnWord(word, archOfCall(call)));
      context.report({
        pointer: pointerOfName(context, entry),
        message: `'${entry.name}' is meant to get ${wanted} here, but another rule gives ${given}: a rule with the default action is skipped`,
        hint: `narrow the rule that gives ${given}, or take ${entry.name} out of it`,
        about: {
          names: [`'${entry.name}'`],
          many: `… are meant to get ${wanted} here, but another rule gives ${given}: a rule with the default action is skipped`,
          hint: `narrow the rule that gives ${given}, or take the calls out of it`,
        },
        related: related(context, by, `this rule gives ${given}`),
        witness: { call, verdict, meant },
        view,
      });
    }
  }
}

function related(context: LintContext, rules: readonly number[], message: string) {
  return rules.map((rule) => ({ pointer: context.pointerOf(rule), message }));
}

function loosestFirst(words: readonly ReturnWord[]): readonly ReturnWord[] {
  return words.toSorted((a, b) => precedenceOf(b) - precedenceOf(a));
}
