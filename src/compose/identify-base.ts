/**
 * Which default profile a profile was copied from: the one with the fewest edits between the two, of all releases of all
 * engines that are known.
 * @module
 */
import { frozen } from '../abi/frozen.ts';
import type { Profile } from '../oci/profile.ts';
import { type CopyForm, copyForms } from './dated/copy-form.ts';
import {
  changedCalls,
  type Likeness,
  likenesses,
  type StatedFacts,
  statedFacts,
} from './dated/fact-index.ts';
import {
  type DatedFamily,
  datedFamilies,
  type FirstRelease,
  firstRelease,
  newestRelease,
  type Release,
  releasesWithProfile,
} from './dated/releases.ts';
import { differingCalls, factsOf, hasConditions, type RuleFacts } from './dated/rule-facts.ts';

/** The default that a profile was copied from, and what was changed since. */
export interface BaseMatch {
  /** `docker-default@20.10.9`: the newest release with that profile. */
  readonly base: string;
  /** Whose default it is. */
  readonly family: DatedFamily;
  /** All releases of the family with that profile, the oldest version first. */
  readonly releases: readonly Release[];
  /** The day of the first of them. */
  readonly date: string;
  /** How the default stands in the copy. */
  readonly form: CopyForm;
  /** How many single edits lie between the two: a call named in a rule, or no longer. */
  readonly distance: number;
  /** Common facts, as a share of all facts of the two; 0 to 1. */
  readonly similarity: number;
  /** What the author changed. */
  readonly changes: NameChanges;
  /** The newest release of the family. */
  readonly newest: string;
  /** Calls that the newest default names and the base does not. */
  readonly behind: readonly string[];
}

/** Calls whose rules differ, sorted. */
export interface NameChanges {
  /** Named by the second alone. */
  readonly added: readonly string[];
  /** Named by the first alone. */
  readonly removed: readonly string[];
  /** Named by both, in rules that differ. */
  readonly changed: readonly string[];
}

/** What a profile must at least have in common with a default to count as its copy. */
const SIMILAR_ENOUGH = 0.5;

/** The nearest default, before it is looked at what was changed. */
export interface NearestBase extends Pick<BaseMatch, 'family' | 'form' | 'similarity' | 'behind'> {
  /** Whether the profile says something else of a call than the default. */
  readonly isChanged: (call: string) => boolean;
  /** The whole match; what was changed is looked at on each call. */
  readonly describe: () => BaseMatch;
}

/**
 * Finds the default that a profile was copied from. Of equally near ones, a whole one is taken before a resolved one, then the first
 * family, then the newest release.
 *
 * @returns `undefined` if the profile is no copy: less than half of what it or the nearest default says is common to both
 */
export function identifyBase(profile: Profile): BaseMatch | undefined {
  return nearestBase(profile)?.describe();
}

/** As {@link identifyBase}, for callers that ask few profiles what was changed. */
export function nearestBase(profile: Profile): NearestBase | undefined {
  const facts = factsOf(profile);
  const forms = hasConditions(profile) ? copyForms.slice(0, 1) : copyForms;
  const byProfile: Likeness[] = [];
  for (const likeness of likenesses(facts, forms)) {
    const other = byProfile[likeness.profile];
    if (other === undefined || likeness.distance < other.distance) byProfile[likeness.profile] = likeness;
  }
  const best = nearestOf(byProfile);
  if (best === undefined || best.likeness.similarity < SIMILAR_ENOUGH) return undefined;
  const { candidate, likeness } = best;
  const { form, similarity } = likeness;
  let changed: ReadonlySet<string> | undefined;
  return {
    family: candidate.family,
    form,
    similarity,
    behind: callsBehind(candidate),
    isChanged: (call) => {
      changed ??= changedCalls(facts, candidate.profile, form);
      return changed.has(call);
    },
    describe: () => describe(candidate, facts, likeness),
  };
}

/** What lies between a profile and a base that is known, however little they have in common. */
export function compareWithBase(profile: Profile, release: Release): BaseMatch {
  const facts = factsOf(profile);
  const { family, run } = release;
  const forms = hasConditions(profile) ? copyForms.slice(0, 1) : copyForms;
  const [first, ...others] = likenesses(facts, forms).filter((each) => each.profile === run.profile);
  const [candidate] = candidatesOf([family], run.profile);
  if (first === undefined || candidate === undefined) throw new Error(`no profile of ${nameOf(release)}`);
  const likeness = others.reduce((a, b) => (b.distance < a.distance ? b : a), first);
  return { ...describe(candidate, facts, likeness), base: nameOf(release) };
}

interface Found {
  readonly candidate: Candidate;
  readonly likeness: Likeness;
}

/** The nearest default. Days are looked up only of those that are equally near. */
function nearestOf(byProfile: readonly Likeness[]): Found | undefined {
  let best: Found | undefined;
  for (const likeness of byProfile.toSorted((a, b) => a.distance - b.distance)) {
    if (best !== undefined && likeness.distance > best.likeness.distance) break;
    for (const candidate of candidatesOf(datedFamilies, likeness.profile)) {
      const found = { candidate, likeness };
      if (best === undefined || isPreferred(found, best)) best = found;
    }
  }
  return best;
}

/** Whether one of two equally near defaults is taken: the whole one, of the first family, the newest. */
function isPreferred(found: Found, best: Found): boolean {
  const [a, b] = [found.candidate, best.candidate];
  if (found.likeness.form !== best.likeness.form) return found.likeness.form === 'whole';
  if (a.family !== b.family) return datedFamilies.indexOf(a.family) < datedFamilies.indexOf(b.family);
  return a.date === b.date ? a.row > b.row : a.date > b.date;
}

interface Candidate extends FirstRelease {
  readonly family: DatedFamily;
  readonly profile: number;
}

/** A profile in each of the families that has it. */
function candidatesOf(families: readonly DatedFamily[], profile: number): readonly Candidate[] {
  return families.flatMap((family) => {
    const first = firstRelease(family, profile);
    return first === undefined ? [] : { family, profile, ...first };
  });
}

function describe(
  { family, profile, date }: Candidate,
  facts: RuleFacts,
  { form, distance, similarity }: Likeness,
): BaseMatch {
  const newest = newestRelease(family);
  const releases = releasesWithProfile(family, profile);
  return {
    base: nameOf(releases.at(-1) ?? newest),
    family,
    releases,
    date,
    form,
    distance,
    similarity,
    changes: changesBetween(statedFacts(profile, form), facts),
    newest: nameOf(newest),
    behind: callsBehind({ family, profile }),
  };
}

const behind = new Map<string, readonly string[]>();

/** Calls that the newest default of the family names and this one does not. Few defaults are asked about, and often. */
function callsBehind({ family, profile }: Pick<Candidate, 'family' | 'profile'>): readonly string[] {
  const key = `${family} ${profile}`;
  const known = behind.get(key) ?? frozen(callsMissing(profile, newestRelease(family).run.profile));
  behind.set(key, known);
  return known;
}

function callsMissing(profile: number, newest: number): readonly string[] {
  if (profile === newest) return [];
  const named = statedFacts(profile, 'whole');
  return [...statedFacts(newest, 'whole').keys()].filter((call) => !named.has(call)).sort();
}

/** `docker-default@20.10.7` */
export function nameOf({ family, version }: Release): string {
  return `${family}@${version}`;
}

/** What changed from one profile to another, by call. */
function changesBetween(before: StatedFacts, after: StatedFacts): NameChanges {
  const differing = [...differingCalls(before, after)].sort();
  return {
    added: differing.filter((call) => !before.has(call)),
    removed: differing.filter((call) => !after.has(call)),
    changed: differing.filter((call) => before.has(call) && after.has(call)),
  };
}
