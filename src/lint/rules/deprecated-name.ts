/**
 * `name`, the form that rules had before they could list `names`: only engines of Docker's and Podman's kind know it.
 * @module
 */
import { tidying } from '../edit/fix-of-edits.ts';
import { removeElement, replaceKey, replaceValue } from '../edit/text-edits.ts';
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
  const at = pointerOf(rule);
  const list = `[${JSON.stringify(name)}]`;
  // An empty list may stand beside the name.
  const filled = replaceValue(document, `${at}/names`, list);
  const key =
    filled === undefined
      ? replaceKey(document, `${at}/name`, 'names')
      : removeElement(document, `${at}/name`);
  const value = filled ?? replaceValue(document, `${at}/name`, list);
  return key === undefined || value === undefined ? undefined : [...key, ...value];
}
