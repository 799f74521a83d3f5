/**
 * Rules whose conditions drop them on every host that lint looks at. They decide about no call there, and no other finding is about
 * them. If the conditions contradict each other, the rule is dropped on every host.
 * @module
 */
import { formatKernel, isOlderKernel } from '../../abi/kernel-version.ts';
import { callsOfRule } from '../../compose/dated/rule-facts.ts';
import type { ProfileRule } from '../../oci/profile.ts';
import { parseMinKernel } from '../../oci/resolve/min-kernel.ts';
import type { ResolveReason, ResolveStep } from '../../oci/resolve/resolve-steps.ts';
import { copiedBase } from '../ask/copied-base.ts';
import type { HostView } from '../ask/host-view.ts';
import { builtinRule } from '../engine/rule.ts';
import type { LintContext } from '../engine/rule-context.ts';

export const conditionsNeverHold = builtinRule({
  id: 'conditions-never-hold',
  group: 'meaning',
  level: 'note',
  title: 'The conditions of a rule do not hold on the hosts that lint looks at',
  check: (context) => {
    const dropped = droppedEverywhere(context);
    const impossible = dropped.filter(
      ({ rule }) => contradictionOf(context.profile.rules[rule]) !== undefined,
    );
    for (const { rule } of impossible) {
      context.report({
        pointer: context.pointerOf(rule),
        message: `the rule never decides, on no host: ${contradictionOf(context.profile.rules[rule])}`,
        hint: 'remove the rule, or the condition that was not meant',
        level: 'warn',
      });
    }
    const possible = dropped.filter((each) => !impossible.includes(each));
    reportHere(context, withoutCopied(context, possible));
  },
});

interface Dropped {
  /** Index into `Profile.rules`. */
  readonly rule: number;
  /** The step of the first view. */
  readonly step: ResolveStep;
}

const conditions: readonly ResolveReason[] = [
  'excludes-arches',
  'excludes-caps',
  'excludes-min-kernel',
  'includes-arches',
  'includes-caps',
  'includes-min-kernel',
];

function droppedEverywhere({ views, kernels }: LintContext): readonly Dropped[] {
  const [first, ...others] = views.map((view) => droppedIn(view, kernels.oldest));
  return (first ?? []).filter(({ rule }) =>
    others.every((each) => each.some((other) => other.rule === rule)),
  );
}

/** A view is of the newest kernel; a rule that only this kernel excludes applies on the older ones. */
function droppedIn({ resolution }: HostView, oldest: LintContext['kernels']['oldest']): readonly Dropped[] {
  return resolution.steps.flatMap((step) => {
    const { rule, reason, values } = step;
    if (rule === undefined || !conditions.includes(reason)) return [];
    const since = reason === 'excludes-min-kernel' ? parseMinKernel(values[0] ?? '') : undefined;
    return since !== undefined && isOlderKernel(oldest, since) ? [] : [{ rule, step }];
  });
}

/** Why a rule's conditions can hold nowhere; `undefined`: they can. */
function contradictionOf(rule: ProfileRule | undefined): string | undefined {
  const { includes = {}, excludes = {} } = rule ?? {};
  const cap = includes.caps?.find((each) => excludes.caps?.includes(each));
  if (cap !== undefined) return `it needs ${cap} and is excluded with it`;
  const arches = includes.arches ?? [];
  if (arches.length > 0 && arches.every((each) => excludes.arches?.includes(each)))
    return `it is only for ${arches.join(', ')} and excluded there`;
  const [from, to] = [includes, excludes].map(({ minKernel }) =>
    minKernel === undefined ? undefined : parseMinKernel(minKernel),
  );
  if (from === undefined || to === undefined || isOlderKernel(from, to)) return undefined;
  return `it needs kernel ${formatKernel(from)} and is excluded from ${formatKernel(to)} on`;
}

/** The rules that the author wrote or changed. A default is for all hosts of its engine, so its own conditions are left out. */
function withoutCopied({ profile }: LintContext, dropped: readonly Dropped[]): readonly Dropped[] {
  const base = dropped.length === 0 ? undefined : copiedBase(profile);
  if (base === undefined) return dropped;
  return dropped.filter(({ rule }) =>
    profile.rules
      .slice(rule, rule + 1)
      .flatMap(callsOfRule)
      .some((call) => base.isChanged(call)),
  );
}

/** One finding for all: most profiles with conditions are for several hosts. */
function reportHere(context: LintContext, dropped: readonly Dropped[]): void {
  const [first, ...others] = dropped;
  if (first === undefined) return;
  const what = others.length === 0 ? 'the rule decides' : `${dropped.length} rules decide`;
  const hosts = [...new Set(context.views.map(({ host }) => host.arch))].join(', ');
  context.report({
    pointer: context.pointerOf(first.rule),
    message: `${what} nothing on the hosts that lint looked at (${hosts}): ${listReasons(dropped)}`,
    hint: 'name the hosts that you mean with --arch, --caps, --cap and --kernel-range',
    related: others.map(({ rule, step }) => ({
      pointer: context.pointerOf(rule),
      message: reasonOf(step),
    })),
  });
}

function listReasons(dropped: readonly Dropped[]): string {
  const reasons = [...new Set(dropped.map(({ step }) => reasonOf(step)))];
  const shown = reasons.slice(0, MAX_REASONS);
  const rest = reasons.length - shown.length;
  return `${shown.join('; ')}${rest > 0 ? `; and ${rest} more reasons` : ''}`;
}

const MAX_REASONS = 3;

/** `dropped: needs CAP_BPF` as a clause of its own. */
function reasonOf({ message }: ResolveStep): string {
  return message.replace(/^.*?dropped: /, '');
}
