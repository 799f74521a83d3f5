/**
 * All dated profiles at once: how much of a profile each of them says too.
 *
 * The index is made from the stored lines. Profiles share most of their lines, and rules most of their conditions, so that
 * making it costs little more than reading the lines.
 * @module
 */
import { capabilitySets } from '../../abi/capabilities.ts';
import type { Profile } from '../../oci/profile.ts';
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
  /** By number of the profile: how many facts it has. */
  readonly sizes: Int32Array;
  /** By key and call: the profiles that have the fact, ascending. */
  readonly holders: ReadonlyMap<string, ReadonlyMap<string, readonly number[]>>;
}

const made = new Map<CopyForm, Index>();

/** One a form: most profiles are compared in one form only. */
function indexOf(form: CopyForm): Index {
  const index = made.get(form) ?? makeIndex(form);
  made.set(form, index);
  return index;
}

function makeIndex(form: CopyForm): Index {
  const sizes = new Int32Array(datedProfiles.length);
  const holders = new Map<string, Map<string, number[]>>();
  const known = new Map<string, string | undefined>();
  for (let profile = 0; profile < datedProfiles.length; profile += 1) {
    const lines = datedLines(profile);
    const [head = ''] = lines;
    let calls: Map<string, number[]> | undefined;
    let size = 0;
    for (let at = 1; at < lines.length; at += 1) {
      const line = lines[at] ?? '';
      if (startsRule(line)) {
        // Which engine resolves the rule depends on the head.
        const text = form === 'whole' ? line : `${head}${line}`;
        if (!known.has(text)) known.set(text, keyOfLine(head, line, form));
        const key = known.get(text);
        calls = key === undefined ? undefined : callsOf(holders, key);
        continue;
      }
      if (calls === undefined) continue;
      const list = calls.get(line);
      if (list === undefined) calls.set(line, [profile]);
      // What a profile says twice is one fact.
      else if (list[list.length - 1] !== profile) list.push(profile);
      else continue;
      size += 1;
    }
    sizes[profile] = size;
  }
  return { sizes, holders };
}

function callsOf(holders: Map<string, Map<string, number[]>>, key: string): Map<string, number[]> {
  const calls = holders.get(key) ?? new Map<string, number[]>();
  holders.set(key, calls);
  return calls;
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
    const { sizes, holders } = indexOf(form);
    const common = new Int32Array(sizes.length);
    let own = 0;
    for (const [call, list] of facts) {
      own += list.length;
      for (const { key } of list) {
        for (const profile of holders.get(key)?.get(call) ?? []) common[profile] = (common[profile] ?? 0) + 1;
      }
    }
    return datedProfiles.map((_, profile) => {
      const shared = common[profile] ?? 0;
      const distance = own + (sizes[profile] ?? 0) - 2 * shared;
      return { profile, form, distance, similarity: shared === 0 ? 0 : shared / (shared + distance) };
    });
  });
}
