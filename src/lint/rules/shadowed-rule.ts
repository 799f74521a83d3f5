/**
 * A rule that decides nothing: whatever it matches, other rules answer in the same way without it.
 * @module
 */
import { architectures } from '../../abi/architectures.ts';
import { decideCall } from '../../decision/policy.ts';
import { wordLeaf } from '../../decision/space.ts';
import type { LintContext } from '../context.ts';
import type { HostView } from '../host-view.ts';
import { defineRule } from '../rule.ts';

export const shadowedRule = defineRule({
  id: 'shadowed-rule',
  group: 'meaning',
  level: 'warn',
  title: 'Removing the rule changes nothing',
  check: (context) => {
    for (const view of context.views) reportView(context, view);
  },
});

function reportView(context: LintContext, view: HostView): void {
  const rules = new Set(view.policy.rules.map(({ origin }) => view.resolution.origins[origin]));
  for (const rule of rules) {
    if (rule === undefined) continue;
    const others = shadowing(view, rule);
    if (others === undefined) continue;
    context.report({
      pointer: context.pointerOf(rule),
      message: 'the rule changes nothing: without it every call gets the same answer',
      hint: 'remove it, or find out why it was written',
      related: [...others].map((other) => ({
        pointer: context.pointerOf(other),
        message: 'this rule answers its calls',
      })),
      view,
    });
  }
}

/** The profile rules that answer for a rule which changes nothing; `undefined` if it changes something. */
function shadowing(view: HostView, rule: number): ReadonlySet<number> | undefined {
  const others = new Set<number>();
  for (const { arch, rules } of view.expanded) {
    const { bits } = architectures[arch];
    const defaultNode = wordLeaf(view.space, view.policy.defaultAction);
    const numbers = new Set(
      rules.filter((each) => view.profileRule(each.rule) === rule).map((each) => each.nr),
    );
    for (const nr of numbers) {
      const all = rules.filter((each) => each.nr === nr);
      const rest = all.filter((each) => view.profileRule(each.rule) !== rule);
      const changed =
        decideCall(view.space, all, bits, defaultNode) !== decideCall(view.space, rest, bits, defaultNode);
      if (changed) return undefined;
      for (const each of rest) others.add(view.profileRule(each.rule) ?? -1);
    }
  }
  others.delete(-1);
  return others.size === 0 ? undefined : others;
}
