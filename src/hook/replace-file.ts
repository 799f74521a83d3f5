/**
 * A bundle's config.json with other content: whole or not at all.
 * @module
 */
import { OciSeccompError } from '../errors.ts';
import { ioReason, writeWhole } from '../pipeline/files.ts';

/**
 * Replaces what a file holds; owner and mode stay, and a symbolic link stays one.
 *
 * @throws OciSeccompError `ERR_IO` if the folder cannot be written; the file is then as it was
 */
export function replaceFile(path: string, text: string): void {
  try {
    writeWhole(path, text);
  } catch (cause) {
    throw new OciSeccompError('ERR_IO', `${path} cannot be replaced: ${ioReason(cause)}`, {
      hint: 'the filter is put into this file, so its folder must be writable',
      cause,
    });
  }
}
