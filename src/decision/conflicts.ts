/**
 * Where a policy contradicts itself: calls that rules of different actions match at once.
 * @module
 */
import type { ReturnWord } from '../abi/actions.ts';
import type { ArchName } from '../abi/architectures.ts';
import type { SeccompData } from '../abi/seccomp-data.ts';
import { equals } from './condition-diagrams.ts';
import { cutByCall } from './cut-diagram.ts';
import { FIELD_ARCH, FIELD_NR } from './diagram-variables.ts';
import { whereOutcome } from './relate.ts';
import { and, FALSE, type Node, type Space } from './space.ts';
import { archOfCall, evaluate, findWitness } from './witness.ts';

/** A system call with rules in conflict, and a call that shows it. */
export interface Conflict {
  /** The architecture; `undefined` for one that libseccomp does not know. */
  readonly arch: ArchName | undefined;
  /** The system call's number, as `seccomp_data.nr` holds it. */
  readonly nr: number;
  /** A call that shows it. */
  readonly call: SeccompData;
  /** The actions of the rules that match it, ascending. */
  readonly words: readonly ReturnWord[];
}

/** Finds every system call of a policy's diagram for which rules conflict. */
export function findConflicts(
  space: Space,
  root: Node,
  preferred: readonly ArchName[] = [],
): readonly Conflict[] {
  if (!hasConflicts(space)) return [];
  const condition = whereOutcome(space, root, ({ kind }) => kind === 'conflict');
  if (condition === FALSE) return [];
  return cutByCall(space, [condition]).flatMap(({ auditArch, numbers }) =>
    numbers
      .filter(({ nodes }) => nodes[0] !== FALSE)
      .flatMap(({ from }) => {
        const here = and(space, equals(space, FIELD_ARCH, auditArch), equals(space, FIELD_NR, from));
        return describe(space, root, and(space, here, condition), preferred) ?? [];
      }),
  );
}

/** Whether any leaf of the space is a conflict. In most policies none is, and no walk is needed. */
function hasConflicts(space: Space): boolean {
  return space.outcomes.some(({ kind }) => kind === 'conflict');
}

function describe(
  space: Space,
  root: Node,
  condition: Node,
  preferred: readonly ArchName[],
): Conflict | undefined {
  const call = findWitness(space, condition, preferred);
  if (call === undefined) return undefined;
  const outcome = evaluate(space, root, call);
  if (outcome.kind !== 'conflict') return undefined;
  return { arch: archOfCall(call), nr: call.nr, call, words: outcome.words };
}
