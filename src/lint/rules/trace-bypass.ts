/**
 * A program that may call ptrace can pass TRACE: it traces a child of its own and lets the child's calls through.
 * @module
 */
import { treatmentOf } from '../../abi/carried-out.ts';
import { callOpennessOf, forEachView, mayTrace, openingPlaces } from '../ask/call-openness.ts';
import type { HostView } from '../ask/host-view.ts';
import { listNames } from '../ask/list-names.ts';
import { namePointer } from '../ask/name-pointer.ts';
import { tracedRules } from '../ask/traced-rules.ts';
import { builtinRule } from '../engine/rule.ts';
import type { LintContext } from '../engine/rule-context.ts';

export const traceBypass = builtinRule({
  id: 'trace-bypass',
  group: 'openness',
  level: 'error',
  title: 'ptrace is open, and so is every call that is left to a tracer',
  check: (context) => forEachView(context, (view) => checkView(context, view)),
});

function checkView(context: LintContext, view: HostView): void {
  const traced = tracedRules(view);
  const isDefault = treatmentOf(view.policy.defaultAction) === 'traced';
  // Whether a program may trace is asked last: it takes a diagram, and most profiles trace nothing.
  if ((traced.length === 0 && !isDefault) || !mayTrace(view)) return;
  const related = ptracePlaces(context, view).map((pointer) => ({ pointer, message: 'ptrace is open here' }));
  const why = 'ptrace is open: a program can trace its own child and let such calls through';
  const hint = 'answer SCMP_ACT_ERRNO, or deny ptrace';
  if (isDefault) {
    const pointer = `${context.root}/defaultAction`;
    context.report({ pointer, message: `the default action denies nothing: ${why}`, hint, related, view });
  }
  for (const { rule, names } of traced) {
    const [first] = names;
    if (first === undefined) continue;
    const pointer = namePointer(context, rule, first);
    const message = `SCMP_ACT_TRACE does not keep programs from ${listNames(names)}: ${why}`;
    context.report({ pointer, message, hint, related, view });
  }
}

function ptracePlaces(context: LintContext, view: HostView): readonly string[] {
  const [native] = view.policy.architectures;
  const ptrace = callOpennessOf(view, native, 'ptrace');
  if (ptrace === undefined) return [];
  return openingPlaces(context, view, ptrace).filter((place) => place !== `${context.root}/defaultAction`);
}
