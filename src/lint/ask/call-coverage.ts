/**
 * What the rules of one call match together. Rules are looked at from the last to the first, and each is compared with all
 * others in a few steps, however many there are.
 *
 * This works if all rules name the call by the same name and apply on the same hosts. Thousands of rules for one call do.
 * @module
 */
import type { ReturnWord } from '../../abi/actions.ts';
import { isCondition } from '../../compose/dated/rule-facts.ts';
import { allHold } from '../../decision/decide-policy.ts';
import { FALSE, ifThenElse, type Node, or } from '../../decision/space.ts';
import { matchApart, onlyArgument } from '../../decision/value-ranges.ts';
import type { Profile } from '../../oci/profile.ts';
import type { ArchRule } from '../../policy/expand-policy.ts';
import type { HostView } from './host-view.ts';
import type { NamedCall } from './named-calls.ts';

/** A call's rules. Those from `next` on were looked at. */
export interface Coverage {
  readonly call: NamedCall;
  /** By position of a rule: where a rule before it with the same action matches. */
  readonly before: readonly Node[];
  /** The position of the first rule without comparisons; `undefined` if every rule has some. */
  readonly firstPlain: number | undefined;
  /** By action: where one of the rules matches that were looked at and are not gone. */
  readonly behind: Map<ReturnWord, Node>;
  /** The first rule without comparisons among those. */
  plainBehind: ArchRule | undefined;
  /** The position from which on rules are in `behind`, unless they are gone. */
  next: number;
}

/** @returns `undefined` for rules of several names, or with conditions that hosts differ in */
export function coverageOf(profile: Profile, view: HostView, call: NamedCall): Coverage | undefined {
  const { space, policy } = view;
  const { rules, bits } = call;
  const name = policy.rules[rules[0]?.rule ?? -1]?.syscall;
  const isAlike = rules.every(({ rule, returnWord }) => {
    const written = profile.rules[view.profileRule(rule) ?? -1];
    const isEverywhere =
      written !== undefined && !isCondition(written.includes) && !isCondition(written.excludes);
    // A rule with the default action changes no answer, so no answer tells whether it matched.
    return isEverywhere && policy.rules[rule]?.syscall === name && returnWord !== policy.defaultAction;
  });
  if (!isAlike) return undefined;
  const unions = new Map<ReturnWord, Node>();
  const before: Node[] = [];
  for (const { comparisons, returnWord } of rules) {
    const union = unions.get(returnWord) ?? FALSE;
    before.push(union);
    unions.set(returnWord, or(space, allHold(space, comparisons, bits), union));
  }
  const firstPlain = rules.findIndex(({ comparisons }) => comparisons.length === 0);
  return {
    call,
    before,
    firstPlain: firstPlain < 0 ? undefined : firstPlain,
    behind: new Map(),
    plainBehind: undefined,
    next: rules.length,
  };
}

/**
 * Whether each rule of a call is needed, because it alone matches some calls and its action is not the default one. This holds
 * for rules about different values of one argument. Most calls with comparisons have such rules, and no diagram is needed.
 */
export function areAllNeeded({ policy }: HostView, { rules, bits }: NamedCall): boolean {
  if (onlyArgument(rules) === undefined) return false;
  if (rules.some(({ returnWord }) => returnWord === policy.defaultAction)) return false;
  return matchApart(rules, bits);
}

/** How the rules of a name stand to the others of their call. */
interface Standing {
  /** Whether no other rule is left. */
  readonly alone: boolean;
  /** Whether calls get the same answers without them; `undefined`: only the other rules can tell. */
  readonly spare: boolean | undefined;
  /** The first other rule without comparisons. */
  readonly plain: ArchRule | undefined;
}

/**
 * Compares the rules at the positions `from` to `to` with those before them, and with those behind them that are not gone.
 * Ask for positions in descending order.
 */
export function standingOf(
  view: HostView,
  coverage: Coverage,
  { from, to }: { readonly from: number; readonly to: number },
  gone: ReadonlySet<number>,
): Standing {
  const { space } = view;
  const { call, before, firstPlain, behind } = coverage;
  const { rules, bits } = call;
  for (; coverage.next > to + 1; coverage.next -= 1) {
    const rule = rules[coverage.next - 1];
    if (rule === undefined || gone.has(rule.rule)) continue;
    const { comparisons, returnWord } = rule;
    behind.set(returnWord, or(space, allHold(space, comparisons, bits), behind.get(returnWord) ?? FALSE));
    if (comparisons.length === 0) coverage.plainBehind = rule;
  }
  const alone = from === 0 && behind.size === 0;
  const own = rules.slice(from, to + 1);
  const ownPlain = own.find(({ comparisons }) => comparisons.length === 0);
  const isFirst = firstPlain !== undefined && firstPlain < from;
  const plain = isFirst ? rules[firstPlain] : coverage.plainBehind;
  if (plain !== undefined) {
    const wins = isFirst ? plain : (ownPlain ?? plain);
    return { alone, plain, spare: wins.returnWord === plain.returnWord };
  }
  if (ownPlain !== undefined) return { alone, plain, spare: undefined };
  const spare = own.every(({ comparisons, returnWord }) => {
    const here = allHold(space, comparisons, bits);
    const unmatched = ifThenElse(space, before[from] ?? FALSE, FALSE, here);
    return ifThenElse(space, behind.get(returnWord) ?? FALSE, FALSE, unmatched) === FALSE;
  });
  return { alone, plain, spare };
}
