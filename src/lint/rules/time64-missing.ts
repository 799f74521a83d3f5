/**
 * On 32-bit architectures: calls with 32-bit times are allowed, those with 64-bit times that replace them are not.
 * @module
 */
import { denialsOf, listCalls, passingPlace, seemsMissing } from '../ask/denied-calls.ts';
import type { HostView } from '../ask/host-view.ts';
import { time64Calls } from '../catalog/time64.ts';
import { builtinRule } from '../engine/rule.ts';
import type { LintContext } from '../engine/rule-context.ts';

export const time64Missing = builtinRule({
  id: 'time64-missing',
  group: 'breakage',
  level: 'warn',
  title: 'Calls with 64-bit times are denied on a 32-bit architecture, but the older calls are not',
  check: (context) => {
    for (const view of context.views) checkView(context, view);
  },
});

function checkView(context: LintContext, view: HostView): void {
  const missing = time64Calls.filter(([old, replacement]) =>
    view.policy.architectures.some((arch) => {
      const asked = denialsOf(view, arch, replacement);
      if (asked?.passes !== 'never' || seemsMissing(asked)) return false;
      return denialsOf(view, arch, old)?.passes === 'always';
    }),
  );
  const [first] = missing;
  if (first === undefined) return;
  const [verb, them] = missing.length === 1 ? ['is', 'it'] : ['are', 'them'];
  context.report({
    pointer: passingPlace(context, view, first[0]),
    message: `${listCalls(missing.map(([, replacement]) => replacement))} ${verb} denied for 32-bit programs, which now call ${them} instead of ${listCalls(missing.map(([old]) => old))}`,
    hint: `allow ${them} as well as the older calls`,
    view,
  });
}
