/**
 * Two filters, exactly: which system calls the second treats otherwise, under which conditions, with a call that shows it.
 * @module
 */
import type { ArchName } from '../abi/architectures.ts';
import type { SeccompData } from '../abi/seccomp-data.ts';
import { syscallName } from '../abi/syscalls.ts';
import { type Description, describeArguments } from './describe.ts';
import { FIELD_ARCH, FIELD_NR } from './fields.ts';
import { effective, type Relation, whereRelated } from './relate.ts';
import { cutByCall, type Part, type Slice } from './slices.ts';
import { and, FALSE, type Node, type Outcome, type Space } from './space.ts';
import { equals } from './tests.ts';
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
  return cutByCall(space, [a, b])
    .map((slice) => ({
      arch: slice.arch,
      auditArch: slice.auditArch,
      lastAuditArch: slice.lastAuditArch,
      changes: slice.numbers
        .flatMap((part) => byName(part, slice.arch))
        .flatMap((part) => changeOf(space, [a, b], slice, part) ?? []),
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

/** No architecture numbers its calls more than this far apart. */
const NUMBER_RANGE = 0x10000;

function numbersBetween({ from, to }: Part, arch: ArchName): readonly number[] {
  const numbers: number[] = [];
  for (let nr = from; nr <= Math.min(to, from + NUMBER_RANGE, 0x7fff_ffff); nr++) {
    if (syscallName(nr, arch) !== undefined) numbers.push(nr);
  }
  return numbers;
}

function changeOf(
  space: Space,
  [a, b]: readonly [Node, Node],
  { auditArch }: Slice,
  { from, to, nodes, name }: Part & { name: string | undefined },
): Change | undefined {
  const [x = FALSE, y = FALSE] = nodes;
  const here = and(space, equals(space, FIELD_ARCH, auditArch), equals(space, FIELD_NR, from));
  const sightings = relations.flatMap((relation) => {
    const condition = whereRelated(space, x, y, [relation]);
    const call = findWitness(space, and(space, here, condition));
    if (call === undefined) return [];
    return [{ relation, call, outcomes: [evaluate(space, a, call), evaluate(space, b, call)] as const }];
  });
  if (sightings.length === 0) return undefined;
  return {
    from,
    to,
    name,
    sightings,
    descriptions: [describeArguments(space, x), describeArguments(space, y)],
  };
}
