/**
 * Files that decide what a container may do. They are read only if nobody but their owner, who is root or the user
 * this process runs as, can have written them: neither the file nor a folder on the way to it.
 * @module
 */
import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readFileSync,
  realpathSync,
  type Stats,
} from 'node:fs';
import { dirname, isAbsolute, join, sep } from 'node:path';
import { OciSeccompError } from '../errors.ts';

/** Largest file read, in bytes; the largest profile published has 25 KB. */
const MAX_SIZE = 1024 * 1024;
const WRITABLE_BY_OTHERS = 0o022;
const STICKY = 0o1000;
/** One part of a profile's name: no part starts with a dot, so there is no way up and no hidden file. */
const NAME = /^[A-Za-z0-9_][A-Za-z0-9._-]*(?:\/[A-Za-z0-9_][A-Za-z0-9._-]*)*$/;
const MAX_NAME = 255;

/**
 * Reads a file that nobody but root or the own user can have written. Symbolic links are followed; owner and mode are
 * those of what they lead to, and of every folder on the way.
 *
 * @param path - absolute
 * @param what - what the file is to the reader of a message: `the profile`
 * @throws OciSeccompError `ERR_HOOK` for a file that is not to be trusted; `ERR_IO` if it cannot be read
 */
export function readTrustedFile(path: string, what: string): Uint8Array {
  if (!isAbsolute(path) || path.includes('\0')) {
    throw new OciSeccompError(
      'ERR_HOOK',
      `${what} is not named by an absolute path: ${JSON.stringify(path)}`,
      {
        hint: 'write the whole path, from / on',
      },
    );
  }
  const real = attempt(path, what, () => realpathSync(path));
  requireTrustedFolders(dirname(real), what);
  return attempt(path, what, () => readChecked(real, what));
}

/**
 * Reads a file by its name in a folder whose files are trusted. Names come from containers' annotations, that is from
 * anyone who may start one: a name never leads out of the folder, neither by `..` nor by a symbolic link.
 *
 * @param folder - absolute
 * @param name - letters, digits, `.`, `_`, `-` and `/`; no part of it starts with a dot
 * @returns the bytes, and the path for messages
 * @throws OciSeccompError as {@link readTrustedFile}, and `ERR_HOOK` for a name that is none
 */
export function readTrustedFileIn(
  folder: string,
  name: string,
  what: string,
): { readonly path: string; readonly bytes: Uint8Array } {
  if (name.length > MAX_NAME || !NAME.test(name)) {
    const shown = JSON.stringify(name.length > 80 ? `${name.slice(0, 77)}...` : name);
    throw new OciSeccompError(
      'ERR_HOOK',
      `${what} has a name that cannot be one of a file in ${folder}: ${shown}`,
      {
        hint: `name a file in ${folder}, with letters, digits, '.', '_', '-' and '/', for instance web/nginx.json`,
      },
    );
  }
  const path = join(folder, name);
  const home = attempt(folder, 'the folder of profiles', () => realpathSync(folder));
  const real = attempt(path, what, () => realpathSync(path));
  if (!real.startsWith(home.endsWith(sep) ? home : home + sep)) {
    throw new OciSeccompError('ERR_HOOK', `${what} ${path} is a symbolic link out of ${folder}`, {
      hint: 'put the file itself into the folder',
    });
  }
  return { path, bytes: readTrustedFile(real, what) };
}

function attempt<T>(path: string, what: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    if (cause instanceof OciSeccompError) throw cause;
    const { code = 'unknown reason' } = cause as NodeJS.ErrnoException;
    throw new OciSeccompError('ERR_IO', `${what} ${path} cannot be read: ${reasons[code] ?? code}`, {
      cause,
    });
  }
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'a part of the path is no directory',
  EACCES: 'permission denied',
  ELOOP: 'too many symbolic links',
};

/** Reads what it has checked: the same open file. */
function readChecked(real: string, what: string): Uint8Array {
  // NONBLOCK: opening a pipe must not wait for its writer.
  const fd = openSync(real, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const stats = fstatSync(fd);
    if (!stats.isFile()) throw new OciSeccompError('ERR_HOOK', `${what} ${real} is no file`);
    if (stats.size > MAX_SIZE) {
      throw new OciSeccompError(
        'ERR_HOOK',
        `${what} ${real} has ${stats.size} bytes; at most ${MAX_SIZE} are read`,
      );
    }
    requireTrusted(real, stats, what);
    return readFileSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** Whoever can rename a folder on the way can put another file in the place of this one. */
function requireTrustedFolders(folder: string, what: string): void {
  for (let at = folder; ; at = dirname(at)) {
    requireTrusted(
      at,
      attempt(at, what, () => lstatSync(at)),
      what,
    );
    if (at === dirname(at)) return;
  }
}

function requireTrusted(path: string, { uid, mode }: Stats, what: string): void {
  const shared = (mode & WRITABLE_BY_OTHERS) !== 0;
  // In a sticky folder, such as /tmp, others can add names but not take one away.
  const tolerated = (mode & STICKY) !== 0 && (mode & constants.S_IFMT) === constants.S_IFDIR;
  if (uid !== 0 && uid !== process.geteuid?.()) {
    throw new OciSeccompError('ERR_HOOK', `${what} is not to be trusted: ${path} belongs to user ${uid}`, {
      hint: `chown root ${path}`,
    });
  }
  if (shared && !tolerated) {
    const bits = (mode & 0o7777).toString(8).padStart(4, '0');
    throw new OciSeccompError(
      'ERR_HOOK',
      `${what} is not to be trusted: others can write ${path} (mode ${bits})`,
      {
        hint: `chmod go-w ${path}`,
      },
    );
  }
}
