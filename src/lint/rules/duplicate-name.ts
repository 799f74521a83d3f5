/**
 * A system call named twice with the same action, where the other rule applies whenever this one does. Nothing depends on it until someone changes
 * one of the two and believes to have changed the profile.
 * @module
 */
import { countsWhenever } from '../../oci/resolve/rule-conditions.ts';
import { pointerOfName } from '../ask/name-pointer.ts';
import { isShadowed } from '../ask/redundant-names.ts';
import { tidying } from '../edit/fix-of-edits.ts';
import { removeElement } from '../edit/text-edits.ts';
import { builtinRule } from '../engine/rule.ts';
import type { LintContext } from '../engine/rule-context.ts';

export const duplicateName = builtinRule({
  id: 'duplicate-name',
  group: 'meaning',
  level: 'warn',
  title: 'A system call is named twice with the same effect',
  fixable: true,
  check: (context) => {
    for (const redundancy of context.redundancies()) {
      // A rule of which nothing is left is a finding of its own.
      if (isShadowed(redundancy)) continue;
      for (const entry of redundancy.names.filter(({ kind }) => kind === 'duplicate')) {
        const pointer = pointerOfName(context, entry);
        const elsewhere = entry.by.filter((rule) => rule !== entry.rule);
        const isInOneRule = elsewhere.length < entry.by.length;
        const said = isInOneRule
          ? 'named twice in this rule'
          : `named in ${otherRule(context, entry.rule, elsewhere)}`;
        context.report({
          pointer,
          // One list is read and changed as a whole; of two rules, the other one is easily missed.
          ...(isInOneRule ? { level: 'note' as const } : {}),
          message: `'${entry.name}' is ${said}`,
          hint: 'remove one of the two',
          about: {
            names: [`'${entry.name}'`],
            many: isInOneRule ? '… are named twice in one rule' : `… are ${said}`,
          },
          related: elsewhere.map((rule) => ({
            pointer: context.pointerOf(rule),
            message: `this rule says the same about '${entry.name}'`,
          })),
          ...tidying('remove the name', removeElement(context.document, pointer)),
        });
      }
    }
  },
});

/** The other rule applies whenever this one does; with other conditions, on more hosts. */
function otherRule({ profile: { rules } }: LintContext, rule: number, others: readonly number[]): string {
  const isSame = others.some((other) => countsWhenever(rules[rule], rules[other]));
  return isSame
    ? 'another rule with the same action and conditions'
    : 'another rule with the same action, which applies whenever this one does';
}
