/**
 * Joins findings with one cause: if a rule says the same about many places, that is one finding with all places.
 *
 * This is the last step, because comments, baselines and inherited findings are about single places.
 * @module
 */
import { groupBy } from '../../abi/group-by.ts';
import { listNames } from '../ask/list-names.ts';
import type { Edit, Finding, Fix, Range } from './finding.ts';

/** How many names a message lists. The places show the others. */
const MOST_NAMES = 12;

/**
 * Joins findings that say the same into one, at the place of the first.
 *
 * @param apart - what else tells findings apart
 */
export function mergeFindings<T extends Finding>(
  findings: readonly T[],
  apart: (finding: T) => string = () => '',
): readonly T[] {
  const groups = groupBy(singleFindings(findings), (finding) => `${keyOf(finding)}${apart(finding)}`);
  return [...groups.values()].flatMap((group) => {
    const [first, ...others] = group;
    if (first === undefined) return [];
    return others.length === 0 ? [first] : [merge(first, group)];
  });
}

/** Findings as one for each place. */
export function singleFindings<T extends Finding>(findings: readonly T[]): readonly T[] {
  // The places of a finding have the type of the finding.
  return findings.flatMap((finding) => (finding.places as readonly T[] | undefined) ?? [finding]);
}

function keyOf({ rule, level, message, hint, hosts, about }: Finding): string {
  const said = about === undefined ? ['', message, hint] : ['about', about.many, about.hint ?? hint];
  return JSON.stringify([rule, level, hosts, ...said]);
}

function merge<T extends Finding>(first: T, places: readonly T[]): T {
  const { fix: _, related: __, ...rest } = first;
  const fix = joinFixes(places);
  const related = [
    ...new Map(
      places
        .flatMap((place) => place.related ?? [])
        .map((each) => [`${each.range.pointer}\n${each.message}`, each]),
    ).values(),
  ];
  return {
    ...(rest as unknown as T),
    ...textOf(first, places),
    ...(related.length === 0 ? {} : { related }),
    ...(fix === undefined ? {} : { fix }),
    places,
  };
}

/** Message and hint about all places: those of the first finding if all are about the same subject. */
function textOf({ message, hint, about }: Finding, places: readonly Finding[]) {
  const names = [...new Set(places.flatMap((place) => place.about?.names ?? []))];
  if (about === undefined || names.length === new Set(about.names).size) {
    return { message, ...(hint === undefined ? {} : { hint }) };
  }
  const [before = '', after = ''] = about.many.split('…');
  const together = about.hint ?? hint;
  return {
    message: `${before}${listNames(names, MOST_NAMES)}${after}`,
    ...(together === undefined ? {} : { hint: together }),
  };
}

/** One fix for all places, if each has one and they can be made together. */
function joinFixes(places: readonly Finding[]): Fix | undefined {
  const fixes = places.flatMap(({ fix }) => fix ?? []);
  const [first] = fixes;
  if (first === undefined || fixes.length < places.length) return undefined;
  const { description, changesMeaning } = first;
  const alike = fixes.every((fix) => fix.changesMeaning === changesMeaning);
  const edits = fixes.flatMap((fix) => fix.edits);
  if (!alike || touch(edits)) return undefined;
  const same = fixes.every((fix) => fix.description === description);
  return {
    description: same ? description : `${description}, and likewise in the other places`,
    changesMeaning,
    edits,
  };
}

/** Whether edits touch. Such edits cannot be made together, because one may remove what the other needs. */
function touch(edits: readonly Edit[]): boolean {
  const sorted = edits.toSorted((a, b) => a.start - b.start);
  return sorted.some(({ start }, at) => {
    const before = sorted[at - 1];
    return before !== undefined && start <= before.end;
  });
}

/** How many places a text names. The others are counted. */
const PLACES_SHOWN = 8;

/** The ranges of the other places, each once: several calls of one set are in one place. */
export function otherRangesOf({ range: own, places = [] }: Finding): readonly Range[] {
  const keyOf = ({ line, column, endLine, endColumn }: Range) => [line, column, endLine, endColumn].join(' ');
  const all = new Map([own, ...places.map(({ range }) => range)].map((range) => [keyOf(range), range]));
  return [...all.values()].slice(1);
}

/** Where else it is: `also at 12:5, 15:5 and 300 more places`; nothing if it is in one place. */
export function otherPlacesOf(finding: Finding): string | undefined {
  const others = otherRangesOf(finding).map(({ line, column }) => `${line}:${column}`);
  if (others.length === 0) return undefined;
  const shown = others.length > PLACES_SHOWN ? others.slice(0, PLACES_SHOWN - 1) : others;
  const left = others.length - shown.length;
  return `also at ${listNames([...shown, ...(left === 0 ? [] : [`${left} more places`])], Number.POSITIVE_INFINITY)}`;
}

/** Most hosts in one line. All architectures with all runtimes are about sixty. */
const MOST_HOSTS = 6;

/** On which hosts a finding holds, if it does not on all that were asked about. */
export function hostsOf(hosts: readonly string[]): string {
  const rest = hosts.length - MOST_HOSTS;
  const more = rest > 0 ? ` and ${rest} more (--format json lists them)` : '';
  return `only on ${hosts.slice(0, MOST_HOSTS).join('; ')}${more}`;
}
