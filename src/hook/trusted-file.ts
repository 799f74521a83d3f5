/**
 * Files that decide what a container may do. They are read only if nobody but their owner, who is root or the user
 * this process runs as, can have written or exchanged them.
 * @module
 */
import { closeSync, constants, fstatSync, openSync, readFileSync, type Stats } from 'node:fs';
import { sep } from 'node:path';
import { OciSeccompError } from '../errors.ts';
import { attempt, requireTrusted, trustedOwners, trustWalk } from './trusted-path.ts';

/** Largest file read, in bytes; the largest profile published has 25 KB. */
const MAX_SIZE = 1024 * 1024;
/** One part of a profile's name: no part starts with a dot, so there is no way up and no hidden file. */
const NAME = /^[A-Za-z0-9_][A-Za-z0-9._-]*(?:\/[A-Za-z0-9_][A-Za-z0-9._-]*)*$/;
const MAX_NAME = 255;

/**
 * Reads a file that nobody but root or the own user can have written. Symbolic links are followed if they are to be
 * trusted as well: see {@link trustWalk}.
 *
 * @param path - absolute
 * @param what - what the file is to the reader of a message: `the profile`
 * @throws OciSeccompError `ERR_HOOK` for a file that cannot be trusted; `ERR_IO` if it cannot be read
 */
export function readTrustedFile(path: string, what: string): Uint8Array {
  const real = trustWalk()(path, what);
  return attempt(path, what, () => readChecked(real, what));
}

/**
 * Reads a file by its name in a folder whose files are trusted. Names come from containers' annotations, that is from
 * anyone who may start one: a name never leads out of the folder, neither by `..` nor by a symbolic link.
 *
 * @param folder - absolute
 * @param name - letters, digits, `.`, `_`, `-` and `/`; no part of it starts with a dot
 * @returns the bytes, and the path for messages
 * @throws OciSeccompError as {@link readTrustedFile}, and `ERR_HOOK` for a name that is not allowed
 */
export function readTrustedFileIn(
  folder: string,
  name: string,
  what: string,
): { readonly path: string; readonly bytes: Uint8Array } {
  if (name.length > MAX_NAME || !NAME.test(name)) {
    const shown = JSON.stringify(name.length > 80 ? `${name.slice(0, 77)}...` : name);
    throw new OciSeccompError('ERR_HOOK', `${what} has a name that is not allowed in ${folder}: ${shown}`, {
      hint: `name a file in ${folder}, with letters, digits, '.', '_', '-' and '/', for instance web/nginx.json`,
    });
  }
  // Not join(): the kernel follows a symbolic link before it takes a `..` behind it.
  const path = folder.endsWith('/') ? folder + name : `${folder}/${name}`;
  const walk = trustWalk();
  const home = walk(folder, 'the folder of profiles');
  const real = walk(path, what);
  if (!real.startsWith(home.endsWith(sep) ? home : home + sep)) {
    throw new OciSeccompError('ERR_HOOK', `${what} ${path} is a symbolic link out of ${folder}`, {
      hint: 'put the file itself into the folder',
    });
  }
  return { path, bytes: attempt(path, what, () => readChecked(real, what)) };
}

/** Reads what it has checked: the same open file. */
function readChecked(real: string, what: string): Uint8Array {
  // NONBLOCK: opening a pipe must not wait for its writer.
  const fd = openSync(real, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const stats = fstatSync(fd);
    if (!stats.isFile()) throw new OciSeccompError('ERR_HOOK', `${what} ${real} is not a regular file`);
    if (stats.size > MAX_SIZE) {
      throw new OciSeccompError(
        'ERR_HOOK',
        `${what} ${real} has ${stats.size} bytes; at most ${MAX_SIZE} are read`,
      );
    }
    requireTrusted(real, stats, what, trustedOwners());
    const bytes = readFileSync(fd);
    requireSame(stats, fstatSync(fd), bytes.length, real, what);
    return bytes;
  } finally {
    closeSync(fd);
  }
}

/** A program that is half written can be one that the kernel takes, and means something else. */
function requireSame(before: Stats, after: Stats, length: number, real: string, what: string): void {
  // Not the ctime: it changes when another file takes the name, and this one is read to its end.
  if (after.size === before.size && after.mtimeMs === before.mtimeMs && length === after.size) return;
  throw new OciSeccompError('ERR_HOOK', `${what} ${real} was changed while it was read`, {
    hint: 'write a new file beside it and rename that, as oci-seccomp -o and mv do',
  });
}
