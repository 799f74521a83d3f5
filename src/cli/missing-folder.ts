/**
 * Folders that every part of this program takes for granted: where one is missing, errors of Node come from anywhere.
 * @module
 */
import { existsSync } from 'node:fs';
import { OciSeccompError } from '../errors.ts';

/** getcwd(3): ERANGE. */
const TOO_DEEP = 'change to a folder whose path has less than 4096 bytes';

/** @returns what is missing, as an error that says what to do; any other error as it is */
export function nameMissing(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { syscall, code, path } = error as NodeJS.ErrnoException;
  // Node's own functions for paths ask for the working folder too.
  if (syscall === 'uv_cwd') {
    return code === 'ENOENT'
      ? missing('the working folder does not exist any more', 'change to a folder that exists', error)
      : missing(`the path of the working folder cannot be told: ${code}`, TOO_DEEP, error);
  }
  // Of the processes that are asked for, this one and its parents live.
  const isOfProc = code === 'ENOENT' && path?.startsWith('/proc/') === true;
  if (!isOfProc || existsSync('/proc/self')) return error;
  return missing('/proc is not mounted here', 'mount it: mount -t proc proc /proc', error);
}

function missing(message: string, hint: string, cause: Error): OciSeccompError {
  return new OciSeccompError('ERR_IO', message, { hint, cause });
}
