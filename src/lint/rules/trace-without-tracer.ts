/**
 * TRACE where nobody traces: no engine traces its containers, so the kernel answers ENOSYS.
 * @module
 */
import { treatmentOf } from '../../abi/carried-out.ts';
import { hasKeys } from '../../oci/dialect-rows.ts';
import { forEachView, mayTrace } from '../ask/call-openness.ts';
import { type ErrnoKey, writeEnosys } from '../ask/denied-calls.ts';
import type { HostView } from '../ask/host-view.ts';
import { listNames } from '../ask/list-names.ts';
import { namePointer } from '../ask/name-pointer.ts';
import { tracedRules } from '../ask/traced-rules.ts';
import { builtinRule } from '../engine/rule.ts';
import type { LintContext } from '../engine/rule-context.ts';

export const traceWithoutTracer = builtinRule({
  id: 'trace-without-tracer',
  group: 'breakage',
  level: 'warn',
  title: 'Calls are left to a tracer, but no container has a tracer: they get ENOSYS',
  check: (context) => forEachView(context, (view) => checkView(context, view)),
});

function checkView(context: LintContext, view: HostView): void {
  // Where programs can be tracers themselves, trace-bypass has more to say.
  if (mayTrace(view)) return;
  const hintFor = (key: ErrnoKey): string => {
    // Kubernetes has no error number for the default action.
    const fixed = key === 'defaultErrnoRet' && hasKeys(context.dialect, 'api');
    const errors = fixed
      ? 'SCMP_ACT_ERRNO (EPERM)'
      : `SCMP_ACT_ERRNO with ${writeEnosys(view, key)}, 1 (EPERM)`;
    return `write what you mean: ${errors}, or SCMP_ACT_LOG`;
  };
  const why = 'ENOSYS as long as nobody traces the process, and engines do not trace containers';
  if (treatmentOf(view.policy.defaultAction) === 'traced') {
    const pointer = `${context.root}/defaultAction`;
    const message = `calls that no rule names get ${why}`;
    context.report({ pointer, message, hint: hintFor('defaultErrnoRet'), view });
  }
  for (const { rule, names } of tracedRules(view)) {
    const [first] = names;
    if (first === undefined) continue;
    const verb = names.length === 1 ? 'gets' : 'get';
    const message = `${listNames(names)} ${verb} ${why}`;
    const pointer = namePointer(context, rule, first);
    context.report({ pointer, message, hint: hintFor('errnoRet'), view });
  }
}
