/**
 * Calls that do not get the same verdict, in short: without conditions and witnesses.
 * @module
 */
import type { ArchName } from '../../abi/architectures.ts';
import type { ArchDifference } from '../../decision/difference.ts';
import { preferredFirst } from './preferred-first.ts';

/** @param native - the architecture that comes first */
export function lostJson(lost: readonly ArchDifference[], native: ArchName): readonly object[] {
  return preferredFirst(lost, [native]).flatMap(({ arch, changes }) =>
    changes.map(({ kind, numbers }) => ({
      arch: arch ?? null,
      kind,
      calls: numbers.flatMap(({ name }) => name ?? []),
      numbers: numbers.filter(({ name }) => name === undefined).map(({ from, to }) => ({ from, to })),
    })),
  );
}
