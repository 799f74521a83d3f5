/**
 * Architectures as the binding's callers name them.
 * @module
 */
import { type ArchName, allArchitectures, architectures } from '../abi/architectures.ts';
import { describe } from '../abi/check-values.ts';
import { findArchitecture } from '../abi/find-architecture.ts';
import { nearest } from '../abi/nearest-name.ts';
import { takeOptions } from '../abi/take-options.ts';
import { OciSeccompError } from '../errors.ts';
import { type LibraryOption, libraryAt, libraryKinds, nativeArch } from './library.ts';

/** `SCMP_ARCH_NATIVE`: stands for the architecture libseccomp was built for. */
export const SCMP_ARCH_NATIVE = 0;

/** Any usual name (`x86_64`, `amd64`, `SCMP_ARCH_X86_64`), a libseccomp token, or `native`. */
export type ArchSpelling = string | number;

/**
 * Finds an architecture.
 *
 * @param spelling - libseccomp's name, GOARCH, `uname -m`, `SCMP_ARCH_*`, an alias, a token, or `native` (also 0)
 * @throws OciSeccompError `ERR_USAGE` for an unknown architecture; `ERR_LIBSECCOMP_MISSING` for `native`
 *   without a library
 */
export function findArch(spelling: ArchSpelling, options: LibraryOption = {}): ArchName {
  const taken = takeOptions('findArch', options, libraryKinds);
  if (spelling === SCMP_ARCH_NATIVE || spelling === 'native' || spelling === 'SCMP_ARCH_NATIVE') {
    return nativeArch(libraryAt(taken));
  }
  const row =
    typeof spelling === 'number'
      ? allArchitectures.find(({ scmpArch }) => scmpArch === spelling)
      : typeof spelling === 'string'
        ? findArchitecture(spelling)
        : undefined;
  if (row !== undefined) return row.name;
  const near =
    typeof spelling === 'string' ? nearest(spelling.slice(0, 40), Object.keys(architectures)) : undefined;
  throw new OciSeccompError('ERR_USAGE', `no architecture is called ${describe(spelling)}`, {
    hint: near === undefined ? `known are ${Object.keys(architectures).join(', ')}` : `did you mean ${near}?`,
  });
}

/**
 * libseccomp's token of an architecture, u32. NOTE: x32's differs from its audit value.
 *
 * @throws OciSeccompError as {@link findArch}
 */
export function toNative(arch: ArchName): number {
  return architectures[findArch(arch)].scmpArch;
}

/**
 * The architecture of a token.
 *
 * @throws OciSeccompError `ERR_USAGE` for an unknown number; `ERR_LIBSECCOMP_MISSING` for 0 (native) without a library
 */
export function fromNative(token: number): ArchName {
  return findArch(token);
}
