/**
 * Requests in an io_uring are no system calls: the kernel carries them out without asking the filter. So a program with a ring
 * can do what the profile denies as system calls.
 */
import { forEachView, openingPlaces, witnessWhere } from '../ask/call-openness.ts';
import type { HostView } from '../ask/host-view.ts';
import { listNames } from '../ask/list-names.ts';
import { ringBypassOf } from '../ask/ring-bypass.ts';
import { builtinRule } from '../engine/rule.ts';
import type { LintContext } from '../engine/rule-context.ts';

export const ioUringBypass = builtinRule({
  id: 'io-uring-bypass',
  group: 'openness',
  level: 'error',
  title: 'io_uring is open and does what the profile denies as system calls',
  check: (context) => forEachView(context, (view) => checkView(context, view)),
});

function checkView(context: LintContext, view: HostView): void {
  const bypass = ringBypassOf(view);
  if (bypass === undefined) return;
  const { setup, filtered } = bypass;
  for (const pointer of openingPlaces(context, view, setup)) {
    context.report({
      pointer,
      message: `io_uring_setup is open, and requests in a ring bypass the filter: they do what the profile denies for ${listNames(filtered)}`,
      hint: 'deny io_uring_setup, io_uring_enter and io_uring_register; programs that use them fall back to system calls',
      ...witnessWhere(view, setup, setup.open),
      view,
    });
  }
}
