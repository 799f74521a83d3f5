/**
 * An action that the oldest kernel which the profile is for does not have. libseccomp asks the kernel and refuses the
 * rule there, so the container does not start; a filter loaded without asking kills instead.
 * @module
 */
import { actionByOciAction } from '../../abi/actions.ts';
import { actionsSince, FILTERS_SINCE } from '../../abi/kernel-history.ts';
import { formatKernel, isOlderKernel, type KernelVersion } from '../../abi/kernel-version.ts';
import type { ProfileRule } from '../../oci/profile.ts';
import { parseMinKernel } from '../../oci/resolve/min-kernel.ts';
import { builtinRule } from '../engine/rule.ts';
import type { LintContext } from '../engine/rule-context.ts';

export const actionUnknownToKernel = builtinRule({
  id: 'action-unknown-to-kernel',
  group: 'meaning',
  level: 'warn',
  title: 'The profile is for a kernel that lacks the action',
  check: (context) => {
    const { profile, root, pointerOf } = context;
    const { oldest } = context.kernels;
    report(context, `${root}/defaultAction`, profile.defaultAction, oldest);
    for (const [index, rule] of profile.rules.entries()) {
      report(context, `${pointerOf(index)}/action`, rule.action, oldestFor(rule, oldest));
    }
  },
});

/** The oldest kernel on which a rule applies. */
function oldestFor({ includes }: ProfileRule, oldest: KernelVersion): KernelVersion {
  const needed = includes?.minKernel === undefined ? undefined : parseMinKernel(includes.minKernel);
  return needed !== undefined && isOlderKernel(oldest, needed) ? needed : oldest;
}

function report(
  context: LintContext,
  pointer: string,
  action: string | undefined,
  oldest: KernelVersion,
): void {
  const since = actionsSince[actionByOciAction(action ?? '')?.kind ?? 'allow'];
  if (since === FILTERS_SINCE || !isOlderKernel(oldest, since)) return;
  context.report({
    pointer,
    message: `${action} exists since Linux ${formatKernel(since)}, but the profile is for ${formatKernel(oldest)} and newer: on older kernels the container does not start`,
    hint: `use another action, or state that the profile is for Linux ${formatKernel(since)} and newer (--kernel-range)`,
  });
}
