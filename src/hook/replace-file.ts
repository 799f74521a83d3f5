/**
 * A bundle's config.json with other content: whole or not at all.
 * @module
 */
import { OciSeccompError } from '../errors.ts';
import { ioReason, replaceWhole, writeWhole } from '../pipeline/files.ts';

/**
 * Replaces what a file holds; owner and mode stay, and a symbolic link stays one.
 *
 * @throws OciSeccompError `ERR_IO` if the folder cannot be written; the file is then as it was
 */
export function replaceFile(path: string, text: string): void {
  attempt(path, () => writeWhole(path, text));
}

/**
 * The same for a file by its name in a folder that is open: whatever becomes of the path to it meanwhile.
 *
 * @param folder - its descriptor
 * @param name - not a symbolic link
 * @param path - for messages
 */
export function replaceFileIn(folder: number, name: string, path: string, text: string): void {
  attempt(path, () => replaceWhole(`/proc/self/fd/${folder}/${name}`, text));
}

function attempt(path: string, work: () => void): void {
  try {
    work();
  } catch (cause) {
    throw new OciSeccompError('ERR_IO', `${path} cannot be replaced: ${ioReason(cause)}`, {
      hint: 'the filter is put into this file, so its path must be UTF-8 and its folder writable',
      cause,
    });
  }
}
