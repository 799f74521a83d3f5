/**
 * The clones that the dated profiles come from, where they are here.
 */
import { join } from 'node:path';
import { describe } from 'vitest';
import { missingClones } from '../../../tools/dated-profiles/families.ts';
import { projectRoot } from '../../../tools/debian-cache.ts';

export const clones = process.env.OCI_SECCOMP_REPOSITORIES ?? join(projectRoot(), '.cache/repositories');

const missing = missingClones(clones);

/** A suite that reads the clones; without them it is skipped, and its name says so. */
export function describeWithClones(name: string, body: () => void): void {
  const suffix =
    missing.length === 0
      ? ''
      : ` (needs clones, see tools/generate-dated-profiles.ts: ${missing.join(', ')})`;
  describe.skipIf(missing.length > 0)(`${name}${suffix}`, body);
}
