/**
 * The exact differences of two filters: the system calls that the second one treats differently, the conditions, and a call
 * that shows it.
 * @module
 */
import { type ArchName, allArchitectures } from '../abi/architectures.ts';
import type { SeccompData } from '../abi/seccomp-data.ts';
import { directSyscallNumbers, syscallName } from '../abi/syscall-numbers.ts';
import { cutByCall, type Part, type Slice } from './cut-diagram.ts';
import { type Description, describeArguments } from './describe.ts';
import { inPassing } from './node-room.ts';
import { effective, type Relation, relations, whereRelated } from './relate.ts';
import { countStep, FALSE, type Node, type Outcome, type Space } from './space.ts';
import { evaluate, smallestArguments } from './witness.ts';

/** A call that shows a relation. */
export interface Sighting {
  /** How the second filter stands to the first. */
  readonly relation: Relation;
  /** The call that shows it. */
  readonly call: SeccompData;
  /** What the first filter does, and what the second does. */
  readonly outcomes: readonly [Outcome, Outcome];
}

/** System call numbers, both ends included. */
export interface NumberRange {
  /** The first number. */
  readonly from: number;
  /** The last number. */
  readonly to: number;
  /** The name of the system call, if the architecture has one; it then stands alone in its range. */
  readonly name: string | undefined;
}

/**
 * How the second filter differs for a number:
 *
 * - `looser`, `stricter`: so for all arguments for which it differs
 * - `mixed`: looser for some arguments, and different or stricter for others
 * - `different`: another effect of the same severity for some arguments, looser for none
 * - `unknown`: it cannot be decided for some arguments
 */
export type ChangeKind = 'looser' | 'mixed' | 'different' | 'stricter' | 'unknown';

/** Numbers of one architecture that the two filters treat differently in the same way. */
export interface Change {
  /** Whether calls are opened, closed, or answered otherwise. */
  readonly kind: ChangeKind;
  /** Ascending, at least one. */
  readonly numbers: readonly NumberRange[];
  /** One for each relation that holds for some arguments, the worst first: looser, different, stricter, unknown. */
  readonly sightings: readonly Sighting[];
  /** What each of the two does, by arguments. */
  readonly descriptions: readonly [Description, Description];
}

/** How two filters differ on one architecture. */
export interface ArchDifference {
  /** The architecture; `undefined` for words that libseccomp does not know. */
  readonly arch: ArchName | undefined;
  /** Words of `seccomp_data.arch`, both ends included. */
  readonly auditArch: number;
  /** The last word; for a known architecture the same as `auditArch`. */
  readonly lastAuditArch: number;
  /** For a range of unknown words: the architectures in it, because neither filter tells them apart from the range. */
  readonly covers: readonly ArchName[];
  /** By kind, then by number. */
  readonly changes: readonly Change[];
  /** What each filter does with every call of the architecture; `undefined` if it depends on the call. */
  readonly constants: readonly [Outcome | undefined, Outcome | undefined];
}

declare module '../errors.ts' {
  interface ErrorDetailsByCode {
    /** `differences`: how the nearest that can be said differs from what was asked for. */
    readonly ERR_INEXPRESSIBLE: ErrorDetails & {
      readonly differences?: readonly ArchDifference[] | undefined;
    };
  }
}

const kinds: readonly ChangeKind[] = ['looser', 'mixed', 'different', 'stricter', 'unknown'];

/** Compares two diagrams of one space. */
export function findDifferences(space: Space, first: Node, second: Node): readonly ArchDifference[] {
  const roots = [effective(space, first), effective(space, second)] as const;
  const [a, b] = roots;
  if (a === b && whereRelated(space, a, b, ['unknown']) === FALSE) return [];
  const compare = pairComparer(space);
  return cutByCall(space, roots)
    .map((slice) => ({
      arch: slice.arch,
      auditArch: slice.auditArch,
      lastAuditArch: slice.lastAuditArch,
      covers: coveredBy(slice),
      changes: changesOf(space, slice, compare),
      constants: [constantOf(space, slice, 0), constantOf(space, slice, 1)] as const,
    }))
    .filter(({ changes }) => changes.length > 0);
}

/** Whether a change contains one of the relations, for some arguments. */
export function hasRelation({ sightings }: Change, wanted: readonly Relation[]): boolean {
  return sightings.some(({ relation }) => wanted.includes(relation));
}

/** Differences reduced to the changes that contain one of the relations. */
export function withRelations(
  differences: readonly ArchDifference[],
  wanted: readonly Relation[],
): readonly ArchDifference[] {
  return differences
    .map((each) => ({ ...each, changes: each.changes.filter((change) => hasRelation(change, wanted)) }))
    .filter(({ changes }) => changes.length > 0);
}

function coveredBy({ arch, auditArch, lastAuditArch }: Slice): readonly ArchName[] {
  if (arch !== undefined) return [];
  return allArchitectures
    .filter((row) => auditArch <= row.auditArch && row.auditArch <= lastAuditArch)
    .map(({ name }) => name);
}

function constantOf(space: Space, { numbers }: Slice, which: 0 | 1): Outcome | undefined {
  const nodes = new Set(numbers.map(({ nodes: each }) => each[which]));
  const [only] = nodes;
  if (only === undefined || nodes.size > 1) return undefined;
  const { cases } = describeArguments(space, only, 1);
  return cases.length === 1 ? cases[0]?.outcome : undefined;
}

function changesOf(space: Space, slice: Slice, compare: ComparePair): readonly Change[] {
  const groups = new Map<string, { nodes: readonly [Node, Node]; parts: Part[] }>();
  for (const part of slice.numbers) {
    const [x = FALSE, y = FALSE] = part.nodes;
    const key = `${x} ${y}`;
    const group = groups.get(key) ?? { nodes: [x, y] as const, parts: [] };
    groups.set(key, group);
    group.parts.push(part);
  }
  return [...groups.values()]
    .flatMap(({ nodes, parts }) => changeOf(space, compare(...nodes), slice, parts) ?? [])
    .sort((a, b) => kinds.indexOf(a.kind) - kinds.indexOf(b.kind));
}

/** System calls that exist one by one, the numbers between them as ranges. */
function byName(part: Part, arch: ArchName | undefined): readonly NumberRange[] {
  const ranges: NumberRange[] = [];
  let next = part.from;
  if (arch !== undefined) {
    for (const nr of numbersBetween(part, arch)) {
      if (nr > next) ranges.push({ from: next, to: nr - 1, name: undefined });
      ranges.push({ from: nr, to: nr, name: syscallName(nr, arch) });
      next = nr + 1;
    }
  }
  if (next <= part.to) ranges.push({ from: next, to: part.to, name: undefined });
  return ranges;
}

function numbersBetween({ from, to }: Part, arch: ArchName): readonly number[] {
  const numbers = directSyscallNumbers(arch);
  return numbers.slice(countBelow(numbers, from), countBelow(numbers, to + 1));
}

/** How many of the numbers, which ascend, are below a limit. */
function countBelow(numbers: readonly number[], limit: number): number {
  let first = 0;
  let end = numbers.length;
  while (first < end) {
    const middle = (first + end) >>> 1;
    if ((numbers[middle] ?? limit) < limit) first = middle + 1;
    else end = middle;
  }
  return first;
}

/** Making a range of numbers counts as so many steps, because each takes memory. */
const STEPS_A_CHANGE = 100;

/** A {@link Change} without its numbers: the architecture and the number of the calls that show it are 0. */
type PairChange = Omit<Change, 'numbers'>;

/** Compares what two filters do with the arguments of a call. @returns `undefined`: nothing differs */
type ComparePair = (x: Node, y: Node) => PairChange | undefined;

/** The same pairs come on most architectures: each is compared once. */
function pairComparer(space: Space): ComparePair {
  const known = new Map<string, { readonly change: PairChange | undefined }>();
  return (x, y) => {
    const key = `${x} ${y}`;
    const found = known.get(key) ?? { change: inPassing(space, () => comparePair(space, x, y)) };
    known.set(key, found);
    return found.change;
  };
}

function comparePair(space: Space, x: Node, y: Node): PairChange | undefined {
  if (whereRelated(space, x, y, relations) === FALSE) return undefined;
  const sightings = relations.flatMap((relation) => {
    const call = smallestArguments(space, whereRelated(space, x, y, [relation]), 0, 0);
    if (call === undefined) return [];
    return [{ relation, call, outcomes: [evaluate(space, x, call), evaluate(space, y, call)] as const }];
  });
  return {
    kind: kindOf(sightings),
    sightings,
    descriptions: [describeArguments(space, x), describeArguments(space, y)],
  };
}

function changeOf(
  space: Space,
  change: PairChange | undefined,
  { arch, auditArch }: Slice,
  parts: readonly Part[],
): Change | undefined {
  if (change === undefined) return undefined;
  const numbers = parts.flatMap((part) => byName(part, arch));
  countStep(space, STEPS_A_CHANGE * numbers.length);
  const nr = (numbers.find(({ name }) => name !== undefined) ?? numbers[0])?.from;
  if (nr === undefined) return undefined;
  const sightings = change.sightings.map((each) => ({
    ...each,
    call: { ...each.call, arch: auditArch, nr: nr | 0 },
  }));
  return { ...change, numbers, sightings };
}

function kindOf(sightings: readonly Sighting[]): ChangeKind {
  const found = sightings.map(({ relation }) => relation);
  if (found.includes('unknown')) return 'unknown';
  const [only] = found;
  if (only !== undefined && found.length === 1) return only;
  return found.includes('looser') ? 'mixed' : 'different';
}
