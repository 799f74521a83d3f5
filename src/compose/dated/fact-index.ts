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
import { type Facts, keyOf } from './rule-facts.ts';

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
  /** By number of the profile: the numbers of its facts, each once. */
  readonly profiles: readonly Int32Array[];
  /** How many facts there are. */
  readonly count: number;
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
  for (const [edited, edits] of datedProfiles) {
    read.push(reader.read(read[edited] ?? NO_LINES, lineEdits(edits)));
  }
  const { rules, count } = reader;
  return { rules, count, profiles: read.map(({ facts }) => distinctFacts(facts, count)) };
}

/** In place of a fact: the line states none, because it is the head, or because its rule does not apply. */
const NO_FACT = -1;
/** In place of a fact: the line starts a rule. */
const RULE = -2;
/** In place of a fact: not read yet. */
const UNREAD = -3;

/** What a profile says twice is one fact. */
function distinctFacts(facts: Int32Array, count: number): Int32Array {
  const distinct = new Int32Array(facts.length);
  const seen = new Uint8Array(count);
  let size = 0;
  for (let at = 0; at < facts.length; at += 1) {
    const fact = facts[at] ?? NO_FACT;
    if (fact < 0 || seen[fact] === 1) continue;
    seen[fact] = 1;
    distinct[size] = fact;
    size += 1;
  }
  return distinct.slice(0, size);
}

/** A profile's lines; by line its fact, and the number of the rule that it starts or stands in. */
interface ReadLines {
  readonly texts: readonly string[];
  readonly facts: Int32Array;
  readonly rules: Int32Array;
}

const NO_LINES: ReadLines = { texts: [], facts: new Int32Array(), rules: new Int32Array() };
/** Of the head, and of rules that do not apply. */
const NO_RULE = -1;

/** Reads the lines of one profile after the other, and numbers the rules and the facts. */
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
    const lines = this.#copyKept(older, edits);
    const { facts, rules } = lines;
    let rule = NO_RULE;
    for (let at = 0; at < facts.length; at += 1) {
      // A call that was kept may stand in another rule now.
      if (facts[at] === UNREAD || (facts[at] !== RULE && rules[at] !== rule)) this.#readLine(lines, at, rule);
      rule = rules[at] ?? NO_RULE;
    }
    return lines;
  }

  /** Most lines are lines of the older profile, and say what they say there. */
  #copyKept(older: ReadLines, edits: readonly LineEdit[]): ReadLines {
    const texts = editedLines(older.texts, edits);
    const facts = new Int32Array(texts.length).fill(UNREAD);
    const rules = new Int32Array(texts.length);
    // Which engine resolves a rule depends on the head.
    const saysTheSame = this.#form === 'whole' || texts[0] === older.texts[0];
    let at = 0;
    for (const edit of saysTheSame ? edits : []) {
      if ('added' in edit) at += edit.added.length;
      else {
        const [from, to] = edit.kept;
        facts.set(older.facts.subarray(from, to), at);
        rules.set(older.rules.subarray(from, to), at);
        at += to - from;
      }
    }
    return { texts, facts, rules };
  }

  #readLine({ texts, facts, rules }: ReadLines, at: number, rule: number): void {
    const [head = ''] = texts;
    const text = texts[at] ?? '';
    const starts = at > 0 && startsRule(text);
    rules[at] = starts ? this.#ruleOf(head, text) : rule;
    facts[at] = starts ? RULE : this.#factOf(rule, text);
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
    const { rules, profiles, count } = indexOf(form);
    const asked = new Uint8Array(count);
    let own = 0;
    for (const [call, list] of facts) {
      own += list.length;
      for (const { key } of list) {
        const fact = rules.get(key)?.facts.get(call);
        if (fact !== undefined) asked[fact] = 1;
      }
    }
    return profiles.map((theirs, profile) => {
      let shared = 0;
      for (const fact of theirs) shared += asked[fact] ?? 0;
      const distance = own + theirs.length - 2 * shared;
      return { profile, form, distance, similarity: shared === 0 ? 0 : shared / (shared + distance) };
    });
  });
}
