/**
 * `--fix` for one file: writes it, or shows what would change.
 * @module
 */
import { OciSeccompError } from '../../errors.ts';
import { namesBuiltin } from '../../oci/builtin/index.ts';
import { writeOutput } from '../output.ts';
import type { FileReport } from './file-report.ts';
import { fixProfile } from './fix.ts';
import { type Linted, toReport } from './lint-files.ts';
import { unifiedDiff } from './unified-diff.ts';

/**
 * Fixes a file.
 *
 * @param choice - `name`: what it is called in the output
 * @returns what is left to say about it
 * @throws OciSeccompError `ERR_IO`; `ERR_PROOF` as `fixProfile`; `ERR_USAGE` for anything but a regular file
 */
export async function fixFile(
  file: string,
  linted: Linted,
  { name, all, dryRun }: { readonly name: string; readonly all: boolean; readonly dryRun: boolean },
): Promise<FileReport> {
  if (!dryRun && (file === '-' || namesBuiltin(file))) {
    throw new OciSeccompError('ERR_USAGE', `${name} is not a file, so fixes cannot be written to it`, {
      hint: '--fix-dry-run shows them',
    });
  }
  const fixed = await fixProfile(linted, all);
  const report = toReport(name, fixed.linted, fixed.count);
  if (fixed.count === 0) return dryRun ? { ...report, diff: '' } : report;
  if (!dryRun) {
    writeOutput(file, fixed.text);
    return report;
  }
  const before = typeof linted.bytes === 'string' ? linted.bytes : Buffer.from(linted.bytes).toString('utf8');
  return { ...report, diff: unifiedDiff(name, before, fixed.text) };
}
