/**
 * Releases of container engines, and the default profile of each.
 *
 * docker-default's releases are Docker's. podman-default's are Podman's, and below 1.0 those of containers/common, the
 * library that Podman and Buildah take it from. Candidates and betas are left out.
 * @module
 */
import { OciSeccompError } from '../../errors.ts';
import type { Profile } from '../../oci/profile.ts';
import { datedProfiles } from './dated-profiles.generated.ts';
import { datedReleases } from './dated-releases.generated.ts';
import { editedLines, lineEdits, profileFromLines } from './profile-lines.ts';
import { compareNumbers, compareVersions, numbersOf } from './version-text.ts';

/** Whose default profiles are known by release. */
export type DatedFamily = keyof typeof datedReleases;

export const datedFamilies = Object.keys(datedReleases) as readonly DatedFamily[];

/** A release. */
export interface Release {
  /** Whose release it is. */
  readonly family: DatedFamily;
  /** `20.10.7` */
  readonly version: string;
  /** The releases of its line with the same profile. */
  readonly run: ReleaseRun;
}

/** Releases of one line with one profile. */
export interface ReleaseRun {
  /** `20.10` */
  readonly line: string;
  /** The releases' last numbers, in order. */
  readonly patches: readonly number[];
  /** The day of the first of them, `2020-12-09`. */
  readonly from: string;
  /** The day of the last of them. */
  readonly to: string;
  /** Which profile: the same number is the same profile. */
  readonly profile: number;
}

/** A family's releases, in the order of their versions. */
export function runsOfFamily(family: DatedFamily): readonly ReleaseRun[] {
  return rowsOfFamily(family).map(runFromRow);
}

const rows = new Map<DatedFamily, readonly string[]>();

/** A family's runs as they are stored. */
function rowsOfFamily(family: DatedFamily): readonly string[] {
  const known = rows.get(family) ?? datedReleases[family].trim().split('\n');
  rows.set(family, known);
  return known;
}

function runFromRow(row: string): ReleaseRun {
  const [line = '', patches = '', from = '', to = '', profile] = row.split(' ');
  return { line, patches: patches.split(',').flatMap(numbersOfRange), from, to, profile: Number(profile) };
}

function numbersOfRange(range: string): readonly number[] {
  const [from = 0, to = from] = range.split('-').map(Number);
  return Array.from({ length: to - from + 1 }, (_, offset) => from + offset);
}

/** A run's releases. */
function releasesOfRun(family: DatedFamily, run: ReleaseRun): readonly Release[] {
  return run.patches.map((patch) => ({ family, version: `${run.line}.${patch}`, run }));
}

/** A family's releases, the oldest version first. */
export function releasesOfFamily(family: DatedFamily): readonly Release[] {
  return releasesOfRows(family, rowsOfFamily(family));
}

function releasesOfRows(family: DatedFamily, some: readonly string[]): readonly Release[] {
  return some
    .flatMap((row) => releasesOfRun(family, runFromRow(row)))
    .map((release) => ({ release, numbers: numbersOf(release.version) }))
    .sort((a, b) => compareNumbers(a.numbers, b.numbers))
    .map(({ release }) => release);
}

/** A family's releases with one profile, the oldest version first. */
export function releasesWithProfile(family: DatedFamily, profile: number): readonly Release[] {
  return releasesOfRows(
    family,
    rowsOfFamily(family).filter((row) => row.endsWith(` ${profile}`)),
  );
}

/** When a family first had a profile. */
export interface FirstRelease {
  /** The first day of a release with it. */
  readonly date: string;
  /** The first row with it. Rows of older versions come first. */
  readonly row: number;
}

/** @returns `undefined` if no release of the family has the profile */
export function firstRelease(family: DatedFamily, profile: number): FirstRelease | undefined {
  const all = rowsOfFamily(family);
  const own = all.filter((row) => row.endsWith(` ${profile}`));
  // By position: to take a list apart makes an object for each of its parts.
  const [date] = own.map((row) => row.split(' ')[2] ?? '').sort();
  return date === undefined ? undefined : { date, row: all.indexOf(own[0] ?? '') };
}

/** The newest release of a family. */
export function newestRelease(family: DatedFamily): Release {
  const all = rowsOfFamily(family);
  // The last line is the newest.
  const [line] = all.at(-1)?.split(' ') ?? [];
  const last = releasesOfRows(
    family,
    all.filter((row) => row.startsWith(`${line} `)),
  ).at(-1);
  if (last === undefined) throw new Error(`no release of ${family}`);
  return last;
}

/** Parts around a version that do not matter: `v20.10.7`, `17.06.0-ce`. */
const DECORATION = /^v(?=\d)|-ce$/g;

/**
 * The release that a person names: a whole version, or the beginning of one, which is the newest release of that line:
 * `20.10` is 20.10.27.
 *
 * @throws OciSeccompError `ERR_USAGE` for a release that is not known; the hint names the nearest and all lines
 */
export function findRelease(family: DatedFamily, asked: string): Release {
  const version = asked.replace(DECORATION, '');
  const releases = releasesOfFamily(family);
  const found = releases.findLast((release) => `${release.version}.`.startsWith(`${version}.`));
  if (found !== undefined && version !== '') return found;
  const lines = [...new Set(runsOfFamily(family).map(({ line }) => line))];
  const near = /^\d+(?:\.\d+)*$/.test(version) ? nearestRelease(version, releases) : undefined;
  const nearText = near === undefined ? '' : `the nearest is ${family}@${near.version}; `;
  throw new OciSeccompError('ERR_USAGE', `${family} has no release '${asked}'`, {
    hint: `${nearText}known are the releases of ${lines.join(', ')}`,
    details: { family, asked, ...(near === undefined ? {} : { nearest: near.version }), known: lines },
  });
}

/** The newest release before a version, or the first. */
function nearestRelease(version: string, releases: readonly Release[]): Release | undefined {
  // The release before is taken, such as 19.03 for 19.99, unless the next one shares more numbers.
  const before = releases.findLast((release) => compareVersions(release.version, version) < 0);
  const after = releases.find((release) => compareVersions(release.version, version) > 0);
  if (before === undefined || after === undefined) return before ?? after;
  return sharedNumbers(after.version, version) > sharedNumbers(before.version, version) ? after : before;
}

function sharedNumbers(a: string, b: string): number {
  const [left, right] = [numbersOf(a), numbersOf(b)];
  const differs = left.findIndex((number, at) => number !== right[at]);
  return differs < 0 ? left.length : differs;
}

const made = new Map<number, readonly string[]>();

/** A profile by its number; it has no places. */
export function datedProfile(profile: number): Profile {
  return profileFromLines(datedLines(profile));
}

/** Its lines, as profile-lines.ts has them. */
function datedLines(profile: number): readonly string[] {
  const known = made.get(profile);
  if (known !== undefined) return known;
  const row = datedProfiles[profile];
  if (row === undefined) return [];
  const lines = editedLines(datedLines(row[0]), lineEdits(row[1]));
  made.set(profile, lines);
  return lines;
}
