/**
 * What one filter does otherwise than another.
 * @module
 */
import type { ArchName } from '../../abi/architectures.ts';
import { decidePrograms } from '../../decision/answer-call.ts';
import { askInBestOrder, type BetterOrder } from '../../decision/argument-order.ts';
import { copyDiagram } from '../../decision/copy-diagram.ts';
import { NATURAL_ORDER } from '../../decision/diagram-variables.ts';
import { type ArchDifference, findDifferences, withRelations } from '../../decision/difference.ts';
import { type CompanyDifference, findCompanyDifference } from '../../decision/filters-in-company.ts';
import { findOrderOf } from '../../decision/program-values.ts';
import { type Relation, relations } from '../../decision/relate.ts';
import { createSpace, type Node, type Space } from '../../decision/space.ts';
import type { Filtered } from '../operands/filter-operand.ts';
import { namesOf, preferredOf } from '../operands/filter-pair.ts';
import type { Basis } from '../render/answer-basis.ts';
import { preferredFirst } from '../render/preferred-first.ts';
import type { Sides } from '../render/render-diff.ts';

/** The two names, the differences, and how another filter can tell the two apart. */
export interface FilterComparison extends Sides {
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
): FilterComparison {
  const names = namesOf(first, second);
  // A new space: what the proofs of profiles left in theirs would take room from the comparison.
  const found = askInBestOrder(createSpace(), orderFor([first, second]), (space) => {
    const [a, b] = [diagramIn(space, first), diagramIn(space, second)];
    return {
      differences: preferredFirst(findDifferences(space, a, b), preferred),
      company: findCompanyDifference(space, a, b, asked, preferred),
    };
  });
  return {
    ...names,
    ...found,
    bases: [
      { ...first.basis, name: names.first },
      { ...second.basis, name: names.second },
    ],
    preferred,
  };
}

/** The order of arguments that the proof of a filter needed; if none did, one that may be better than the natural one. */
function orderFor(filters: readonly Filtered[]): BetterOrder | undefined {
  const orders = filters.map(({ decided }) => decided?.space.order ?? NATURAL_ORDER);
  const needed = orders.find((order) => order !== NATURAL_ORDER);
  if (needed !== undefined) return { order: needed, patience: 0 };
  return findOrderOf(filters.flatMap(({ programs }) => programs));
}

/** What a filter does, decided anew only if its proof has not done it, or did it in another order of arguments. */
function diagramIn(space: Space, { programs, decided }: Filtered): Node {
  return decided !== undefined && `${decided.space.order}` === `${space.order}`
    ? copyDiagram(decided.space, decided.root, space)
    : decidePrograms(space, programs);
}

/** What counts of the differences: those of a kind, and what cannot be decided, for it may be anything. */
export function countedDifferences(
  differences: readonly ArchDifference[],
  kind: 'looser' | 'stricter' | 'any',
): readonly ArchDifference[] {
  return kind === 'any' ? differences : withRelations(differences, [kind, 'unknown']);
}
