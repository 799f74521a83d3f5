/**
 * What each name of each rule adds to a profile: whether calls would be answered otherwise without it, and if not, why.
 *
 * If two names make each other redundant, the later one counts as redundant, because libseccomp keeps the first. A name is
 * redundant only if this holds on every view that has its rule. The rules that make it so must name the same call, and must apply
 * whenever its own rule does.
 * @module
 */
import type { Comparison } from '../../abi/operators.ts';
import { allHold, decideCall } from '../../decision/decide-policy.ts';
import { clearRoom, isFull, openRoom } from '../../decision/node-room.ts';
import { and, countStep, FALSE, wordLeaf } from '../../decision/space.ts';
import type { Profile, ProfileRule } from '../../oci/profile.ts';
import { countsWhenever } from '../../oci/resolve/rule-conditions.ts';
import type { ArchRule } from '../../policy/expand-policy.ts';
import { areAllNeeded, type Coverage, coverageOf, standingOf } from './call-coverage.ts';
import { isDecided } from './call-meaning.ts';
import type { HostView } from './host-view.ts';
import {
  ifDecided,
  isFrom,
  type NamedCall,
  type NameEntry,
  nameEntries,
  sortedCalls,
} from './named-calls.ts';
import { createRepeats } from './repeated-names.ts';

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
  /** A view and a call in which it was found; `undefined`: no view has the call, and it was found in the text alone. */
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
  /** The rule without comparisons that decides there. */
  readonly plain: ArchRule | undefined;
}

/** What is known of one name. */
type Standing = 'needed' | 'unseen' | Redundancy;

/** The redundant names of a rule of the profile. */
export interface RuleRedundancy {
  /** Index into `Profile.rules`. */
  readonly rule: number;
  /** The names that add nothing. */
  readonly names: readonly Redundancy[];
  /** Whether these are all names of the rule. */
  readonly whole: boolean;
}

/** Where redundancies are looked for. */
interface Looked {
  readonly profile: Profile;
  readonly views: readonly HostView[];
}

/** The rules of a profile that have redundant names, in its order. */
export function findRedundancies(looked: Looked): readonly RuleRedundancy[] {
  const standings = looked.views
    .flatMap((view) => [ifDecided(() => viewStandings(looked, view)) ?? []])
    .reduce(together, noStandings(looked.profile));
  const { rules } = looked.profile;
  const repeats = createRepeats(rules);
  return rules.flatMap((each, rule) => {
    const all = namesOf(each);
    const names: Redundancy[] = [];
    for (let at = 0; at < all.length; at += 1) {
      const name = all[at] ?? '';
      const known = standings[rule]?.[at] ?? 'unseen';
      const other = repeats.add(name, rule, known === 'unseen');
      if (typeof known !== 'string') names.push(known);
      else if (other !== undefined)
        names.push({ rule, at, name, kind: 'duplicate', by: [other], seen: undefined });
    }
    return names.length === 0 ? [] : { rule, names, whole: names.length === all.length };
  });
}

function namesOf({ name, names }: ProfileRule): readonly string[] {
  return name === undefined || name === '' ? names : [name];
}

/** By index into `Profile.rules`, then by index into the rule's names; `undefined`: no view has the name. */
type Standings = readonly (Standing | undefined)[][];

function noStandings({ rules }: Profile): Standings {
  return rules.map((rule) => new Array<Standing | undefined>(namesOf(rule).length));
}

/** Adds a view's standings to those of other views: a name that is needed on one view is needed. @param all - changed */
function together(all: Standings, ofView: Standings): Standings {
  for (const [rule, found] of ofView.entries()) {
    const known = all[rule] ?? [];
    for (let at = 0; at < found.length; at += 1) {
      const standing = found[at];
      if (standing === undefined) continue;
      if (known[at] === undefined || known[at] === 'unseen' || standing === 'needed') known[at] = standing;
    }
  }
  return all;
}

function viewStandings(looked: Looked, view: HostView): Standings {
  // The numbers are decided before the room is opened, because others need them after it is cleared.
  view.meaningOn(view.policy.architectures[0]);
  const room = openRoom(view.space);
  try {
    return standingsOf(looked, view);
  } finally {
    // Nobody else needs the diagrams that were made here.
    if (isFull(room)) clearRoom(room, []);
  }
}

function standingsOf(looked: Looked, view: HostView): Standings {
  const shared: (NamedCall[] | undefined)[] = [];
  // A rule that is alone is needed: no other rule answers its calls.
  const { shared: calls, alone } = sortedCalls(view);
  const needed = Uint8Array.from(alone);
  for (const call of calls) {
    const isClear = areAllNeeded(view, call);
    for (const { rule } of call.rules) {
      if (isClear) needed[rule] = 1;
      const known = shared[rule];
      if (known === undefined) shared[rule] = [call];
      else known.push(call);
    }
  }
  const search: Search = { looked, view, gone: new Set(), deciding: new Set(), coverages: new Map() };
  const standings = noStandings(looked.profile);
  const entries = nameEntries(view);
  for (let i = entries.length - 1; i >= 0; i -= 1) {
    const entry = entries[i];
    if (entry === undefined) continue;
    const isNeeded = entry.policyRules.some((rule) => needed[rule] === 1 || search.deciding.has(rule));
    const standing = isNeeded ? 'needed' : standingIn(search, entry, callsOf(entry, shared));
    const ofRule = standings[entry.rule];
    if (ofRule !== undefined) ofRule[entry.at] = standing;
  }
  return standings;
}

function callsOf(
  { policyRules }: NameEntry,
  shared: readonly (readonly NamedCall[] | undefined)[],
): Iterable<NamedCall> {
  const [rule] = policyRules;
  if (rule !== undefined && policyRules.length === 1) return shared[rule] ?? [];
  return new Set(policyRules.flatMap((each) => shared[each] ?? []));
}

/** A pass over the names of a view, from the last to the first. */
interface Search {
  readonly looked: Looked;
  readonly view: HostView;
  /** Rules of names that were found to say nothing that others do not say; indices into `Policy.rules`. */
  readonly gone: Set<number>;
  /**
   * The rules that decide in place of names that were found to be overruled; indices into `Policy.rules`. They are needed,
   * though others may say the same: a name that is overruled decides as soon as the rule is gone that overrules it.
   */
  readonly deciding: Set<number>;
  /** By call, once it was asked for. */
  readonly coverages: Map<NamedCall, Coverage | undefined>;
}

function standingIn(search: Search, entry: NameEntry, calls: Iterable<NamedCall>): Standing {
  let standing: Standing = 'unseen';
  const { rule, at, name } = entry;
  const named = { rule, at, name };
  const deciding: number[] = [];
  for (const call of calls) {
    const reason = isDecided(search.view, call) ? redundancyIn(search, entry, call) : undefined;
    if (reason === undefined) return 'needed';
    const { kind, by, own, plain, lasting } = reason;
    if (lasting !== undefined && isOverruled(reason)) deciding.push(lasting.rule);
    if (standing === 'unseen')
      standing = { ...named, kind, by, seen: { view: search.view, call, own, plain } };
  }
  for (const each of deciding) search.deciding.add(each);
  if (standing !== 'unseen') for (const each of entry.policyRules) search.gone.add(each);
  return standing;
}

interface Reason extends Pick<Redundancy, 'kind' | 'by'>, Pick<RedundancySighting, 'own' | 'plain'> {
  /** A rule without comparisons that decides instead wherever the name applies. */
  readonly lasting: ArchRule | undefined;
}

/** Why a name adds nothing to a call; `undefined` if it does. */
function redundancyIn(search: Search, entry: NameEntry, call: NamedCall): Reason | undefined {
  const { looked, view, gone, coverages } = search;
  const { space } = view;
  const { rules, bits } = call;
  if (!coverages.has(call)) coverages.set(call, coverageOf(looked.profile, view, call));
  const coverage = coverages.get(call);
  let isSpare = false;
  const range = coverage === undefined ? undefined : rangeOf(rules, entry.policyRules);
  if (coverage !== undefined && range !== undefined) {
    const own = rules.slice(range.from, range.to + 1);
    if (own.every(({ comparisons }) => allHold(space, comparisons, bits) === FALSE)) return neverHolds(own);
    const { alone, spare, plain } = standingOf(view, coverage, range, gone);
    if (alone || spare === false) return undefined;
    if (spare === true && plain !== undefined) return overruled(view, own, plain);
    isSpare = spare === true;
  }
  // Each name of a call looks at all rules of the call. With thousands of rules that is too much work.
  countStep(space, rules.length);
  const live = rules.filter(({ rule }) => !gone.has(rule));
  const own = live.filter(({ rule }) => isFrom(entry, rule));
  const rest = live.filter(({ rule }) => !isFrom(entry, rule));
  if (isSpare) return coveredBy(view, call, own, rest);
  return redundancyAmong(search, entry, call, { live, own, rest });
}

/** The positions of a name's rules among those of a call: they stand together, and rules are in ascending order. */
function rangeOf(
  rules: readonly ArchRule[],
  policyRules: readonly number[],
): { readonly from: number; readonly to: number } | undefined {
  const first = policyRules[0] ?? -1;
  let from = 0;
  for (let end = rules.length; from < end; ) {
    const middle = (from + end) >>> 1;
    if ((rules[middle]?.rule ?? -1) < first) from = middle + 1;
    else end = middle;
  }
  let to = from - 1;
  const last = policyRules.at(-1) ?? -1;
  while ((rules[to + 1]?.rule ?? Number.POSITIVE_INFINITY) <= last) to += 1;
  return to < from ? undefined : { from, to };
}

interface Parts {
  /** The rules that were not found to add nothing. */
  readonly live: readonly ArchRule[];
  /** Those of `live` that are rules of the name. */
  readonly own: readonly ArchRule[];
  /** All others of `live`. */
  readonly rest: readonly ArchRule[];
}

function redundancyAmong(
  { looked: { profile }, view }: Search,
  entry: NameEntry,
  call: NamedCall,
  { live, own, rest }: Parts,
): Reason | undefined {
  const { space } = view;
  const { bits } = call;
  if (own.every(({ comparisons }) => allHold(space, comparisons, bits) === FALSE)) return neverHolds(own);
  if (rest.length === 0) return undefined;
  const lasting = rest.filter((each) => {
    const other = ruleOf(view, each);
    if (view.policy.rules[each.rule]?.syscall !== entry.name) return false;
    return other === entry.rule || countsWhenever(profile.rules[other], profile.rules[entry.rule]);
  });
  const defaultNode = wordLeaf(space, view.policy.defaultAction);
  const decide = (some: readonly ArchRule[]): number => decideCall(space, some, bits, defaultNode);
  if (lasting.length === 0 || decide(live) !== decide(rest)) return undefined;
  const kept = live.filter((each) => own.includes(each) || lasting.includes(each));
  if (lasting.length < rest.length && decide(kept) !== decide(lasting)) return undefined;

  const plain = lasting.find(({ comparisons }) => comparisons.length === 0);
  if (plain === undefined) return coveredBy(view, call, own, lasting);
  return overruledHere(view, own, plain, rest);
}

/** Why rules are redundant that others answer together: another says the same, or others cover them (all that overlap). */
function coveredBy(
  view: HostView,
  { bits }: NamedCall,
  own: readonly ArchRule[],
  lasting: readonly ArchRule[],
): Reason {
  const { space } = view;
  const same = lasting.filter((each) => own.some((mine) => saysTheSame(each, mine)));
  if (own.every((mine) => same.some((each) => saysTheSame(each, mine)))) {
    return { kind: 'duplicate', by: rulesOf(view, same), own, plain: undefined, lasting: undefined };
  }
  const conditions = own.map(({ comparisons }) => allHold(space, comparisons, bits));
  const meets = lasting.filter(({ comparisons }) => {
    const theirs = allHold(space, comparisons, bits);
    return conditions.some((condition) => and(space, condition, theirs) !== FALSE);
  });
  return { kind: 'covered', by: rulesOf(view, meets), own, plain: undefined, lasting: undefined };
}

function neverHolds(own: readonly ArchRule[]): Reason {
  return { kind: 'never', by: [], own, plain: undefined, lasting: undefined };
}

/**
 * As {@link overruled}. Another rule may come first on this view that does not always apply. What is said of a call must be what
 * it gets here.
 *
 * @returns `undefined` if that is what the name says
 */
function overruledHere(
  view: HostView,
  own: readonly ArchRule[],
  lasting: ArchRule,
  rest: readonly ArchRule[],
): Reason | undefined {
  const reason = overruled(view, own, lasting);
  const first = rest.find(({ comparisons }) => comparisons.length === 0) ?? lasting;
  if (reason.kind === 'duplicate' || first.returnWord === lasting.returnWord) return reason;
  const here = overruled(view, own, first);
  if (here.kind !== reason.kind) return undefined;
  return { ...here, by: rulesOf(view, [first, lasting]), lasting };
}

/** A rule without comparisons decides instead. */
function overruled(view: HostView, own: readonly ArchRule[], plain: ArchRule): Reason {
  const by = rulesOf(view, [plain]);
  const [first] = own;
  const isMoot = first !== undefined && first.comparisons.length > 0;
  const kind = isMoot ? 'moot' : plain.returnWord === first?.returnWord ? 'duplicate' : 'contradicted';
  return { kind, by, own, plain, lasting: plain };
}

function ruleOf(view: HostView, { rule }: ArchRule): number {
  return view.profileRule(rule) ?? -1;
}

/** The rules of the profile that these rules came from, each once. */
function rulesOf(view: HostView, some: readonly ArchRule[]): readonly number[] {
  return [...new Set(some.map((each) => ruleOf(view, each)))];
}

function saysTheSame(a: ArchRule, b: ArchRule): boolean {
  if (a.returnWord !== b.returnWord || a.comparisons.length !== b.comparisons.length) return false;
  return a.comparisons.every((one) => b.comparisons.some((other) => isSameComparison(one, other)));
}

function isSameComparison(a: Comparison, b: Comparison): boolean {
  if (a.index !== b.index || a.op !== b.op || a.value !== b.value) return false;
  return a.op !== 'maskedEq' || (a.valueTwo & a.value) === (b.valueTwo & b.value);
}

function isOverruled({ kind }: Reason): boolean {
  return kind === 'contradicted' || kind === 'moot';
}

/** Whether other rules say all that a rule says, and none of them something else. */
export function isShadowed({ names, whole }: RuleRedundancy): boolean {
  return whole && names.every(({ kind }) => kind === 'duplicate' || kind === 'covered');
}
