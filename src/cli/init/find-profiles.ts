/**
 * The profiles of a project, as `init` looks for them.
 * @module
 */
import { relative } from 'node:path';
import { OciSeccompError } from '../../errors.ts';
import type { Dialect } from '../../oci/profile.ts';
import { readProfiles } from '../../oci/read-profiles.ts';
import { readInput } from '../../pipeline/read-input.ts';
import { isOtherDocument } from '../lint/other-document.ts';
import { expandOperand } from '../operands/operand-files.ts';

export interface FoundProfile {
  /** Relative to the project. */
  readonly file: string;
  readonly dialect: Dialect;
  /** Whether it has errors, so that no runtime takes it. lint names them. */
  readonly broken: boolean;
}

/** The profiles below a folder, sorted by name. Files that cannot be read are left out: lint names them. */
export async function findProfiles(folder: string): Promise<readonly FoundProfile[]> {
  const found: FoundProfile[] = [];
  for (const file of await filesBelow(folder)) {
    const profiles = await profilesOf(file);
    found.push(...profiles.map((profile) => ({ file: relative(folder, file), ...profile })));
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

async function profilesOf(file: string): Promise<readonly Omit<FoundProfile, 'file'>[]> {
  try {
    const read = await readProfiles(readInput(file), { name: file });
    return read.flatMap((each) =>
      each.dialect === undefined || isOtherDocument(each)
        ? []
        : [{ dialect: each.dialect, broken: each.profile === undefined }],
    );
  } catch (error) {
    if (error instanceof OciSeccompError) return [];
    throw error;
  }
}

/** The fewest operands that name all profiles: their folders at the top of the project, or the whole project. */
export function targetsOf(profiles: readonly FoundProfile[]): readonly string[] {
  const folders = new Set(profiles.map(({ file }) => (file.includes('/') ? `${file.split('/')[0]}/` : '.')));
  const isPlain = [...folders].every((each) => /^[\w.][\w.-]*\/?$/.test(each));
  return folders.size === 0 || folders.size > 3 || folders.has('.') || !isPlain ? ['.'] : [...folders].sort();
}
