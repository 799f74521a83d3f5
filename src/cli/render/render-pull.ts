/**
 * The report of `pull`, which is printed beside the profile.
 * @module
 */
import { displayName } from '../../pipeline/read-input.ts';
import type { PulledProfile } from '../../registry/pull-profile.ts';
import { printJson } from './print-json.ts';
import { renderSubset, type SubsetAnswer, subsetJson } from './render-comparison.ts';
import type { RenderOptions } from './render-diff.ts';

export function renderPull(
  { reference, bytes }: PulledProfile,
  proof: SubsetAnswer | undefined,
  { written, ...options }: RenderOptions & { readonly written: string | undefined },
): string {
  const where = written === undefined ? '' : `, written to ${displayName(written)}`;
  const isRefused = proof !== undefined && proof.outside.length > 0;
  const fate = isRefused ? '; nothing is written' : where;
  const verdict = proof === undefined ? '' : renderSubset(proof, options);
  return `pulled ${reference}: ${bytes.length} bytes, digests and sizes verified${fate}\n${verdict}`;
}

export function renderPullJson(
  { reference, digest, bytes }: PulledProfile,
  proof: SubsetAnswer | undefined,
): string {
  return printJson({
    ...{ reference, digest, size: bytes.length },
    ...(proof === undefined ? {} : { baseline: subsetJson(proof) }),
  });
}
