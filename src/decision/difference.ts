/**
 * Two filters, exactly: which system calls the second treats otherwise, under which conditions, with a call that shows it.
 * @module
 */
import type { ArchName } from '../abi/architectures.ts';
import type { SeccompData } from '../abi/seccomp-data.ts';
import { directSyscallNumbers, syscallName } from '../abi/syscalls.ts';
import { type Description, describeArguments } from './describe.ts';
import { effective, type Relation, whereRelated } from './relate.ts';
import { cutByCall, type Part, type Slice } from './slices.ts';
import { countStep, FALSE, type Node, type Outcome, type Space } from './space.ts';
import { evaluate, findWitness } from './witness.ts';

/** A call that shows a relation. */
export interface Sighting {
  readonly relation: Relation;
  readonly call: SeccompData;
  /** What the first filter does, what the second. */
  readonly outcomes: readonly [Outcome, Outcome];
}

/** Numbers of one architecture that the two filters treat differently in the same way. */
export interface Change {
  /** Both ends included; a named system call stands alone. */
  readonly from: number;
  readonly to: number;
  /** Of the system call, if the architecture has one of this number. */
  readonly name: string | undefined;
  /** One for each relation that some arguments stand in, the worst first: looser, different, stricter, unknown. */
  readonly sightings: readonly Sighting[];
  /** What each of the two does, by arguments. */
  readonly descriptions: readonly [Description, Description];
}

export interface ArchDifference {
  readonly arch: ArchName | undefined;
  /** Words of `seccomp_data.arch`, both ends included. */
  readonly auditArch: number;
  readonly lastAuditArch: number;
  readonly changes: readonly Change[];
}

const relations: readonly Relation[] = ['looser', 'different', 'stricter', 'unknown'];

/**
 * Compares two diagrams of one space.
 *
 * Return words count as the kernel takes them: data that it ignores makes no difference.
 *
 * @returns by architecture, those without a change left out; empty if the two are equal for every call
 */
export function findDifferences(space: Space, first: Node, second: Node): readonly ArchDifference[] {
  const [a, b] = [effective(space, first), effective(space, second)];
  if (a === b && whereRelated(space, a, b, ['unknown']) === FALSE) return [];
  const related = new Map<string, Related>();
  return cutByCall(space, [a, b])
    .map((slice) => ({
      arch: slice.arch,
      auditArch: slice.auditArch,
      lastAuditArch: slice.lastAuditArch,
      changes: slice.numbers
        .flatMap((part) => byName(part, slice.arch))
        .flatMap((part) => changeOf(space, related, slice, part) ?? []),
    }))
    .filter(({ changes }) => changes.length > 0);
}

/** System calls that exist one by one, the numbers between them as ranges. */
function byName(part: Part, arch: ArchName | undefined): readonly (Part & { name: string | undefined })[] {
  const parts: (Part & { name: string | undefined })[] = [];
  const { nodes } = part;
  let next = part.from;
  if (arch !== undefined && nodes[0] !== nodes[1]) {
    for (const nr of numbersBetween(part, arch)) {
      if (nr > next) parts.push({ from: next, to: nr - 1, nodes, name: undefined });
      parts.push({ from: nr, to: nr, nodes, name: syscallName(nr, arch) });
      next = nr + 1;
    }
  }
  if (next <= part.to) parts.push({ from: next, to: part.to, nodes, name: undefined });
  return parts;
}

function numbersBetween({ from, to }: Part, arch: ArchName): readonly number[] {
  const numbers = directSyscallNumbers(arch);
  const last = numbers.at(-1);
  if (last === undefined || last < from) return [];
  return numbers.filter((nr) => nr >= from && nr <= to);
}

/** What two diagrams of arguments have to do with each other: the same for every call that they belong to. */
type Related = Pick<Change, 'sightings' | 'descriptions'>;

function relate(space: Space, x: Node, y: Node): Related {
  const sightings = relations.flatMap((relation): readonly Sighting[] => {
    const call = findWitness(space, whereRelated(space, x, y, [relation]));
    if (call === undefined) return [];
    return [{ relation, call, outcomes: [evaluate(space, x, call), evaluate(space, y, call)] }];
  });
  return { sightings, descriptions: [describeArguments(space, x), describeArguments(space, y)] };
}

/** Differences that a reader could ever look at are few; each takes room. */
const STEPS_A_CHANGE = 100;

function changeOf(
  space: Space,
  known: Map<string, Related>,
  { auditArch }: Slice,
  { from, to, nodes, name }: Part & { name: string | undefined },
): Change | undefined {
  const [x = FALSE, y = FALSE] = nodes;
  const key = `${x} ${y}`;
  const related = known.get(key) ?? relate(space, x, y);
  known.set(key, related);
  if (related.sightings.length === 0) return undefined;
  countStep(space, STEPS_A_CHANGE);
  const sightings = related.sightings.map((sighting) => ({
    ...sighting,
    call: { ...sighting.call, arch: auditArch, nr: from | 0 },
  }));
  return { from, to, name, sightings, descriptions: related.descriptions };
}
