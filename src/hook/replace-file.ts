/**
 * A file's content replaced whole or not at all; owner and mode stay.
 * @module
 */
import {
  closeSync,
  fchmodSync,
  fchownSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { OciSeccompError } from '../errors.ts';

const PERMISSIONS = 0o7777;

/**
 * Replaces what a file holds, through a temporary file beside it. A symbolic link stays one.
 *
 * @throws OciSeccompError `ERR_IO` if the folder cannot be written; the file is then as it was
 */
export function replaceFile(path: string, text: string): void {
  let temporary: string | undefined;
  try {
    // The kernel's answer: realpathSync() takes `..` for the way back where a symbolic link led to.
    const real = realpathSync.native(path);
    const { uid, gid, mode } = statSync(real);
    const name = `${real}.${process.pid}-${Date.now()}.tmp`;
    const fd = openSync(name, 'wx', 0o600);
    temporary = name;
    try {
      writeFileSync(fd, text);
      fchownSync(fd, uid, gid);
      fchmodSync(fd, mode & PERMISSIONS);
    } finally {
      closeSync(fd);
    }
    renameSync(temporary, real);
  } catch (cause) {
    if (temporary !== undefined) rmSync(temporary, { force: true });
    const { code = 'unknown reason' } = cause as NodeJS.ErrnoException;
    throw new OciSeccompError('ERR_IO', `${path} cannot be replaced: ${reasons[code] ?? code}`, {
      hint: 'the filter is put into this file, so its folder must be writable',
      cause,
    });
  }
}

const reasons: Readonly<Record<string, string>> = {
  EROFS: 'the file system is read-only',
  EACCES: 'permission denied',
  EPERM: 'not permitted',
  ENOSPC: 'no space left on the device',
  EDQUOT: 'the quota is used up',
};
