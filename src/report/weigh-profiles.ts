/**
 * Compares one profile with another, call by call: what changed, looser first, each with a call that shows it.
 * @module
 */
import type { ArchName } from '../abi/architectures.ts';
import { type ArchDifference, type ChangeKind, findDifferences } from '../decision/difference.ts';
import { formatBareCall, formatOutcome } from '../decision/format-call.ts';
import type { Node, Space } from '../decision/space.ts';
import { archOfCall } from '../decision/witness.ts';
import { type Group, groupsOf, kindWords } from './diff-groups.ts';

/** Calls that changed in the same way. */
export interface ChangedGroup {
  readonly kind: ChangeKind;
  readonly label: string;
  readonly names: readonly string[];
  /** What the first profile does, one line a case. */
  readonly before: readonly string[];
  readonly after: readonly string[];
  /** `socket(AF_VSOCK (40), 0, 0): ERRNO EPERM (1) → ALLOW`. */
  readonly witnesses: readonly string[];
}

/** The changes of one architecture. */
export interface ArchChanges {
  readonly arch: ArchName;
  readonly groups: readonly ChangedGroup[];
}

/** How the second profile stands to the first. */
export interface Weighing {
  readonly changes: readonly ArchChanges[];
  /** Calls of the native architecture that get through more often. */
  readonly looser: number;
  /** Calls of the native architecture that get through less often. */
  readonly stricter: number;
  /** Denied otherwise. */
  readonly different: number;
  /** What becomes of them is too complex to decide, or computed in a way that is not followed. */
  readonly undecided: number;
}

/**
 * Compares two diagrams of one space.
 *
 * @param architectures - of both profiles, the native one first. Others are left out: their calls get what filters give to
 *   architectures that they do not know
 * @throws OciSeccompError `ERR_UNDECIDED` if that is too complex
 */
export function weighProfiles(
  space: Space,
  first: Node,
  second: Node,
  architectures: readonly ArchName[],
): Weighing {
  const found = findDifferences(space, first, second);
  const changes = architectures.flatMap((arch) => {
    const difference = found.find((each) => each.arch === arch);
    const groups = difference === undefined ? [] : namedGroups(difference);
    return groups.length === 0 ? [] : [{ arch, groups }];
  });
  const own = changes.find(({ arch }) => arch === architectures[0])?.groups ?? [];
  const count = (...kinds: readonly ChangeKind[]): number =>
    own.filter(({ kind }) => kinds.includes(kind)).reduce((sum, { names }) => sum + names.length, 0);
  return {
    changes,
    looser: count('looser', 'mixed'),
    stricter: count('stricter'),
    different: count('different'),
    undecided: count('unknown'),
  };
}

function namedGroups(difference: ArchDifference): readonly ChangedGroup[] {
  return groupsOf(difference)
    .filter(({ names }) => names.length > 0)
    .map(({ kind, names, before, after, sightings }) => ({
      kind,
      label: kindWords[kind],
      names,
      before,
      after,
      witnesses: sightings.map(witnessText),
    }));
}

function witnessText({ call, outcomes: [before, after] }: Group['sightings'][number]): string {
  const arch = archOfCall(call);
  return `${formatBareCall(call)}: ${formatOutcome(before, arch)} → ${formatOutcome(after, arch)}`;
}

/** The names that a weighing has of some kinds on an architecture. */
export function namesChanged(
  { changes }: Weighing,
  arch: ArchName,
  ...kinds: readonly ChangeKind[]
): readonly string[] {
  const groups = changes.find((each) => each.arch === arch)?.groups ?? [];
  return groups
    .filter(({ kind }) => kinds.includes(kind))
    .flatMap(({ names }) => names)
    .toSorted();
}
