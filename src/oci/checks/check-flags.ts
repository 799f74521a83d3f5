/**
 * Checks on the flags that a filter is loaded with. What runc 1.5.1 and crun 1.8.1, 1.21 and 1.28 do with those that the
 * kernel takes only in company was tried on Linux 6.18.
 * @module
 */
import { type ObjectView, type Text, textOf, textsOf } from '../object-view.ts';
import { actionOf, type CheckContext, on } from './check.ts';

/** Runs all checks of this file. */
export function checkFlags(context: CheckContext): void {
  for (const flag of textsOf(context.profile, 'flags')) {
    if (flag.value === 'SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV') checkKillable(flag, context);
    else if (flag.value === 'SECCOMP_FILTER_FLAG_TSYNC') checkTsync(flag, context);
  }
}

/** The kernel takes it only with a listener: of runc for an action, of crun for a path. */
function checkKillable(flag: Text, { profile, rules, report }: CheckContext): void {
  const notifies = [
    actionOf(profile, 'defaultAction'),
    ...rules.map((rule) => actionOf(rule, 'action')),
  ].some((action) => action?.kind === 'notify');
  const hasPath = listens(profile);
  if (notifies && hasPath) return;
  const missing = notifies ? 'the profile has no listenerPath' : 'no rule has SCMP_ACT_NOTIFY';
  const crun = hasPath ? '' : '; crun loads the filter without any of its flags';
  const message = `the kernel takes ${flag.value} only with a listener, and ${missing}${crun}`;
  const hint = notifies ? 'set "listenerPath", or leave the flag out' : 'leave the flag out';
  // That runc wants a path is said where the action stands.
  const judged = notifies ? ({ severity: 'warning' } as const) : ({ rejectedBy: ['runc', 'youki'] } as const);
  report({ code: 'flag-without-listener', ...on(flag), message, hint, ...judged });
}

/** runc leaves it out, and libseccomp adds TSYNC_ESRCH, without which the kernel takes no listener beside it. */
function checkTsync(flag: Text, { profile, report }: CheckContext): void {
  if (!listens(profile)) return;
  const message = `crun cannot load a filter with ${flag.value} and a listener: the kernel refuses the two together`;
  const hint = 'leave the flag out: a container gets its filter while it has one thread';
  report({ code: 'flag-with-listener', ...on(flag), message, hint, rejectedBy: ['crun'] });
}

function listens(profile: ObjectView): boolean {
  return textOf(profile, 'listenerPath') !== undefined;
}
