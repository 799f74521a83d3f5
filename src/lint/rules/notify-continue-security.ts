/**
 * A notification asks another process, and is no barrier. If the answer is SECCOMP_USER_NOTIF_FLAG_CONTINUE, the kernel makes the
 * call, with the arguments as they are then. So it must not decide about calls that reach out of a container.
 */
import { actionByOciAction } from '../../abi/actions.ts';
import { forEachView } from '../ask/call-openness.ts';
import type { HostView } from '../ask/host-view.ts';
import { namePointer } from '../ask/name-pointer.ts';
import { dangerousCalls } from '../catalog/danger.ts';
import { builtinRule } from '../engine/rule.ts';
import type { LintContext } from '../engine/rule-context.ts';

export const notifyContinueSecurity = builtinRule({
  id: 'notify-continue-security',
  group: 'openness',
  level: 'warn',
  title: 'A supervisor decides whether a dangerous call is made',
  check: (context) => forEachView(context, (view) => checkView(context, view)),
});

function checkView(context: LintContext, view: HostView): void {
  for (const [index, { names, action }] of (view.seccomp.syscalls ?? []).entries()) {
    const rule = view.resolution.origins[index];
    if (rule === undefined || actionByOciAction(action)?.kind !== 'notify') continue;
    for (const syscall of names) {
      const danger = dangerousCalls.find(
        ({ calls, value }) => value === undefined && calls.split(' ').includes(syscall),
      );
      if (danger === undefined) continue;
      context.report({
        pointer: namePointer(context, rule, syscall),
        message: `only the supervisor stands between the program and ${syscall}, which ${danger.what}: if the supervisor answers with CONTINUE, the kernel makes the call with the arguments as they are by then`,
        hint: `answer ${syscall} with an error or with the result of a call that the supervisor made itself, and rely on capabilities for the rest`,
        view,
      });
    }
  }
}
