/**
 * Rules that a runtime skips because their action is the default one, and what becomes of the calls they name.
 * @module
 */
import { actions, type ReturnWord } from '../../abi/actions.ts';
import { groupBy } from '../../abi/group-by.ts';
import type { SeccompData } from '../../abi/seccomp-data.ts';
import { allHold, decideCall } from '../../decision/decide-policy.ts';
import { whereOutcome } from '../../decision/relate.ts';
import { and, FALSE, type Node, wordLeaf } from '../../decision/space.ts';
import { evaluate } from '../../decision/witness.ts';
import { answeredByStub } from '../../policy/answered-by-stub.ts';
import { type ArchRule, expandPolicy, rulesByNumber } from '../../policy/expand-policy.ts';
import { newestTable } from '../../policy/newest-table.ts';
import { isDecided } from './call-meaning.ts';
import { policyIfTaken } from './changed-policy.ts';
import { argumentBits, type HostView } from './host-view.ts';
import { callWhere, type NameEntry, nameEntries } from './named-calls.ts';
import { onceAView } from './once-a-view.ts';

/** A call that a skipped rule names and another rule answers otherwise. */
interface Overruled {
  readonly entry: NameEntry;
  readonly call: SeccompData;
  readonly verdict: ReturnWord;
  /** Rules that answer it, indices into `Profile.rules`. */
  readonly by: readonly number[];
}

export interface SkippedRule {
  /** Index into `LinuxSeccomp.syscalls`. */
  readonly origin: number;
  /** Index into `Profile.rules`. */
  readonly rule: number;
  /** At most one for each name. */
  readonly overruled: readonly Overruled[];
}

/** The rules of a view that are skipped, in its order. */
export const skippedRules = onceAView((view): readonly SkippedRule[] => {
  const entries = groupBy(nameEntries(view), ({ origin }) => origin);
  return view.lowered.steps.flatMap(({ kind, rule: origin }) => {
    const rule = origin === undefined ? undefined : view.resolution.origins[origin];
    if (kind !== 'equals-default-action' || origin === undefined || rule === undefined) return [];
    return { origin, rule, overruled: findOverruled(view, origin, entries.get(origin) ?? []) };
  });
});

/**
 * NOTE: beside rules with comparisons, a rule without comparisons says "otherwise the default", and that is what happens. So
 * only rules without comparisons overrule it. A rule with comparisons can be overruled by any rule.
 */
function findOverruled(view: HostView, origin: number, entries: readonly NameEntry[]): readonly Overruled[] {
  const { space } = view;
  const found = new Map<string, Overruled>();
  for (const { arch, nr, bits, own } of asIfKept(view, origin)) {
    const { rules = [] } = view.expanded.find((each) => each.arch === arch) ?? {};
    const rest = rulesByNumber(rules).get(nr) ?? [];
    const entry = entries.find(({ name }) => name === own.name);
    const rivals = rest.filter(
      ({ comparisons }) => comparisons.length === 0 || own.rule.comparisons.length > 0,
    );
    if (entry === undefined || found.has(entry.name) || rivals.length === 0) continue;
    if (answeredByStub(view.policy, arch, nr) !== undefined || !isDecided(view, { arch, nr })) continue;
    const decided = decideCall(space, rest, bits, wordLeaf(space, view.policy.defaultAction));
    const answered = whereOutcome(
      space,
      decided,
      (outcome) => outcome.kind === 'word' && outcome.word !== view.policy.defaultAction,
    );
    const condition: Node = and(space, allHold(space, own.rule.comparisons, bits), answered);
    const call = condition === FALSE ? undefined : callWhere(view, { arch, nr }, condition);
    const verdict = call === undefined ? undefined : evaluate(space, decided, call);
    if (call === undefined || verdict?.kind !== 'word') continue;
    const by = [...new Set(rivals.flatMap((rule) => view.profileRule(rule.rule) ?? []))];
    found.set(entry.name, { entry, call, verdict: verdict.word, by });
  }
  return [...found.values()];
}

/** What the rule would be turned into if its action were not the default one. */
function asIfKept(view: HostView, origin: number) {
  const isTrap = view.policy.defaultAction === actions.trap.word;
  const action = (isTrap ? actions.killProcess : actions.trap).ociAction;
  // The rule alone is lowered: with all others, thousands of skipped rules would take too long.
  const policy = policyIfTaken(view, (syscalls) =>
    syscalls
      .slice(origin, origin + 1)
      .map(({ names, args }) => ({ names, action, ...(args === undefined ? {} : { args }) })),
  );
  if (policy === undefined) return [];
  return expandPolicy(policy, newestTable).flatMap(({ arch, rules }) =>
    rules.flatMap((rule: ArchRule) => {
      const from = policy.rules[rule.rule];
      if (from === undefined) return [];
      return { arch, nr: rule.nr, bits: argumentBits(arch), own: { name: from.syscall, rule } };
    }),
  );
}
