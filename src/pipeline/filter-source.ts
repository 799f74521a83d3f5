/**
 * Loads what a person names as a filter: a profile, a program in any form, or a live process. One detector for all.
 * @module
 */
import { namesBuiltin } from '../oci/builtin/index.ts';
import type { FilterSource, SourceOptions } from './file-source.ts';
import { loadProfile } from './load-profile.ts';

export type { FilterSource, SourceOptions } from './file-source.ts';

/**
 * Reads an operand: `pid:1234`, a built-in profile, `-`, or a file.
 *
 * @throws OciSeccompError `ERR_IO`; `ERR_PROFILE_*` and `ERR_BPF_INVALID` for a file that cannot be read as what it
 *   looks like; `ERR_USAGE`, `ERR_KERNEL` and `ERR_NO_FILTER` as `loadProcess`
 */
export async function loadFilterSource(operand: string, options: SourceOptions = {}): Promise<FilterSource> {
  const { dialect, consumers = () => [] } = options;
  // Each on use: a built-in profile needs neither.
  if (operand.startsWith('pid:')) {
    const { loadProcess } = await import('./process-source.ts');
    return loadProcess(operand.slice('pid:'.length));
  }
  if (namesBuiltin(operand)) {
    return { kind: 'profile', input: await loadProfile(operand, dialect, consumers) };
  }
  const { loadFile } = await import('./file-source.ts');
  return loadFile(operand, options);
}
