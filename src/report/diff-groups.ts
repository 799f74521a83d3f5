/**
 * The system calls that two filters treat differently, in groups that read the same.
 * @module
 */
import type { ArchName } from '../abi/architectures.ts';
import type { Description } from '../decision/describe.ts';
import type { ArchDifference, Change, ChangeKind, NumberRange, Sighting } from '../decision/difference.ts';
import { formatOutcome, formatTests, wordsOf } from '../decision/format-call.ts';

/** Words for each kind of change, as said of the second filter. */
export const kindWords = {
  looser: 'looser',
  mixed: 'looser for some arguments',
  different: 'different',
  stricter: 'stricter',
  unknown: 'undecided',
} as const satisfies Record<ChangeKind, string>;

/** System calls that change in the same way and read the same. */
export interface Group {
  readonly kind: ChangeKind;
  /** Named system calls, sorted. */
  readonly names: readonly string[];
  /** Numbers that no system call has, or numbers of an unknown architecture. */
  readonly unnamed: readonly NumberRange[];
  readonly isKnownArch: boolean;
  /** `ALLOW`, or what it depends on: one line a case. */
  readonly before: readonly string[];
  readonly after: readonly string[];
  readonly sightings: readonly Sighting[];
}

const known = new WeakMap<ArchDifference, readonly Group[]>();

/** Splits changes by their texts, since names of arguments differ between system calls. Made once for each difference. */
export function groupsOf(difference: ArchDifference): readonly Group[] {
  const groups = known.get(difference) ?? makeGroups(difference);
  known.set(difference, groups);
  return groups;
}

function makeGroups({ arch, changes }: ArchDifference): readonly Group[] {
  const groups = changes.flatMap((change) => {
    const groups = new Map<string, { ranges: NumberRange[]; texts: Texts }>();
    // If no argument decides, the text is the same for every call.
    const common = asksArguments(change) ? undefined : textsOf(change, arch, undefined);
    for (const range of change.numbers) {
      const texts = common ?? textsOf(change, arch, range.name);
      const key = JSON.stringify(texts);
      const group = groups.get(key) ?? { ranges: [], texts };
      groups.set(key, group);
      group.ranges.push(range);
    }
    return [...groups.values()].map(({ ranges, texts }) => groupOf(change, ranges, texts, arch));
  });
  const isLong = ({ before, after }: Group): number => (before.length + after.length > 2 ? 1 : 0);
  return groups.sort(
    (a, b) => kindOrder.indexOf(a.kind) - kindOrder.indexOf(b.kind) || isLong(a) - isLong(b),
  );
}

/**
 * Makes a group. What a call shows with some arguments, every number of the change shows with the same arguments. The first
 * by number that has a name is shown, as in a {@link Change}.
 */
function groupOf(
  { kind, sightings }: Change,
  ranges: readonly NumberRange[],
  texts: Texts,
  arch: ArchName | undefined,
): Group {
  const shown = ranges.find(({ name }) => name !== undefined) ?? ranges[0];
  return {
    kind,
    names: ranges.flatMap(({ name }) => name ?? []).sort(),
    unnamed: ranges.filter(({ name }) => name === undefined),
    isKnownArch: arch !== undefined,
    ...texts,
    sightings: sightings.map((each) => ({
      ...each,
      call: { ...each.call, nr: (shown?.from ?? each.call.nr) | 0 },
    })),
  };
}

const kindOrder = Object.keys(kindWords);

interface Texts {
  readonly before: readonly string[];
  readonly after: readonly string[];
}

function asksArguments({ descriptions }: Change): boolean {
  return descriptions.some(({ cases }) => cases.some(({ tests }) => tests.length > 0));
}

function textsOf({ descriptions }: Change, arch: ArchName | undefined, name: string | undefined): Texts {
  const words = wordsOf(arch, name);
  const [before, after] = descriptions.map((description) => caseTexts(description, words));
  return { before: before ?? [], after: after ?? [] };
}

function caseTexts({ cases, truncated }: Description, words: ReturnType<typeof wordsOf>): readonly string[] {
  const texts = cases.map((each) => {
    const verdict = formatOutcome(each.outcome, words.arch);
    if (each.tests.length > 0) return `${verdict} if ${formatTests(each, words)}`;
    return cases.length === 1 ? verdict : `${verdict} otherwise`;
  });
  return truncated ? [...texts, 'and further cases, too many to list'] : texts;
}
