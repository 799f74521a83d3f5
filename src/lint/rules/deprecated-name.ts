/**
 * `name`, the form that rules had before they could list `names`: only engines of Docker's and Podman's kind know it.
 * @module
 */

import { tidying } from '../edit/fix-of-edits.ts';
import { replaceKey, replaceValue } from '../edit/text-edits.ts';
import type { Edit } from '../engine/finding.ts';
import { builtinRule } from '../engine/rule.ts';
import type { LintContext } from '../engine/rule-context.ts';

export const deprecatedName = builtinRule({
  id: 'deprecated-name',
  group: 'form',
  level: 'warn',
  title: 'Rules use "name", the old form of "names"',
  fixable: true,
  check: (context) => {
    const rules = context.profile.rules.flatMap(({ name, names }, index) =>
      name === undefined || name === '' ? [] : [{ name, alone: names.length === 0, index }],
    );
    const [first] = rules;
    if (first === undefined) return;
    // One finding a profile: such profiles have hundreds of these rules.
    const subject = rules.length === 1 ? 'the rule uses' : `${rules.length} rules use`;
    const edits = rules.map(({ name, alone, index }) => (alone ? rewrite(context, index, name) : undefined));
    context.report({
      pointer: `${context.pointerOf(first.index)}/name`,
      onKey: true,
      message: `${subject} "name", the old form of "names", which only Docker and Podman read`,
      hint: `write "names": ["${first.name}"]`,
      ...tidying('write "names"', edits.every((each) => each !== undefined) ? edits.flat() : undefined),
    });
  },
});

function rewrite(
  { document, pointerOf }: LintContext,
  rule: number,
  name: string,
): readonly Edit[] | undefined {
  const pointer = `${pointerOf(rule)}/name`;
  const key = replaceKey(document, pointer, 'names');
  const value = replaceValue(document, pointer, `[${JSON.stringify(name)}]`);
  return key === undefined || value === undefined ? undefined : [...key, ...value];
}
