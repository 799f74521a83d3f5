/**
 * Whether a profile opens by default, and which rule says so.
 * @module
 */
import { actionByOciAction } from '../../abi/actions.ts';
import type { LintContext } from '../engine/rule-context.ts';

/** Whether the default action lets calls through wherever the profile is used. */
export function letsThroughByDefault({ profile }: Pick<LintContext, 'profile'>): boolean {
  const kind = actionByOciAction(profile.defaultAction ?? '')?.kind;
  return kind === 'allow' || kind === 'log';
}

/** Whether default-allow speaks of the calls that the default action opens: they have one cause. */
export function isSaidOfDefault(context: Pick<LintContext, 'profile' | 'runs'>): boolean {
  return context.runs('default-allow') && letsThroughByDefault(context);
}
