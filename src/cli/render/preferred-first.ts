/**
 * The order that texts and JSON list architectures in.
 * @module
 */
import type { ArchName } from '../../abi/architectures.ts';
import type { ArchDifference } from '../../decision/difference.ts';

/** Differences on the architectures that the reader asked about come first, in that order; the others keep theirs. */
export function preferredFirst(
  differences: readonly ArchDifference[],
  preferred: readonly ArchName[],
): readonly ArchDifference[] {
  const place = ({ arch }: ArchDifference): number => {
    const at = arch === undefined ? -1 : preferred.indexOf(arch);
    return at < 0 ? preferred.length : at;
  };
  return differences.toSorted((a, b) => place(a) - place(b));
}
