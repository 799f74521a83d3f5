/**
 * All dated profiles at once: how much each of them has in common with a profile.
 *
 * The index comes with the package: making it from the stored edits would take longer than all questions to it.
 * @module
 */
import type { CopyForm } from './copy-form.ts';
import { factIndex } from './fact-index.generated.ts';
import type { Fact, Facts } from './rule-facts.ts';

/** A rule that profiles have, and the calls that it names in any of them: each is a fact, with a number of its own. */
interface DatedRule {
  /** The number of the first fact; the others follow in the order of the calls. */
  readonly first: number;
  readonly calls: string;
  /** By call; made for the rules that a profile has too. */
  numbers: ReadonlyMap<string, number> | undefined;
}

/** A profile, as what it says more and less than an older one. */
interface Step {
  /** The number of the older one; -1: it is compared with an empty profile. */
  readonly older: number;
  /** How many facts the profile states, each once. */
  readonly size: number;
  /** Ranges of facts: the first, and the one behind the last, of each. */
  readonly gained: readonly number[];
  readonly lost: readonly number[];
}

interface Index {
  /** By key. */
  readonly rules: ReadonlyMap<string, DatedRule>;
  /** By number of the profile. */
  readonly steps: readonly Step[];
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
  const rules = new Map<string, DatedRule>();
  // Words by position, here and below: to take a list apart makes an object for each of its parts.
  for (const row of rowsOf(factIndex[form].rules)) {
    const cells = row.split('\t');
    rules.set(cells[1] ?? '', { first: numberOf(cells[0]), calls: cells[2] ?? '', numbers: undefined });
  }
  const steps = rowsOf(factIndex[form].profiles).map((row): Step => {
    const cells = row.split(' ');
    const [gained, lost] = [rangesOf(cells[2]), rangesOf(cells[3])];
    return { older: numberOf(cells[0]), size: numberOf(cells[1]), gained, lost };
  });
  return { rules, steps, count: factIndex[form].facts };
}

/** The text starts with the end of a line. */
function rowsOf(text: string): readonly string[] {
  return text.slice(1).split('\n');
}

function numberOf(text = ''): number {
  return Number.parseInt(text, 36);
}

function rangesOf(text = ''): readonly number[] {
  if (text === '') return [];
  const ranges: number[] = [];
  text.split(',').forEach((range) => {
    const ends = range.split('-');
    ranges.push(numberOf(ends[0]), numberOf(ends[1] ?? ends[0]) + 1);
  });
  return ranges;
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
export function likenesses(facts: Facts, forms: readonly CopyForm[]): readonly Likeness[] {
  return forms.flatMap((form) => {
    const index = indexOf(form);
    const { below, own } = askedFacts(facts, index);
    const shared: number[] = [];
    return index.steps.map(({ older, size, gained, lost }, profile) => {
      const common = (shared[older] ?? 0) + countIn(gained, below) - countIn(lost, below);
      shared.push(common);
      const distance = own + size - 2 * common;
      return { profile, form, distance, similarity: common === 0 ? 0 : common / (common + distance) };
    });
  });
}

function countIn(ranges: readonly number[], below: Uint16Array): number {
  let count = 0;
  for (let at = 0; at < ranges.length; at += 2) {
    count += (below[ranges[at + 1] ?? 0] ?? 0) - (below[ranges[at] ?? 0] ?? 0);
  }
  return count;
}

/** By fact of the index: how many below it the profile states; and how many facts the profile states in all. */
function askedFacts(
  facts: Facts,
  { rules, count }: Index,
): { readonly below: Uint16Array; readonly own: number } {
  const below = new Uint16Array(count + 1);
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
      if (fact !== undefined) below[fact + 1] = 1;
    });
  });
  for (let at = 1; at <= count; at += 1) below[at] = (below[at] ?? 0) + (below[at - 1] ?? 0);
  return { below, own };
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
  const { rules, steps, count } = indexOf(form);
  const isStated = new Uint8Array(count);
  markStated(steps, profile, isStated);
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

function markStated(steps: readonly Step[], profile: number, isStated: Uint8Array): void {
  const step = steps[profile];
  if (step === undefined) return;
  markStated(steps, step.older, isStated);
  for (const [ranges, value] of [[step.gained, 1] as const, [step.lost, 0] as const]) {
    for (let at = 0; at < ranges.length; at += 2) isStated.fill(value, ranges[at], ranges[at + 1]);
  }
}
