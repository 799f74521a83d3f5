/**
 * Names out of order. Nothing depends on the order, but people overlook a name or add it twice.
 * @module
 */
import type { ArrayNode, StringNode } from '../../oci/document.ts';
import { valuesOf } from '../ask/profile-values.ts';
import { tidying } from '../edit/fix-of-edits.ts';
import type { Edit } from '../engine/finding.ts';
import { builtinRule } from '../engine/rule.ts';

export const unsortedNames = builtinRule({
  id: 'unsorted-names',
  group: 'form',
  level: 'off',
  title: 'The names of a rule are not in alphabetical order',
  fixable: true,
  check: (context) => {
    for (const { node, member, pointer } of valuesOf(context)) {
      if (member?.key !== 'names' || node.kind !== 'array') continue;
      const names = stringsOf(node);
      const late = names?.findIndex((each, i) => each.value < (names[i - 1]?.value ?? '')) ?? -1;
      if (names === undefined || late < 0) continue;
      context.report({
        pointer: `${pointer}/${late}`,
        message: `'${names[late]?.value}' is out of alphabetical order`,
        hint: 'sort the names: a missing or repeated name is then easy to see',
        ...tidying('sort the names', sorted(names)),
      });
    }
  },
});

function stringsOf({ elements }: ArrayNode): readonly StringNode[] | undefined {
  const strings = elements.filter((each) => each.kind === 'string');
  return strings.length === elements.length ? strings : undefined;
}

/** Puts each name in another's place, so that lines and commas stay; `undefined` where a name is not plainly quoted. */
function sorted(names: readonly StringNode[]): readonly Edit[] | undefined {
  const order = names.map(({ value }) => value).toSorted();
  if (order.some((name) => !/^[A-Za-z0-9_]*$/.test(name))) return undefined;
  return names.flatMap(({ value, start, end }, i) => {
    const name = order[i] ?? value;
    return name === value ? [] : [{ start: start.offset, end: end.offset, text: JSON.stringify(name) }];
  });
}
