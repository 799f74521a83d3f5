/**
 * All dated profiles at once: how much of a profile each of them says too.
 *
 * The index is made from the stored edits. Profiles share most of their lines, and rules most of their conditions, so that
 * making it costs little more than reading the edits.
 * @module
 */
import { capabilitySets } from '../../abi/capabilities.ts';
import type { Profile } from '../../oci/profile.ts';
import { resolveProfile } from '../../oci/resolve-profile.ts';
import { datedProfiles } from './dated-profiles.generated.ts';
import { editedLines, type LineEdit, lineEdits, profileFromLines, startsRule } from './profile-lines.ts';
import { datedProfile } from './releases.ts';
import { type Fact, type Facts, keyOf } from './rule-facts.ts';

/**
 * How a default stands in a copy: `whole`, with its conditions; `resolved`, as its engine hands it to a runtime on x86_64
 * for a container with Docker's capabilities.
 */
export type CopyForm = 'whole' | 'resolved';

export const copyForms: readonly CopyForm[] = ['whole', 'resolved'];

/** The machine that `resolved` is for; its kernel has all that defaults ask for. */
const RESOLVED_FOR = {
  arch: 'x86_64',
  kernel: { kernel: 6, major: 18 },
  capabilities: capabilitySets.docker,
} as const;

/** A default as it stands in copies of a form. */
export function datedInForm(profile: number, form: CopyForm): Profile {
  const whole = datedProfile(profile);
  return form === 'whole' ? whole : resolved(whole);
}

function resolved(profile: Profile): Profile {
  const { seccomp } = resolveProfile(profile, RESOLVED_FOR);
  if (seccomp === undefined) return profile;
  const { syscalls = [], refusals: _, ...head } = seccomp;
  return { dialect: 'oci', ...head, rules: syscalls.map((rule) => ({ ...rule, names: rule.names ?? [] })) };
}

/** A rule, by its key. */
interface NumberedRule {
  readonly number: number;
  /** By call: the number of the fact that the rule states of it. */
  readonly facts: Map<string, number>;
}

interface Index {
  /** By key. */
  readonly rules: ReadonlyMap<string, NumberedRule>;
  /** By number of the profile. */
  readonly steps: readonly Step[];
  /** How many facts there are. */
  readonly count: number;
}

/** A profile, as what it says more and less than an older one. */
interface Step {
  /** The number of the older one; -1: it is compared with an empty profile. */
  readonly older: number;
  /** Numbers of facts, each once. */
  readonly gained: readonly number[];
  readonly lost: readonly number[];
  /** How many facts the profile states, each once. */
  readonly size: number;
}

const made = new Map<CopyForm, Index>();

/** One a form: most profiles are compared in one form only. */
function indexOf(form: CopyForm): Index {
  const index = made.get(form) ?? makeIndex(form);
  made.set(form, index);
  return index;
}

function makeIndex(form: CopyForm): Index {
  const reader = new LineReader(form);
  const read: ReadLines[] = [];
  const steps: Step[] = [];
  for (const [edited, edits] of datedProfiles) {
    const lines = reader.read(read[edited] ?? NO_LINES, lineEdits(edits));
    const older = lines.isChanged ? edited : -1;
    read.push(lines);
    steps.push(stepBetween(older, read[older] ?? NO_LINES, lines, steps[older]?.size ?? 0));
  }
  return { rules: reader.rules, count: reader.count, steps };
}

/** In place of a fact: the line states none, because it is the head, or because its rule does not apply. */
const NO_FACT = -1;
/** In place of a fact: the line starts a rule. */
const RULE = -2;

/** A profile's lines; by line its fact, and the number of the rule that it starts or stands in. */
interface ReadLines {
  readonly texts: readonly string[];
  readonly facts: Int32Array;
  readonly rules: Int32Array;
  /** By fact: how many lines state it. What a profile says twice is one fact. */
  readonly times: Uint16Array;
  /** The facts that lines of the older profile or of this one state, but not lines of both; some more than once. */
  readonly touched: readonly number[];
  /** Whether `touched` is held against the older profile; else against an empty one. */
  readonly isChanged: boolean;
}

const NO_LINES: ReadLines = {
  texts: [],
  facts: new Int32Array(),
  rules: new Int32Array(),
  times: new Uint16Array(),
  touched: [],
  isChanged: false,
};
/** Of the head, and of rules that do not apply. */
const NO_RULE = -1;

function stepBetween(older: number, before: ReadLines, { times, touched }: ReadLines, size: number): Step {
  const [gained, lost]: [number[], number[]] = [[], []];
  for (const fact of new Set(touched)) {
    const [was, is] = [(before.times[fact] ?? 0) > 0, (times[fact] ?? 0) > 0];
    if (is && !was) gained.push(fact);
    if (was && !is) lost.push(fact);
  }
  return { older, gained, lost, size: size + gained.length - lost.length };
}

/**
 * Reads the lines of one profile after the other, and numbers the rules and the facts. Most lines are lines of the older
 * profile and say what they say there: they are copied, and only the others are looked at.
 */
class LineReader {
  readonly rules = new Map<string, NumberedRule>();
  count = 0;
  readonly #form: CopyForm;
  readonly #byNumber: NumberedRule[] = [];
  readonly #known = new Map<string, number>();

  constructor(form: CopyForm) {
    this.#form = form;
  }

  read(older: ReadLines, edits: readonly LineEdit[]): ReadLines {
    const texts = editedLines(older.texts, edits);
    // Which engine resolves a rule depends on the head.
    const isChanged = this.#form === 'whole' || texts[0] === older.texts[0];
    const lines: Reading = {
      texts,
      facts: new Int32Array(texts.length),
      rules: new Int32Array(texts.length),
      // Room for as many facts as the new lines can state.
      times: new Uint16Array(this.count + texts.length),
      touched: [],
      isChanged,
    };
    if (isChanged) lines.times.set(older.times.subarray(0, this.count));
    else for (let at = 0; at < texts.length; at += 1) this.#readLine(lines, at);
    let [at, next] = [0, 0];
    for (const edit of isChanged ? edits : []) {
      if ('added' in edit) {
        for (const _ of edit.added) this.#readLine(lines, at++);
        continue;
      }
      const [from, to] = edit.kept;
      for (; next < from; next += 1) lose(lines, older.facts[next] ?? NO_FACT);
      lines.facts.set(older.facts.subarray(from, to), at);
      lines.rules.set(older.rules.subarray(from, to), at);
      this.#readMoved(lines, at, at + to - from);
      at += to - from;
      next = to;
    }
    for (; isChanged && next < older.facts.length; next += 1) lose(lines, older.facts[next] ?? NO_FACT);
    return lines;
  }

  /** Calls that were kept, but stand in another rule now: up to the next rule. */
  #readMoved(lines: Reading, from: number, to: number): void {
    const rule = lines.rules[from - 1] ?? NO_RULE;
    for (let at = from; at < to && lines.facts[at] !== RULE && lines.rules[at] !== rule; at += 1) {
      lose(lines, lines.facts[at] ?? NO_FACT);
      this.#readLine(lines, at);
    }
  }

  #readLine(lines: Reading, at: number): void {
    const { texts, facts, rules, times, touched } = lines;
    const [head = ''] = texts;
    const text = texts[at] ?? '';
    const rule = rules[at - 1] ?? NO_RULE;
    const starts = at > 0 && startsRule(text);
    rules[at] = starts ? this.#ruleOf(head, text) : rule;
    const fact = starts ? RULE : this.#factOf(rule, text);
    facts[at] = fact;
    if (fact < 0) return;
    times[fact] = (times[fact] ?? 0) + 1;
    touched.push(fact);
  }

  #ruleOf(head: string, line: string): number {
    const text = this.#form === 'whole' ? line : `${head}${line}`;
    const known = this.#known.get(text);
    if (known !== undefined) return known;
    const key = keyOfLine(head, line, this.#form);
    const rule = key === undefined ? NO_RULE : this.#ruleOfKey(key).number;
    this.#known.set(text, rule);
    return rule;
  }

  #ruleOfKey(key: string): NumberedRule {
    const known = this.rules.get(key);
    if (known !== undefined) return known;
    const rule = { number: this.rules.size, facts: new Map<string, number>() };
    this.rules.set(key, rule);
    this.#byNumber.push(rule);
    return rule;
  }

  #factOf(rule: number, call: string): number {
    const facts = this.#byNumber[rule]?.facts;
    const known = facts?.get(call);
    if (facts === undefined || known !== undefined) return known ?? NO_FACT;
    facts.set(call, this.count);
    this.count += 1;
    return this.count - 1;
  }
}

/** Lines while they are read. */
interface Reading extends ReadLines {
  readonly touched: number[];
}

function lose({ times, touched }: Reading, fact: number): void {
  if (fact < 0) return;
  times[fact] = (times[fact] ?? 0) - 1;
  touched.push(fact);
}

/** A rule's key; `undefined` where it does not apply. */
function keyOfLine(head: string, line: string, form: CopyForm): string | undefined {
  const profile = profileFromLines([head, line, 'read']);
  const [rule] = (form === 'whole' ? profile : resolved(profile)).rules;
  return rule === undefined ? undefined : keyOf(rule);
}

/** A dated profile beside another one. */
export interface Likeness {
  readonly profile: number;
  readonly form: CopyForm;
  /** Facts that only one of the two has. */
  readonly distance: number;
  /** What is common, of all that one of the two says; 0 to 1. */
  readonly similarity: number;
}

/** How like a profile all dated ones are, by number, in the forms that are asked for. */
export function likenesses(facts: Facts, forms: readonly CopyForm[]): readonly Likeness[] {
  return forms.flatMap((form) => {
    const index = indexOf(form);
    const { asked, own } = askedFacts(facts, index);
    const shared: number[] = [];
    return index.steps.map(({ older, gained, lost, size }, profile) => {
      let common = shared[older] ?? 0;
      for (const fact of gained) common += asked[fact] ?? 0;
      for (const fact of lost) common -= asked[fact] ?? 0;
      shared.push(common);
      const distance = own + size - 2 * common;
      return { profile, form, distance, similarity: common === 0 ? 0 : common / (common + distance) };
    });
  });
}

/** By fact of the index: 1 if the profile states it; and how many facts the profile states. */
function askedFacts(
  facts: Facts,
  { rules, count }: Index,
): { readonly asked: Uint8Array; readonly own: number } {
  const asked = new Uint8Array(count);
  let own = 0;
  // Calls of one rule follow each other.
  let last: Fact | undefined;
  let numbered: NumberedRule | undefined;
  for (const [call, list] of facts) {
    own += list.length;
    for (const each of list) {
      if (each !== last) numbered = rules.get(each.key);
      last = each;
      const fact = numbered?.facts.get(call);
      if (fact !== undefined) asked[fact] = 1;
    }
  }
  return { asked, own };
}
