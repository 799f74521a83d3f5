/**
 * What each name of each rule adds to a profile: whether calls would be answered otherwise without it, and if not, why.
 *
 * Of two names that make each other redundant the later one is, as libseccomp keeps the first. A name counts as
 * redundant only if it is so on every view that has its rule, and because of rules that name the same call and are there
 * whenever its own is.
 * @module
 */
import type { Comparison } from '../../abi/operators.ts';
import { allHold, decideCall } from '../../decision/decide-policy.ts';
import { and, countStep, FALSE, wordLeaf } from '../../decision/space.ts';
import type { Profile, ProfileRule } from '../../oci/profile.ts';
import type { ArchRule } from '../../policy/expand-policy.ts';
import type { HostView } from './host-view.ts';
import { ifDecided, type NamedCall, type NameEntry, namedCalls, nameEntries } from './named-calls.ts';
import { countsWhenever } from './rule-conditions.ts';

/**
 * Why a name adds nothing:
 *
 * - `never`: its comparisons hold for no call
 * - `moot`: it has comparisons, and a rule without decides
 * - `contradicted`: it has no comparisons, and an earlier rule without, of another action, decides
 * - `duplicate`: another rule says the same
 * - `covered`: other rules with comparisons match its calls, with its action
 */
export type RedundancyKind = 'never' | 'moot' | 'contradicted' | 'duplicate' | 'covered';

/** A name in a rule that adds nothing. */
export interface Redundancy extends Pick<NameEntry, 'rule' | 'at' | 'name'> {
  /** Why it adds nothing. */
  readonly kind: RedundancyKind;
  /** The rules that decide instead, indices into `Profile.rules`. */
  readonly by: readonly number[];
  /** A view and call in which it was found; `undefined`: the text alone tells, no view has the call. */
  readonly seen: RedundancySighting | undefined;
}

/** Where a redundancy was found. */
export interface RedundancySighting {
  /** The view that it was found in. */
  readonly view: HostView;
  /** The system call there. */
  readonly call: NamedCall;
  /** What the name was turned into for this call. */
  readonly own: readonly ArchRule[];
  /** The rule without comparisons that decides. */
  readonly plain: ArchRule | undefined;
}

/** What is known of one name. */
type Standing = 'needed' | 'unseen' | Redundancy;

/** A rule of the profile: its redundant names, and whether these are all it has. */
export interface RuleRedundancy {
  /** Index into `Profile.rules`. */
  readonly rule: number;
  /** The names that add nothing. */
  readonly names: readonly Redundancy[];
  /** Whether these are all names of the rule. */
  readonly whole: boolean;
}

/** What redundancies are looked for in. */
export interface Looked {
  readonly profile: Profile;
  readonly views: readonly HostView[];
}

/** The rules of a profile that have redundant names, in its order. */
export function findRedundancies(looked: Looked): readonly RuleRedundancy[] {
  const standings = new Map<number, Standing>();
  for (const view of looked.views) {
    const found = ifDecided(() => viewStandings(looked, view)) ?? new Map<number, Standing>();
    for (const [key, standing] of found) {
      const known = standings.get(key);
      if (known === undefined || known === 'unseen' || standing === 'needed') standings.set(key, standing);
    }
  }
  const { rules } = looked.profile;
  const earlier = new Map<string, number[]>();
  return rules.flatMap((each, rule) => {
    const all = namesOf(each);
    const names = all.flatMap((name, at) => {
      const known = standings.get(placeKey(rule, at)) ?? 'unseen';
      const before = earlier.get(name);
      if (before === undefined) earlier.set(name, [rule]);
      else before.push(rule);
      if (typeof known !== 'string') return known;
      if (known === 'needed' || before === undefined) return [];
      const same = before.slice(0, -1).find((other) => saysAsMuch(rules[other], each));
      if (same === undefined) return [];
      return { rule, at, name, kind: 'duplicate' as const, by: [same], seen: undefined };
    });
    return names.length === 0 ? [] : { rule, names, whole: names.length === all.length };
  });
}

function namesOf({ name, names }: ProfileRule): readonly string[] {
  return name === undefined || name === '' ? names : [name];
}

/** Whether two rules differ in names alone, and the first is there whenever the second is. */
function saysAsMuch(first: ProfileRule | undefined, second: ProfileRule): boolean {
  if (first === undefined || !countsWhenever(first, second)) return false;
  const words = ({ action, errnoRet, errno, args = [] }: ProfileRule): string =>
    [
      action,
      errnoRet,
      errno,
      ...args.map((arg) => `${arg.index} ${arg.op} ${arg.value} ${arg.valueTwo}`),
    ].join();
  return words(first) === words(second);
}

/** A text of 1 MiB holds fewer names. */
const MAX_NAMES = 2 ** 20;

function placeKey(rule: number, at: number): number {
  return rule * MAX_NAMES + at;
}

function viewStandings(looked: Looked, view: HostView): ReadonlyMap<number, Standing> {
  const callsByRule = new Map<number, NamedCall[]>();
  // Most calls are named once, by a rule without comparisons: nothing else answers them.
  const alone = new Set<number>();
  for (const call of namedCalls(view)) {
    const [only] = call.rules;
    if (only !== undefined && call.rules.length === 1 && only.comparisons.length === 0) {
      alone.add(only.rule);
      continue;
    }
    for (const { rule } of call.rules) {
      const known = callsByRule.get(rule);
      if (known === undefined) callsByRule.set(rule, [call]);
      else known.push(call);
    }
  }
  const gone = new Set<number>();
  const standings = new Map<number, Standing>();
  for (const entry of nameEntries(view).toReversed()) {
    const standing = entry.policyRules.some((rule) => alone.has(rule))
      ? 'needed'
      : standingOf(looked, view, entry, callsOf(entry, callsByRule), gone);
    if (typeof standing !== 'string') for (const rule of entry.policyRules) gone.add(rule);
    standings.set(placeKey(entry.rule, entry.at), standing);
  }
  return standings;
}

function callsOf(
  { policyRules }: NameEntry,
  callsByRule: ReadonlyMap<number, readonly NamedCall[]>,
): Iterable<NamedCall> {
  const [rule] = policyRules;
  if (rule !== undefined && policyRules.length === 1) return callsByRule.get(rule) ?? [];
  return new Set(policyRules.flatMap((each) => callsByRule.get(each) ?? []));
}

function standingOf(
  looked: Looked,
  view: HostView,
  entry: NameEntry,
  calls: Iterable<NamedCall>,
  gone: ReadonlySet<number>,
): Standing {
  let standing: Standing = 'unseen';
  const { rule, at, name } = entry;
  const named = { rule, at, name };
  for (const call of calls) {
    const reason = redundancyIn(looked, view, entry, call, gone);
    if (reason === undefined) return 'needed';
    if (standing === 'unseen') {
      const { kind, by, own, plain } = reason;
      standing = { ...named, kind, by, seen: { view, call, own, plain } };
    }
  }
  return standing;
}

type Reason = Pick<Redundancy, 'kind' | 'by'> & Pick<RedundancySighting, 'own' | 'plain'>;

/** Why a name adds nothing to a call; `undefined` if it does. */
function redundancyIn(
  { profile }: Looked,
  view: HostView,
  entry: NameEntry,
  { rules, bits }: NamedCall,
  gone: ReadonlySet<number>,
): Reason | undefined {
  const { space } = view;
  // Each name of a call looks at all its rules: thousands of rules for one call are too many.
  countStep(space, rules.length);
  const live = rules.filter(({ rule }) => !gone.has(rule));
  const own = live.filter(({ rule }) => entry.policyRules.includes(rule));
  const rest = live.filter(({ rule }) => !entry.policyRules.includes(rule));
  const conditions = own.map(({ comparisons }) => allHold(space, comparisons, bits));
  if (conditions.every((condition) => condition === FALSE)) {
    return { kind: 'never', by: [], own, plain: undefined };
  }
  if (rest.length === 0) return undefined;

  const ruleOf = ({ rule }: ArchRule): number => view.profileRule(rule) ?? -1;
  const lasting = rest.filter((each) => {
    const other = ruleOf(each);
    if (view.policy.rules[each.rule]?.syscall !== entry.name) return false;
    return other === entry.rule || countsWhenever(profile.rules[other], profile.rules[entry.rule]);
  });
  const defaultNode = wordLeaf(space, view.policy.defaultAction);
  const decide = (some: readonly ArchRule[]): number => decideCall(space, some, bits, defaultNode);
  if (lasting.length === 0 || decide(live) !== decide(rest)) return undefined;
  const kept = live.filter((each) => own.includes(each) || lasting.includes(each));
  if (lasting.length < rest.length && decide(kept) !== decide(lasting)) return undefined;

  const by = (some: readonly ArchRule[]): readonly number[] => [...new Set(some.map(ruleOf))];
  const plain = lasting.find(({ comparisons }) => comparisons.length === 0);
  const [first] = own;
  if (plain !== undefined && first !== undefined) {
    if (first.comparisons.length > 0) return { kind: 'moot', by: by([plain]), own, plain };
    const kind = plain.returnWord === first.returnWord ? 'duplicate' : 'contradicted';
    return { kind, by: by([plain]), own, plain };
  }
  const same = lasting.filter((each) => own.some((mine) => saysTheSame(each, mine)));
  if (own.every((mine) => same.some((each) => saysTheSame(each, mine)))) {
    return { kind: 'duplicate', by: by(same), own, plain };
  }
  const meets = lasting.filter(({ comparisons }) => {
    const theirs = allHold(space, comparisons, bits);
    return conditions.some((condition) => and(space, condition, theirs) !== FALSE);
  });
  return { kind: 'covered', by: by(meets), own, plain };
}

function saysTheSame(a: ArchRule, b: ArchRule): boolean {
  if (a.returnWord !== b.returnWord || a.comparisons.length !== b.comparisons.length) return false;
  return a.comparisons.every((one) => b.comparisons.some((other) => isSameComparison(one, other)));
}

function isSameComparison(a: Comparison, b: Comparison): boolean {
  if (a.index !== b.index || a.op !== b.op || a.value !== b.value) return false;
  return a.op !== 'maskedEq' || (a.valueTwo & a.value) === (b.valueTwo & b.value);
}

/** Whether other rules say all that a rule says, and none of them something else. */
export function isShadowed({ names, whole }: RuleRedundancy): boolean {
  return whole && names.every(({ kind }) => kind === 'duplicate' || kind === 'covered');
}
