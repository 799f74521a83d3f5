/**
 * An action that the oldest kernel which the profile is for does not have. libseccomp asks the kernel and refuses the
 * rule there, so the container does not start; a filter loaded without asking kills instead.
 * @module
 */
import { type ActionKind, actionByOciAction } from '../../abi/actions.ts';
import type { KernelVersion } from '../../oci/host.ts';
import type { ProfileRule } from '../../oci/profile.ts';
import { parseMinKernel } from '../../oci/resolve/conditions.ts';
import type { LintContext } from '../context.ts';
import { defineRule } from '../rule.ts';

/** Since which kernel an action exists (seccomp(2), man-pages 6.03). Those not listed are as old as filters, 3.5. */
const introductions: Readonly<Partial<Record<ActionKind, KernelVersion>>> = {
  killProcess: { kernel: 4, major: 14 },
  log: { kernel: 4, major: 14 },
  notify: { kernel: 5, major: 0 },
};

export const actionUnknownToKernel = defineRule({
  id: 'action-unknown-to-kernel',
  group: 'meaning',
  level: 'warn',
  title: 'A kernel that the profile is for lacks the action',
  check: (context) => {
    const { profile, root, pointerOf } = context;
    const { oldest } = context.kernels;
    report(context, `${root}/defaultAction`, profile.defaultAction, oldest);
    for (const [index, rule] of profile.rules.entries()) {
      report(context, `${pointerOf(index)}/action`, rule.action, oldestFor(rule, oldest));
    }
  },
});

/** The oldest kernel on which a rule counts. */
function oldestFor({ includes }: ProfileRule, oldest: KernelVersion): KernelVersion {
  const needed = includes?.minKernel === undefined ? undefined : parseMinKernel(includes.minKernel);
  return needed !== undefined && isOlder(oldest, needed) ? needed : oldest;
}

function report(
  context: LintContext,
  pointer: string,
  action: string | undefined,
  oldest: KernelVersion,
): void {
  const since = introductions[actionByOciAction(action ?? '')?.kind ?? 'allow'];
  if (since === undefined || !isOlder(oldest, since)) return;
  context.report({
    pointer,
    message: `${action} exists since Linux ${format(since)}, the profile is for ${format(oldest)} and newer: on older kernels the container does not start`,
    hint: `use another action, or state that the profile is for Linux ${format(since)} and newer`,
  });
}

function isOlder(a: KernelVersion, b: KernelVersion): boolean {
  return a.kernel < b.kernel || (a.kernel === b.kernel && a.major < b.major);
}

function format({ kernel, major }: KernelVersion): string {
  return `${kernel}.${major}`;
}
