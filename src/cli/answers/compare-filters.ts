/**
 * What one filter does otherwise than another.
 * @module
 */
import type { ArchName } from '../../abi/architectures.ts';
import { decidePrograms } from '../../decision/answer-call.ts';
import { type ArchDifference, findDifferences, withRelations } from '../../decision/difference.ts';
import { type CompanyDifference, findCompanyDifference } from '../../decision/filters-in-company.ts';
import { type Relation, relations } from '../../decision/relate.ts';
import { decideFilter, type Filtered } from '../operands/filter-operand.ts';
import { namesOf, preferredOf } from '../operands/filter-pair.ts';
import type { Basis } from '../render/answer-basis.ts';
import type { Sides } from '../render/render-diff.ts';

/** The two names, the differences, and how another filter can tell the two apart. */
export interface Comparison extends Sides {
  /** By architecture, in the order of libseccomp's tokens. */
  readonly differences: readonly ArchDifference[];
  readonly company: CompanyDifference | undefined;
  readonly bases: readonly Basis[];
  readonly preferred: readonly ArchName[];
}

/** More than the proof of any usual profile makes; what a proof leaves behind takes room from what comes after it. */
const MANY_NODES = 1 << 16;

/**
 * @param asked - how filters may stand to each other beside a third one
 * @param preferred - the architectures that the reader wants to see first
 */
export function compareFilters(
  [first, second]: readonly [Filtered, Filtered],
  asked: readonly Relation[] = relations,
  preferred: readonly ArchName[] = preferredOf([first, second]),
): Comparison {
  // The proof of a profile has made its program's diagram: the other's is made beside it, if there is room.
  const isSmall = (first.decided?.space.count ?? 0) < MANY_NODES;
  const { space, root: a } = decideFilter(isSmall ? first : { ...first, decided: undefined });
  const b = decidePrograms(space, second.programs);
  return {
    ...namesOf(first, second),
    differences: findDifferences(space, a, b),
    company: findCompanyDifference(space, a, b, asked, preferred),
    bases: [first.basis, second.basis],
    preferred,
  };
}

/** What counts of the differences: those of a kind, and what cannot be decided, for it may be anything. */
export function countedDifferences(
  differences: readonly ArchDifference[],
  kind: 'looser' | 'stricter' | 'any',
): readonly ArchDifference[] {
  return kind === 'any' ? differences : withRelations(differences, [kind, 'unknown']);
}
