/**
 * SCMP_ACT_KILL is SCMP_ACT_KILL_THREAD: it ends the calling thread, and the other threads of the process go on. An attacker loses
 * only one thread. A program that lost a thread can hang instead of failing.
 * @module
 */
import { actionByOciAction, actions } from '../../abi/actions.ts';
import { actionsSince } from '../../abi/kernel-history.ts';
import { formatKernel, isOlderKernel } from '../../abi/kernel-version.ts';
import type { SeccompData } from '../../abi/seccomp-data.ts';
import { decideCall } from '../../decision/decide-policy.ts';
import { whereOutcome } from '../../decision/relate.ts';
import { FALSE, type Outcome, wordLeaf } from '../../decision/space.ts';
import { findWitness } from '../../decision/witness.ts';
import { isDecided } from '../ask/call-meaning.ts';
import type { HostView } from '../ask/host-view.ts';
import { callWhere, ifDecided, type NamedCall, namedCalls } from '../ask/named-calls.ts';
import { onceAView } from '../ask/once-a-view.ts';
import { correction } from '../edit/fix-of-edits.ts';
import { replaceValue } from '../edit/text-edits.ts';
import type { Witness } from '../engine/finding.ts';
import { builtinRule } from '../engine/rule.ts';
import type { LintContext } from '../engine/rule-context.ts';

export const killKillsThreadOnly = builtinRule({
  id: 'kill-kills-thread-only',
  group: 'meaning',
  level: 'warn',
  title: 'The action ends one thread and leaves the process running',
  fixable: true,
  check: (context) => {
    const { profile, root, pointerOf, views } = context;
    report(context, `${root}/defaultAction`, profile.defaultAction, () => defaultWitness(views[0]));
    for (const [rule, { action }] of profile.rules.entries()) {
      report(context, `${pointerOf(rule)}/action`, action, () => ruleWitness(views, rule));
    }
  },
});

function report(
  context: LintContext,
  pointer: string,
  action: string | undefined,
  findCall: () => Witness | undefined,
): void {
  if (actionByOciAction(action ?? '')?.kind !== 'killThread') return;
  const witness = ifDecided(findCall);
  const same = action === 'SCMP_ACT_KILL' ? ', as SCMP_ACT_KILL_THREAD does' : '';
  context.report({
    pointer,
    message: `${action} ends the thread that made the call${same}; the other threads of the process keep running`,
    hint: hintFor(context),
    ...(witness === undefined ? {} : { witness }),
    ...correction(
      'write SCMP_ACT_KILL_PROCESS',
      replaceValue(context.document, pointer, '"SCMP_ACT_KILL_PROCESS"'),
    ),
  });
}

/** The action that is meant is no cure on kernels that lack it: containers do not start there. */
function hintFor({ kernels }: LintContext): string {
  const { killProcess } = actionsSince;
  const since = `Linux ${formatKernel(killProcess)}`;
  return isOlderKernel(kernels.oldest, killProcess)
    ? `answer SCMP_ACT_ERRNO; or write SCMP_ACT_KILL_PROCESS, and state that the profile is for ${since} and newer (--kernel-range)`
    : `write SCMP_ACT_KILL_PROCESS (${since})`;
}

const KILL_THREAD = actions.killThread.word;
const MEANT = actions.killProcess.word;

function killsThread(outcome: Outcome): boolean {
  return outcome.kind === 'word' && outcome.word === KILL_THREAD;
}

/** A call that no rule names. */
function defaultWitness(view: HostView | undefined): Witness | undefined {
  if (view === undefined || view.policy.defaultAction !== KILL_THREAD) return undefined;
  const condition = whereOutcome(view.space, view.meaningByCall(), killsThread);
  const call = condition === FALSE ? undefined : findWitness(view.space, condition, [view.host.arch]);
  return call === undefined ? undefined : { call, verdict: KILL_THREAD, meant: MEANT };
}

/** A call that the rule names and that ends in its action. */
function ruleWitness(views: readonly HostView[], rule: number): Witness | undefined {
  for (const view of views) {
    const call = killedCalls(view).get(rule);
    if (call !== undefined) return { call, verdict: KILL_THREAD, meant: MEANT };
  }
  return undefined;
}

/** By index into `Profile.rules`: the first call that the rule names and that ends a thread. Thousands of rules may name a call. */
const killedCalls = onceAView((view): ReadonlyMap<number, SeccompData> => {
  const found = new Map<number, SeccompData>();
  for (const call of namedCalls(view)) {
    const rules = new Set(call.rules.map((each) => view.profileRule(each.rule) ?? -1));
    if ([...rules].every((rule) => found.has(rule))) continue;
    const killed = isDecided(view, call) ? ifDecided(() => killedCall(view, call)) : undefined;
    if (killed === undefined) continue;
    for (const rule of rules) if (!found.has(rule)) found.set(rule, killed);
  }
  return found;
});

function killedCall(view: HostView, call: NamedCall): SeccompData | undefined {
  const { space, policy } = view;
  const decided = decideCall(space, call.rules, call.bits, wordLeaf(space, policy.defaultAction));
  const condition = whereOutcome(space, decided, killsThread);
  return condition === FALSE ? undefined : callWhere(view, call, condition);
}
