/**
 * `"args": null`: the same as no comparisons to engines, but no list to runtime-spec's schema and to tools that trust it.
 * @module
 */
import { valuesOf } from '../ask/profile-values.ts';
import { tidying } from '../edit/fix-of-edits.ts';
import { removeElement } from '../edit/text-edits.ts';
import { builtinRule } from '../engine/rule.ts';

export const nullArgs = builtinRule({
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
        message: '"args" is null: the rule has no comparisons, but the specification requires a list',
        hint: 'remove the key',
        ...tidying('remove "args"', removeElement(context.document, pointer)),
      });
    }
  },
});
