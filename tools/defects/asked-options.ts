/**
 * What the defect tools are told: the library to look at, and numbers.
 * @module
 */
import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { parseNumber } from '../../src/abi/parse-number.ts';
import { OciSeccompError } from '../../src/errors.ts';
import { fetchedLibraries, libraryByVersion } from '../../test/oracle/libraries.ts';

export interface NamedLibrary {
  /** A version, or the file's name. */
  readonly name: string;
  readonly path: string;
}

/**
 * Finds a library: a version that `npm run fetch` has brought (`2.6.1`) or that this machine has, or a path.
 *
 * @throws OciSeccompError `ERR_USAGE` if there is none
 */
export function findLibrary(asked: string): NamedLibrary {
  const known = libraryByVersion(asked);
  if (known !== undefined) return { name: known.version, path: known.path };
  if (asked.includes('/') && existsSync(asked)) return { name: basename(asked), path: asked };
  const versions = fetchedLibraries().map(({ version }) => version);
  const have = versions.length === 0 ? 'none was fetched' : `fetched are ${versions.join(', ')}`;
  throw new OciSeccompError('ERR_USAGE', `no libseccomp '${asked}': ${have}`, {
    hint: 'give a version or a path; npm run fetch brings the versions that tests use',
  });
}

/** @throws OciSeccompError `ERR_USAGE` for what is no number: counting up to it would end at once */
export function numberOption(option: string, text: string): number {
  const value = parseNumber(text);
  if (value !== undefined) return value;
  throw new OciSeccompError('ERR_USAGE', `${option} takes a whole number, not '${text}'`);
}
