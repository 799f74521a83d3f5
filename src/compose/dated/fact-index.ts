/**
 * All dated profiles at once: how much each of them has in common with a profile.
 *
 * The index comes with the package: making it from the stored edits would take longer than all questions to it.
 * @module
 */
import { recentAnswers } from '../../recent-answers.ts';
import type { CopyForm } from './copy-form.ts';
import { factIndex } from './fact-index.generated.ts';
import type { Fact, RuleFacts } from './rule-facts.ts';

/** A rule that profiles have, and the calls that it names in any of them: each is a fact, with a number of its own. */
interface DatedRule {
  /** The number of the first fact; the others follow in the order of the calls. */
  readonly first: number;
  readonly calls: string;
  /** By call; made for the rules that a profile has too. */
  numbers: ReadonlyMap<string, number> | undefined;
}

interface Index {
  /** By key. */
  readonly rules: ReadonlyMap<string, DatedRule>;
  /** As it is stored. */
  readonly profiles: readonly number[];
  /** How many facts there are. */
  readonly count: number;
}

const read = new Map<CopyForm, Index>();

/** The index of a form, read once: most profiles are compared in one form only. */
function indexOf(form: CopyForm): Index {
  const index = read.get(form) ?? readIndex(form);
  read.set(form, index);
  return index;
}

function readIndex(form: CopyForm): Index {
  const { rules: text, profiles, facts: count } = factIndex[form];
  const rules = new Map<string, DatedRule>();
  // The text starts with the end of a line. Words by position: to take a list apart makes an object for each of its parts.
  const rows = text.slice(1).split('\n');
  rows.forEach((row) => {
    const cells = row.split('\t');
    const first = Number.parseInt(cells[0] ?? '', 36);
    rules.set(cells[1] ?? '', { first, calls: cells[2] ?? '', numbers: undefined });
  });
  return { rules, profiles, count };
}

/** A dated profile beside another one. */
export interface Likeness {
  readonly profile: number;
  readonly form: CopyForm;
  /** Facts that only one of the two has. */
  readonly distance: number;
  /** Common facts, as a share of all facts of the two; 0 to 1. */
  readonly similarity: number;
}

/** How like a profile all dated ones are, by number, in the forms that are asked for. */
export function likenesses(facts: RuleFacts, forms: readonly CopyForm[]): readonly Likeness[] {
  const found: Likeness[] = [];
  for (const form of forms) {
    const { profiles } = indexOf(form);
    const { below, own } = askedFacts(facts, form);
    const shared: number[] = [];
    for (let at = 0; at < profiles.length; ) {
      const { older, size, gained, lost, next } = stepAt(profiles, at);
      const common = (shared[older] ?? 0) + countIn(profiles, gained, below) - countIn(profiles, lost, below);
      const profile = shared.push(common) - 1;
      const distance = own + size - 2 * common;
      found.push({ profile, form, distance, similarity: common === 0 ? 0 : common / (common + distance) });
      at = next;
    }
  }
  return found;
}

/** A profile in the index; its lists of ranges are where their lengths are. */
interface Step {
  readonly older: number;
  readonly size: number;
  readonly gained: number;
  readonly lost: number;
  /** Where the next profile is. */
  readonly next: number;
}

function stepAt(profiles: readonly number[], at: number): Step {
  const gained = at + 2;
  const lost = gained + 1 + (profiles[gained] ?? 0);
  const next = lost + 1 + (profiles[lost] ?? 0);
  return { older: profiles[at] ?? -1, size: profiles[at + 1] ?? 0, gained, lost, next };
}

/** How many facts of a list of ranges are asked for. */
function countIn(profiles: readonly number[], list: number, below: Uint16Array): number {
  let count = 0;
  const end = list + (profiles[list] ?? 0);
  for (let at = list + 1; at <= end; at += 2) {
    count += (below[profiles[at + 1] ?? 0] ?? 0) - (below[profiles[at] ?? 0] ?? 0);
  }
  return count;
}

/** The facts of a profile among those of the index. */
interface AskedFacts {
  /** By fact of the index: how many below it the profile states. */
  readonly below: Uint16Array;
  /** How many facts the profile states in all. */
  readonly own: number;
  /** The calls of facts that no dated profile states. */
  readonly unknown: readonly string[];
}

/** In each form that was asked for: of the last profile, because what changed is asked after what is alike. */
const askedForms = recentAnswers(1, (_: RuleFacts) => new Map<CopyForm, AskedFacts>());

function askedFacts(facts: RuleFacts, form: CopyForm): AskedFacts {
  const forms = askedForms(facts);
  const found = forms.get(form) ?? findFacts(facts, indexOf(form));
  forms.set(form, found);
  return found;
}

function findFacts(facts: RuleFacts, { rules, count }: Index): AskedFacts {
  const below = new Uint16Array(count + 1);
  const unknown: string[] = [];
  let own = 0;
  // Calls of one rule follow each other.
  let last: Fact | undefined;
  let numbers: ReadonlyMap<string, number> | undefined;
  facts.forEach((list, call) => {
    own += list.length;
    list.forEach((each) => {
      if (each !== last) numbers = numbersOf(rules.get(each.key));
      last = each;
      const fact = numbers?.get(call);
      if (fact === undefined) unknown.push(call);
      else below[fact + 1] = 1;
    });
  });
  for (let at = 1; at <= count; at += 1) below[at] = (below[at] ?? 0) + (below[at - 1] ?? 0);
  return { below, own, unknown };
}

function numbersOf(rule: DatedRule | undefined): ReadonlyMap<string, number> | undefined {
  if (rule === undefined) return undefined;
  if (rule.numbers === undefined) {
    const numbers = new Map<string, number>();
    rule.calls.split(' ').forEach((call, at) => {
      numbers.set(call, rule.first + at);
    });
    rule.numbers = numbers;
  }
  return rule.numbers;
}

/** By call: the rules that name it, each as a text that equal rules share. */
export type StatedFacts = ReadonlyMap<string, readonly Pick<Fact, 'key'>[]>;

const stated = new Map<string, StatedFacts>();

/** What a dated profile states, as `factsOf` has it of a profile that was read. Few are asked for, and often. */
export function statedFacts(profile: number, form: CopyForm): StatedFacts {
  const key = `${form} ${profile}`;
  const facts = stated.get(key) ?? listFacts(profile, form);
  stated.set(key, facts);
  return facts;
}

function listFacts(profile: number, form: CopyForm): StatedFacts {
  const { rules } = indexOf(form);
  const isStated = statedBy(profile, form);
  const facts = new Map<string, Pick<Fact, 'key'>[]>();
  rules.forEach(({ first, calls }, key) => {
    const fact = { key };
    calls.split(' ').forEach((call, at) => {
      if (isStated[first + at] !== 1) return;
      const list = facts.get(call);
      if (list === undefined) facts.set(call, [fact]);
      else list.push(fact);
    });
  });
  return facts;
}

const marked = new Map<string, Uint8Array>();

/** By fact: 1 if a dated profile states it. Few profiles are asked for, and often. */
function statedBy(profile: number, form: CopyForm): Uint8Array {
  const key = `${form} ${profile}`;
  const isStated = marked.get(key) ?? markStated(profile, indexOf(form));
  marked.set(key, isStated);
  return isStated;
}

function markStated(profile: number, { profiles, count }: Index): Uint8Array {
  const starts: number[] = [];
  for (let at = 0; at < profiles.length; at = stepAt(profiles, at).next) starts.push(at);
  const isStated = new Uint8Array(count);
  const mark = (number: number): void => {
    const start = starts[number];
    if (start === undefined) return;
    const { older, gained, lost } = stepAt(profiles, start);
    mark(older);
    fillRanges(isStated, profiles, gained, 1);
    fillRanges(isStated, profiles, lost, 0);
  };
  mark(profile);
  return isStated;
}

function fillRanges(facts: Uint8Array, profiles: readonly number[], list: number, value: 0 | 1): void {
  const end = list + (profiles[list] ?? 0);
  for (let at = list + 1; at <= end; at += 2) facts.fill(value, profiles[at], profiles[at + 1]);
}

/**
 * The calls of which a profile says something else than a dated one.
 *
 * It takes no list of what the dated one states: the facts that only one of the two states are few.
 */
export function changedCalls(facts: RuleFacts, profile: number, form: CopyForm): ReadonlySet<string> {
  const { below, unknown } = askedFacts(facts, form);
  const isStated = statedBy(profile, form);
  const changed = new Set(unknown);
  for (let fact = 0; fact < isStated.length; fact += 1) {
    const isAsked = (below[fact + 1] ?? 0) - (below[fact] ?? 0);
    if (isAsked !== isStated[fact]) changed.add(callOfFact(indexOf(form), fact));
  }
  return changed;
}

function callOfFact({ rules }: Index, fact: number): string {
  const rule = [...rules.values()].findLast(({ first }) => first <= fact);
  return rule?.calls.split(' ')[fact - rule.first] ?? '';
}
