/**
 * What one filter does otherwise than another.
 * @module
 */
import type { ArchName } from '../../abi/architectures.ts';
import { decidePrograms } from '../../decision/answer-call.ts';
import { copyDiagram } from '../../decision/copy-diagram.ts';
import { type ArchDifference, findDifferences, withRelations } from '../../decision/difference.ts';
import { type CompanyDifference, findCompanyDifference } from '../../decision/filters-in-company.ts';
import { type Relation, relations } from '../../decision/relate.ts';
import { createSpace, type Node, type Space } from '../../decision/space.ts';
import type { Filtered } from '../operands/filter-operand.ts';
import { namesOf, preferredOf } from '../operands/filter-pair.ts';
import type { Basis } from '../render/answer-basis.ts';
import { preferredFirst } from '../render/preferred-first.ts';
import type { Sides } from '../render/render-diff.ts';

/** The two names, the differences, and how another filter can tell the two apart. */
export interface Comparison extends Sides {
  /** By architecture, those that the reader wants to see first at the beginning. */
  readonly differences: readonly ArchDifference[];
  readonly company: CompanyDifference | undefined;
  readonly bases: readonly Basis[];
  readonly preferred: readonly ArchName[];
}

/**
 * @param asked - how filters may stand to each other beside a third one
 * @param preferred - the architectures that the reader wants to see first
 */
export function compareFilters(
  [first, second]: readonly [Filtered, Filtered],
  asked: readonly Relation[] = relations,
  preferred: readonly ArchName[] = preferredOf([first, second]),
): Comparison {
  // A new space: what the proofs of profiles left in theirs would take room from the comparison.
  const space = createSpace();
  const [a, b] = [diagramIn(space, first), diagramIn(space, second)];
  const names = namesOf(first, second);
  return {
    ...names,
    differences: preferredFirst(findDifferences(space, a, b), preferred),
    company: findCompanyDifference(space, a, b, asked, preferred),
    bases: [
      { ...first.basis, name: names.first },
      { ...second.basis, name: names.second },
    ],
    preferred,
  };
}

/** What a filter does, decided anew only if its proof has not done it. */
function diagramIn(space: Space, { programs, decided }: Filtered): Node {
  return decided === undefined
    ? decidePrograms(space, programs)
    : copyDiagram(decided.space, decided.root, space);
}

/** What counts of the differences: those of a kind, and what cannot be decided, for it may be anything. */
export function countedDifferences(
  differences: readonly ArchDifference[],
  kind: 'looser' | 'stricter' | 'any',
): readonly ArchDifference[] {
  return kind === 'any' ? differences : withRelations(differences, [kind, 'unknown']);
}
