/**
 * Integers that do not fit a double: JavaScript, jq before 1.7 and others read a neighbour, and write it back.
 * @module
 */
import { valuesOf } from '../ask/profile-values.ts';
import { builtinRule } from '../engine/rule.ts';

export const unsafeInteger = builtinRule({
  id: 'unsafe-integer',
  group: 'form',
  level: 'warn',
  title: 'Tools that store numbers as doubles read a different number',
  check: (context) => {
    for (const { node, pointer } of valuesOf(context)) {
      if (node.kind !== 'number' || node.integer === undefined) continue;
      const read = Number(node.text);
      if (!Number.isFinite(read) || BigInt(read) === node.integer) continue;
      context.report({
        pointer,
        message: `tools that store numbers as doubles read ${node.text} as ${BigInt(read)}`,
        hint: 'process the profile only with tools that keep 64-bit integers, or compare a smaller value',
      });
    }
  },
});
