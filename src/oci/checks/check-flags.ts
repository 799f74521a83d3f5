/**
 * Checks on the flags that a filter is loaded with. The kernel takes some of them only together with others; what runc 1.5.1 and
 * crun 1.8.1, 1.21 and 1.28 do then was tried on Linux 6.18.
 *
 * SPEC_ALLOW: seccomp(2) of man-pages 6.03. Linux 5.16 changed the default of spec_store_bypass_disable and spectre_v2_user
 * from "seccomp" to "prctl" (commit 2f46993d83ff); under "seccomp", arch_seccomp_spec_mitigate of arch/x86/kernel/cpu/bugs.c
 * switches both mitigations on for a task that gets a filter without the flag.
 * @module
 */
import { runtimesThat } from '../../consumers.ts';
import { type ObjectView, type Text, textOf, textsOf } from '../object-view.ts';
import { actionOf, type CheckContext, on } from './check-context.ts';

/** Runs all checks of this file. */
export function checkFlags(context: CheckContext): void {
  for (const flag of textsOf(context.profile, 'flags')) {
    if (flag.value === 'SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV') checkKillable(flag, context);
    else if (flag.value === 'SECCOMP_FILTER_FLAG_TSYNC') checkTsync(flag, context);
    else if (flag.value === 'SECCOMP_FILTER_FLAG_SPEC_ALLOW') checkSpeculation(flag, context);
  }
}

/** The kernel takes it only with a listener. runc asks for one if a rule notifies, crun if there is a path. */
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
  const rejectedBy = runtimesThat((traits) => !traits.dropsRefusedFlags);
  const judged = notifies ? ({ severity: 'warning' } as const) : { rejectedBy };
  report({ code: 'flag-without-listener', ...on(flag), message, hint, ...judged });
}

/** The kernel takes it beside a listener only with TSYNC_ESRCH. runc leaves it out, and libseccomp adds that flag. */
function checkTsync(flag: Text, { profile, report }: CheckContext): void {
  if (!listens(profile)) return;
  const message = `crun cannot load a filter with ${flag.value} and a listener: the kernel refuses the two together`;
  const hint = 'leave the flag out: a container gets its filter while it has one thread';
  const rejectedBy = runtimesThat((traits) => !traits.addsTsyncEsrch);
  report({ code: 'flag-with-listener', ...on(flag), message, hint, rejectedBy });
}

/** Nobody refuses it, and it changes no verdict. */
function checkSpeculation(flag: Text, { report }: CheckContext): void {
  const message = `${flag.value} turns off the mitigation of Speculative Store Bypass, which x86 kernels before 5.16 switch on for a process with a filter`;
  const hint =
    'leave the flag out where the program runs code of others; without a "flags" key runc from 1.2 on and crun set it themselves, with "flags": [] they do not';
  report({ code: 'speculation-allowed', ...on(flag), message, hint });
}

function listens(profile: ObjectView): boolean {
  return textOf(profile, 'listenerPath') !== undefined;
}
