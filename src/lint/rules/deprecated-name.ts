/**
 * `name`, the form that rules had before Docker 17.x read `names`: only engines of Docker's and Podman's kind know it.
 * @module
 */
import { replaceKey, replaceValue } from '../edits.ts';
import { tidying } from '../fixes.ts';
import { defineRule } from '../rule.ts';

export const deprecatedName = defineRule({
  id: 'deprecated-name',
  group: 'form',
  level: 'warn',
  title: 'A rule uses "name", the old form of "names"',
  fixable: true,
  check: ({ profile, document, pointerOf, report }) => {
    for (const [index, { name, names }] of profile.rules.entries()) {
      if (name === undefined || name === '') continue;
      const pointer = `${pointerOf(index)}/name`;
      const list = `["${name}"]`;
      const edits = [replaceKey(document, pointer, 'names'), replaceValue(document, pointer, list)];
      const isAlone = names.length === 0 && edits.every((each) => each !== undefined && each.length > 0);
      report({
        pointer,
        onKey: true,
        message: '"name" is the old form of "names", and only Docker and Podman read it',
        hint: `write "names": ${list}`,
        ...(isAlone
          ? tidying(
              `write "names": ${list}`,
              edits.flatMap((each) => each ?? []),
            )
          : {}),
      });
    }
  },
});
