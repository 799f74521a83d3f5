/**
 * Calls that do not get the same verdict, in short: without conditions and witnesses.
 * @module
 */
import type { ArchDifference } from '../../decision/difference.ts';

export function lostJson({ arch, changes }: ArchDifference): readonly object[] {
  return changes.map(({ kind, numbers }) => ({
    arch: arch ?? null,
    kind,
    calls: numbers.flatMap(({ name }) => name ?? []),
    numbers: numbers.filter(({ name }) => name === undefined).map(({ from, to }) => ({ from, to })),
  }));
}
