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
import { type LineEdit, lineEdits, profileFromLines, startsRule } from './profile-lines.ts';
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

/** By call: the number of the fact that a rule states of it. Rules with one key share it. */
type RuleFacts = Map<string, number>;

interface Index {
  /** By key. */
  readonly rules: ReadonlyMap<string, RuleFacts>;
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
  const profiles: (readonly ReadLine[])[] = [];
  for (const [edited, edits] of datedProfiles) {
    profiles.push(reader.read(profiles[edited] ?? [], lineEdits(edits)));
  }
  const { rules, count } = reader;
  return { rules, count, profiles: profiles.map((lines) => distinctFacts(lines, count)) };
}

/** Of a line that states no fact: the head, the line of a rule, and calls of a rule that does not apply. */
const NO_FACT = -1;

/** What a profile says twice is one fact. */
function distinctFacts(lines: readonly ReadLine[], count: number): Int32Array {
  const facts = new Int32Array(lines.length);
  const seen = new Uint8Array(count);
  let size = 0;
  for (const { fact } of lines) {
    if (fact === NO_FACT || seen[fact] === 1) continue;
    seen[fact] = 1;
    facts[size] = fact;
    size += 1;
  }
  return facts.subarray(0, size);
}

/** A line of a profile, and what it says there. */
interface ReadLine {
  readonly text: string;
  readonly starts: boolean;
  /** The rule that it starts or stands in; `undefined` if that rule does not apply. */
  readonly rule: RuleFacts | undefined;
  readonly fact: number;
}

/** Reads the lines of one profile after the other, and numbers the facts. */
class LineReader {
  readonly rules = new Map<string, RuleFacts>();
  count = 0;
  readonly #form: CopyForm;
  readonly #known = new Map<string, RuleFacts | undefined>();

  constructor(form: CopyForm) {
    this.#form = form;
  }

  /** Most lines are lines of the older profile, and say what they say there. */
  read(older: readonly ReadLine[], edits: readonly LineEdit[]): readonly ReadLine[] {
    const lines: ReadLine[] = [];
    for (const edit of edits) {
      if ('added' in edit) for (const text of edit.added) lines.push(this.#line(text, lines));
      else {
        for (const line of older.slice(...edit.kept)) {
          lines.push(this.#saysTheSame(line, lines, older) ? line : this.#line(line.text, lines));
        }
      }
    }
    return lines;
  }

  #saysTheSame(line: ReadLine, before: readonly ReadLine[], older: readonly ReadLine[]): boolean {
    // Which engine resolves a rule depends on the head.
    if (line.starts) return this.#form === 'whole' || before[0] === older[0];
    return line.rule === before[before.length - 1]?.rule;
  }

  #line(text: string, before: readonly ReadLine[]): ReadLine {
    const [head] = before;
    if (head === undefined) return { text, starts: false, rule: undefined, fact: NO_FACT };
    const starts = startsRule(text);
    const rule = starts ? this.#ruleOf(head.text, text) : before[before.length - 1]?.rule;
    return { text, starts, rule, fact: starts || rule === undefined ? NO_FACT : this.#factOf(rule, text) };
  }

  #ruleOf(head: string, line: string): RuleFacts | undefined {
    const text = this.#form === 'whole' ? line : `${head}${line}`;
    if (!this.#known.has(text)) {
      const key = keyOfLine(head, line, this.#form);
      this.#known.set(text, key === undefined ? undefined : this.#ruleOfKey(key));
    }
    return this.#known.get(text);
  }

  #ruleOfKey(key: string): RuleFacts {
    const rule = this.rules.get(key) ?? new Map<string, number>();
    this.rules.set(key, rule);
    return rule;
  }

  #factOf(rule: RuleFacts, call: string): number {
    const known = rule.get(call);
    if (known !== undefined) return known;
    rule.set(call, this.count);
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
        const fact = rules.get(key)?.get(call);
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
