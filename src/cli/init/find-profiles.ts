/**
 * The profiles of a project, as `init` looks for them.
 * @module
 */
import { relative } from 'node:path';
import { OciSeccompError } from '../../errors.ts';
import type { Dialect } from '../../oci/profile.ts';
import { readProfiles } from '../../oci/read-profiles.ts';
import { readInput } from '../../pipeline/read-input.ts';
import { expandOperand } from '../operands/operand-files.ts';

export interface FoundProfile {
  /** Relative to the project. */
  readonly file: string;
  readonly dialect: Dialect;
}

/** The profiles below a folder, in the order of their names; what cannot be read is left to lint. */
export async function findProfiles(folder: string): Promise<readonly FoundProfile[]> {
  const found: FoundProfile[] = [];
  for (const file of await filesBelow(folder)) {
    const dialects = await dialectsOf(file);
    for (const dialect of dialects) found.push({ file: relative(folder, file), dialect });
  }
  return found;
}

async function filesBelow(folder: string): Promise<readonly string[]> {
  try {
    return await expandOperand(folder);
  } catch (error) {
    if (error instanceof OciSeccompError && error.code === 'ERR_IO') return [];
    throw error;
  }
}

async function dialectsOf(file: string): Promise<readonly Dialect[]> {
  try {
    const read = await readProfiles(readInput(file), { name: file });
    return read.flatMap(({ profile, dialect }) =>
      profile === undefined || dialect === undefined ? [] : [dialect],
    );
  } catch (error) {
    if (error instanceof OciSeccompError) return [];
    throw error;
  }
}

/** What to lint, as few words as name all profiles: their folders at the top of the project, or the whole project. */
export function targetsOf(profiles: readonly FoundProfile[]): readonly string[] {
  const folders = new Set(profiles.map(({ file }) => (file.includes('/') ? `${file.split('/')[0]}/` : '.')));
  const isPlain = [...folders].every((each) => /^[\w.][\w.-]*\/?$/.test(each));
  return folders.size === 0 || folders.size > 3 || folders.has('.') || !isPlain ? ['.'] : [...folders].sort();
}
