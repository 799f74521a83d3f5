/**
 * Calls that an engine's default profile came to name after a release, and when.
 * @module
 */
import { datedProfile, type Release, releasesOfFamily } from './releases.ts';
import { callsOfRule } from './rule-facts.ts';
import { compareVersions } from './version-text.ts';

/** A call that a later default names. */
export interface EnteredCall {
  readonly name: string;
  /** The first release that names it, by its day. */
  readonly release: string;
  /** That release's day, or the day of the first release with that profile in its line. */
  readonly date: string;
  /** The newest release names it no longer. */
  readonly gone: boolean;
}

/** The calls that releases after a release name, and that one does not; the earliest first. */
export function enteredSince(since: Release): readonly EnteredCall[] {
  const before = namesOf(since);
  const later = releasesOfFamily(since.family).filter(
    ({ version, run }) => compareVersions(version, since.version) > 0 && run.profile !== since.run.profile,
  );
  const newest = later.at(-1);
  if (newest === undefined) return [];
  const named = namesOf(newest);
  const seen = new Set<number>();
  const entered = new Map<string, EnteredCall>();
  for (const release of [...later].sort(byDay)) {
    if (seen.has(release.run.profile)) continue;
    seen.add(release.run.profile);
    for (const name of namesOf(release)) {
      if (before.has(name) || entered.has(name)) continue;
      entered.set(name, {
        name,
        release: release.version,
        date: release.run.from,
        gone: !named.has(name),
      });
    }
  }
  return [...entered.values()].sort((a, b) => (`${a.date} ${a.name}` < `${b.date} ${b.name}` ? -1 : 1));
}

function byDay(a: Release, b: Release): number {
  if (a.run.from !== b.run.from) return a.run.from < b.run.from ? -1 : 1;
  return compareVersions(a.version, b.version);
}

function namesOf({ run }: Release): ReadonlySet<string> {
  return new Set(datedProfile(run.profile).rules.flatMap(callsOfRule));
}
