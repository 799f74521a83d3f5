/**
 * A rule that decides nothing: whatever it matches, other rules answer in the same way without it. Either it is left
 * over, or its author believes in a distinction that the profile does not make.
 * @module
 */
import { pointerOfName } from '../ask/name-pointer.ts';
import { isShadowed } from '../ask/redundant-names.ts';
import { tidying } from '../edit/fix-of-edits.ts';
import { removeElement } from '../edit/text-edits.ts';
import { builtinRule } from '../engine/rule.ts';
import type { LintContext } from '../engine/rule-context.ts';

export const shadowedRule = builtinRule({
  id: 'shadowed-rule',
  group: 'meaning',
  level: 'warn',
  title: 'Removing the rule changes nothing',
  fixable: true,
  check: (context) => {
    for (const redundancy of context.redundancies()) {
      const { rule, names } = redundancy;
      if (isShadowed(redundancy)) {
        const by = new Set(names.flatMap((name) => name.by));
        report(context, context.pointerOf(rule), 'the rule changes nothing', 'the rule', by);
        continue;
      }
      for (const name of names.filter(({ kind }) => kind === 'covered')) {
        const what = `'${name.name}' changes nothing here`;
        report(context, pointerOfName(context, name), what, 'the name', new Set(name.by));
      }
    }
  },
});

function report(
  context: LintContext,
  pointer: string,
  what: string,
  part: string,
  by: ReadonlySet<number>,
): void {
  context.report({
    pointer,
    message: `${what}: without it every call gets the same answer`,
    hint: `remove ${part}, or find out why it was written`,
    related: [...by].map((other) => ({
      pointer: context.pointerOf(other),
      message: 'this rule answers its calls',
    })),
    ...tidying(`remove ${part}`, removeElement(context.document, pointer)),
  });
}
