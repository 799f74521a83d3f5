/**
 * `"args": null`: the same as no comparisons to engines, but no list to runtime-spec's schema and to tools that trust it.
 * @module
 */
import { removeElement } from '../edits.ts';
import { tidying } from '../fixes.ts';
import { defineRule } from '../rule.ts';
import { valuesOf } from '../tree.ts';

export const nullArgs = defineRule({
  id: 'null-args',
  group: 'form',
  level: 'warn',
  title: 'The comparisons of a rule are null instead of a list',
  fixable: true,
  check: (context) => {
    for (const { node, member, pointer } of valuesOf(context)) {
      if (member?.key !== 'args' || node.kind !== 'null') continue;
      context.report({
        pointer,
        message: '"args" is null: the rule has no comparisons, and the specification wants a list',
        hint: 'remove the key',
        ...tidying('remove "args"', removeElement(context.document, pointer)),
      });
    }
  },
});
