/**
 * Conditions on a call that another rule answers unconditionally. libseccomp drops or erases the rule with conditions,
 * in any order: conditions that should restrict the call restrict nothing.
 * @module
 */
import type { ReturnWord } from '../../abi/actions.ts';
import { formatReturnWord } from '../../abi/return-word.ts';
import { allHold } from '../../decision/decide-policy.ts';
import { FALSE, not, or } from '../../decision/space.ts';
import { pointerOfName } from '../ask/name-pointer.ts';
import { callWhere, ifDecided } from '../ask/named-calls.ts';
import type { Redundancy, RedundancySighting, RuleRedundancy } from '../ask/redundant-names.ts';
import type { Witness } from '../engine/finding.ts';
import { builtinRule } from '../engine/rule.ts';
import type { LintContext } from '../engine/rule-context.ts';

export const conditionalMadeMoot = builtinRule({
  id: 'conditional-made-moot',
  group: 'meaning',
  level: 'error',
  title: 'Conditions have no effect because another rule for the same call has no conditions',
  check: (context) => {
    for (const redundancy of context.redundancies()) {
      const moot = redundancy.names.filter(({ kind }) => kind === 'moot');
      const isAll = redundancy.whole && moot.length === redundancy.names.length;
      const [first] = moot;
      if (isAll && first !== undefined) reportRule(context, redundancy, first);
      else
        for (const entry of moot) report(context, pointerOfName(context, entry), [`'${entry.name}'`], entry);
    }
  },
});

function reportRule(context: LintContext, { rule, names }: RuleRedundancy, first: Redundancy): void {
  const subjects = names.map(({ name }) => `'${name}'`);
  report(context, `${context.pointerOf(rule)}/args`, subjects, first);
}

function report(context: LintContext, pointer: string, subjects: readonly string[], entry: Redundancy): void {
  const { own: [own] = [], plain } = entry.seen ?? {};
  if (entry.seen === undefined || own === undefined || plain === undefined) return;
  const { arch } = entry.seen.call;
  const wins = formatReturnWord(plain.returnWord, arch);
  const loses =
    own.returnWord === plain.returnWord ? '' : `, never ${formatReturnWord(own.returnWord, arch)}`;
  const [one] = subjects;
  const subject = subjects.length === 1 ? one : `${subjects.length} calls`;
  const gone = `have no effect: another rule, without conditions, gives ${wins}${loses}`;
  const witness = witnessOf(entry.seen, own.returnWord, plain.returnWord);
  context.report({
    pointer,
    message: `the conditions on ${subject} ${gone}`,
    hint: hintFor(subjects.length === 1 ? entry.name : 'the calls'),
    about: {
      names: subjects,
      many: `the conditions on … ${gone}`,
      hint: hintFor('the calls'),
    },
    related: entry.by.map((rule) => ({
      pointer: context.pointerOf(rule),
      message: `this rule names '${entry.name}' without conditions`,
    })),
    ...(witness === undefined ? {} : { witness }),
  });
}

function hintFor(calls: string): string {
  return `take ${calls} out of the rule without conditions, or remove the conditions if you do not want them`;
}

/** A call that the conditions should keep from the other rule's action. */
function witnessOf(
  { view, call, own }: RedundancySighting,
  mine: ReturnWord,
  wins: ReturnWord,
): Witness | undefined {
  return ifDecided(() => {
    const { space } = view;
    const holds = own.reduce(
      (any, { comparisons }) => or(space, allHold(space, comparisons, call.bits), any),
      FALSE,
    );
    const found = callWhere(view, call, mine === wins ? not(space, holds) : holds);
    if (found === undefined) return undefined;
    return { call: found, verdict: wins, meant: mine === wins ? view.policy.defaultAction : mine };
  });
}
