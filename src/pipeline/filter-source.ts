/**
 * Loads what a person names as a filter: a profile, a program in any form, or a live process. One detector for all.
 * @module
 */
import type { ArchName, Endian } from '../abi/architectures.ts';
import type { Consumer } from '../consumers.ts';
import { namesBuiltin } from '../oci/builtin/index.ts';
import type { DialectName } from '../oci/dialect-rows.ts';
import type { Dialect } from '../oci/profile.ts';
import { type LoadedProfile, loadProfile } from './load-profile.ts';
import type { ProgramSource } from './process-source.ts';
import type { ProfileSelection } from './select-profile.ts';

export interface ProfileSource {
  readonly kind: 'profile';
  readonly input: LoadedProfile;
}

export type FilterSource = ProfileSource | ProgramSource;

export interface SourceOptions {
  /** How to read a profile; a file is then read only as a profile. */
  readonly dialect?: DialectName;
  /** Byte order of a raw program that does not show it. */
  readonly endian?: Endian;
  /** Whose system call numbers the names in a C array stand for. */
  readonly arch?: ArchName | undefined;
  /** The readers whose objections stop a profile; by default none. */
  readonly consumers?: (dialect: Dialect) => readonly Consumer[];
  /** Which of several profiles. */
  readonly selection?: ProfileSelection;
}

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
