/**
 * Whether a profile of a registry is within a baseline: the question of `subset`.
 * @module
 */
import { loadProfileBytes } from '../../pipeline/load-profile.ts';
import { readersAsked } from '../../policy/profile-readers.ts';
import type { PulledProfile } from '../../registry/pull-profile.ts';
import type { MeaningOptions } from '../define/shared-options.ts';
import { filterOf, readSubject } from '../operands/filter-operand.ts';
import { preferredOf } from '../operands/filter-pair.ts';
import { requireUses } from '../operands/host-options.ts';
import type { SubsetAnswer } from '../render/render-comparison.ts';
import { compareFilters, countedDifferences } from './compare-filters.ts';

interface BaselineOptions {
  /** Which profile of the baseline's file. */
  readonly baselineObject?: string | undefined;
}

/** @throws OciSeccompError as `subset` does */
export async function proveWithin(
  { bytes, reference }: PulledProfile,
  baseline: string,
  { baselineObject, ...options }: Omit<MeaningOptions, 'dialect' | 'object'> & BaselineOptions,
): Promise<SubsetAnswer> {
  const readers = readersAsked(options);
  const source = await readSubject(
    baseline,
    { ...options, ...(baselineObject === undefined ? {} : { object: baselineObject }) },
    { shared: '--baseline-object' },
  );
  await requireUses({ baseDir: options.baseDir }, [source]);
  if (baselineObject !== undefined) {
    const { refuseUnusedOptions } = await import('../define/option-uses.ts');
    refuseUnusedOptions({ baselineObject }, [source], { prefix: 'baseline-' });
  }
  const outer = await filterOf(source, options);
  const input = await loadProfileBytes(reference, bytes, 'oci', readers);
  const inner = await filterOf({ kind: 'profile', input }, options);
  const comparison = compareFilters([outer, inner], ['looser', 'unknown'], preferredOf([inner, outer]));
  return { comparison, outside: countedDifferences(comparison.differences, 'looser') };
}
