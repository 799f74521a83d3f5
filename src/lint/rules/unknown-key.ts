/**
 * Keys that no engine reads: what stands under them has no effect.
 * @module
 */
import { problemsOf, reportOf } from '../from-problems.ts';
import { findNode } from '../places.ts';
import { defineRule } from '../rule.ts';

export const unknownKey = defineRule({
  id: 'unknown-key',
  group: 'form',
  level: 'error',
  title: 'A key has no meaning, and what stands under it no effect',
  check: (context) => {
    for (const problem of problemsOf(context, 'unknown-key')) {
      const key = context.document && findNode(context.document.root, problem.pointer)?.member?.key;
      if (key === undefined || !isNote(key)) context.report(reportOf(context, problem));
    }
  },
});

/** JSON has no comments: such keys are written for readers, and nobody takes them for keys of a profile. */
function isNote(key: string): boolean {
  return /^(?:_|#|\/\/)/.test(key);
}
