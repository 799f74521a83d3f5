/**
 * All dated profiles at once: how much of a profile each of them says too.
 *
 * The index is made from the stored lines. Profiles share most of their lines, and rules most of their conditions, so that
 * making it costs little more than reading the lines.
 * @module
 */
import { capabilitySets } from '../../abi/capabilities.ts';
import type { Profile, ProfileRule } from '../../oci/profile.ts';
import { resolveProfile } from '../../oci/resolve-profile.ts';
import { datedProfiles } from './dated-profiles.generated.ts';
import { profileFromLines, startsRule } from './profile-lines.ts';
import { datedLines, datedProfile } from './releases.ts';
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

interface Index {
  /** By number of the profile and form: how many facts it has. */
  readonly sizes: readonly number[];
  /** By key and call: those that have the fact. */
  readonly holders: ReadonlyMap<string, ReadonlyMap<string, readonly number[]>>;
}

function placeOf(profile: number, form: CopyForm): number {
  return copyForms.length * profile + copyForms.indexOf(form);
}

let made: Index | undefined;

function index(): Index {
  made ??= makeIndex();
  return made;
}

function makeIndex(): Index {
  const sizes: number[] = [];
  const holders = new Map<string, Map<string, number[]>>();
  const keys = new Map<string, readonly (string | undefined)[]>();
  for (let profile = 0; profile < datedProfiles.length; profile += 1) {
    const [head = '', ...lines] = datedLines(profile);
    const seen = copyForms.map((form) => ({ place: placeOf(profile, form), facts: new Set<number[]>() }));
    let now: readonly (Map<string, number[]> | undefined)[] = [];
    for (const line of lines) {
      if (startsRule(line)) {
        // Which engine reads the rule depends on the head.
        const found = keys.get(`${head}${line}`) ?? keysOf(head, line);
        keys.set(`${head}${line}`, found);
        now = found.map((key) => (key === undefined ? undefined : callsOf(holders, key)));
        continue;
      }
      for (const [at, calls] of now.entries()) {
        const form = seen[at];
        if (calls === undefined || form === undefined) continue;
        const list = calls.get(line) ?? [];
        if (list.length === 0) calls.set(line, list);
        if (!form.facts.has(list)) list.push(form.place);
        form.facts.add(list);
      }
    }
    for (const { place, facts } of seen) sizes[place] = facts.size;
  }
  return { sizes, holders };
}

function callsOf(holders: Map<string, Map<string, number[]>>, key: string): Map<string, number[]> {
  const calls = holders.get(key) ?? new Map<string, number[]>();
  holders.set(key, calls);
  return calls;
}

/** A rule's key in each form; `undefined` where it does not apply. */
function keysOf(head: string, line: string): readonly (string | undefined)[] {
  const profile = profileFromLines([head, line, 'read']);
  const first = ({ rules: [rule] }: { readonly rules: readonly ProfileRule[] }): string | undefined =>
    rule === undefined ? undefined : keyOf(rule);
  return [first(profile), first(resolved(profile))];
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
  const { sizes, holders } = index();
  const common = new Int32Array(sizes.length);
  let own = 0;
  for (const [call, list] of facts) {
    own += list.length;
    for (const { key } of list) {
      for (const place of holders.get(key)?.get(call) ?? []) common[place] = (common[place] ?? 0) + 1;
    }
  }
  return datedProfiles.flatMap((_, profile) =>
    forms.map((form) => {
      const place = placeOf(profile, form);
      const shared = common[place] ?? 0;
      const distance = own + (sizes[place] ?? 0) - 2 * shared;
      return { profile, form, distance, similarity: shared === 0 ? 0 : shared / (shared + distance) };
    }),
  );
}
