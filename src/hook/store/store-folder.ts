/**
 * The folder of a store: used only if nobody but root or the own user can write it, read without following links, and
 * bounded in size.
 *
 * Programs that are read here are proven before they are used. The folder is checked all the same: a stranger who can
 * write it could make every start slow, and would have the first try at any fault of the prover.
 * @module
 */
import { randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  type Stats,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, isAbsolute, join } from 'node:path';
import { OciSeccompError } from '../../errors.ts';
import { ioReason, readBounded } from '../../pipeline/files.ts';
import { attempt, requireTrusted, trustWalk } from '../trusted-path.ts';
import { MAX_ENTRY_SIZE } from './store-entry.ts';

const WHAT = 'the store';
const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;
/** The most files of a store. At 33 KB for the longest program that is 17 MB, at the usual 1 to 10 KB 0.5 to 5 MB. */
export const MAX_ENTRIES = 512;
/** What is ours in the folder: programs, and what a process left that was killed while it wrote one. */
const ENTRY = /^(?:[0-9a-f]{64}\.program|\.[0-9a-f]{16}\.tmp)$/;

/**
 * Checks a store's folder. If it is missing, its parent has to be there and to be as trusted.
 *
 * @param path - absolute
 * @returns its path without links
 * @throws OciSeccompError `ERR_STORE` if others can write the folder or one on the way to it, or if it is no folder; `ERR_IO` if
 *   that cannot be found out, or if its parent is missing too
 */
export function openFolder(path: string): string {
  try {
    return checkFolder(path);
  } catch (error) {
    if (!(error instanceof OciSeccompError) || error.code === 'ERR_IO') throw error;
    const { message, hint, cause } = error;
    throw new OciSeccompError('ERR_STORE', message, { hint, cause });
  }
}

function checkFolder(path: string): string {
  requireOneUser();
  const name = basename(path);
  if (!isAbsolute(path) || ['', '.', '..'].includes(name)) {
    throw new OciSeccompError('ERR_STORE', `--store takes the absolute path of a folder, not '${path}'`);
  }
  const walk = trustWalk();
  const found = attempt(path, WHAT, () => lstatSync(path, { throwIfNoEntry: false }));
  if (found === undefined) return join(walk(dirname(path), WHAT), name);
  const folder = walk(path, WHAT);
  const stats = attempt(folder, WHAT, () => lstatSync(folder));
  if (!stats.isDirectory()) throw new OciSeccompError('ERR_STORE', `${WHAT} ${path} is not a folder`);
  requireOwn(folder, stats, WHAT);
  return folder;
}

/**
 * A program with set-user-ID acts for a user who is not its owner: each would trust the other's files.
 *
 * @throws OciSeccompError `ERR_STORE`
 */
function requireOneUser(): void {
  if (process.getuid?.() === process.geteuid?.() && process.getgid?.() === process.getegid?.()) return;
  throw new OciSeccompError(
    'ERR_STORE',
    'a process whose real and effective user or group differ (set-user-ID) uses no store',
    { hint: 'leave --store out' },
  );
}

/**
 * Stricter than for profiles: a sticky folder is not enough, since others could add files; and in a user namespace the
 * overflow user is not trusted, because it may be anybody outside.
 */
function requireOwn(path: string, { uid, mode }: Stats, what: string): void {
  requireTrusted(path, { uid, mode: mode & ~0o1000 }, what, [0, process.geteuid?.() ?? 0]);
}

/**
 * Reads a file of the folder.
 *
 * @returns its bytes, at most one more than an entry may have; `undefined` if the entry does not exist; or a text that says why it cannot be used
 */
export function readEntry(folder: string, name: string): Uint8Array | string | undefined {
  let fd: number | undefined;
  try {
    // NONBLOCK: opening a pipe must not wait for its writer.
    fd = openSync(join(folder, name), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const stats = fstatSync(fd);
    if (!stats.isFile()) return 'it is not a regular file';
    requireOwn(join(folder, name), stats, 'it');
    return readBounded(fd, MAX_ENTRY_SIZE + 1);
  } catch (error) {
    if (error instanceof OciSeccompError) return error.message;
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    return code === 'ELOOP' ? 'it is a symbolic link' : `it cannot be read: ${ioReason(error)}`;
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

/**
 * Writes a file of the folder, whole or not at all; makes the folder if it is not there.
 *
 * @throws the kernel's error, or `ERR_STORE` for a folder that was made by somebody else meanwhile
 */
export function writeEntry(folder: string, name: string, bytes: Uint8Array): void {
  makeFolder(folder);
  // Before the file is there, which would be the oldest by a clock that went back.
  dropOldest(folder);
  const temporary = join(folder, `.${randomBytes(8).toString('hex')}.tmp`);
  try {
    const fd = openSync(temporary, 'wx', FILE_MODE);
    try {
      writeFileSync(fd, bytes);
    } finally {
      closeSync(fd);
    }
    renameSync(temporary, join(folder, name));
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, FOLDER_MODE);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  // In a sticky folder such as /tmp somebody else can have made it since it was looked for.
  if (openFolder(folder) === folder) return;
  throw new OciSeccompError('ERR_STORE', `${WHAT} ${folder} became a symbolic link`);
}

/**
 * Makes room for a file within the folder's limit. The oldest files go first. A wrong clock changes which those are, and so
 * only what has to be compiled again.
 */
function dropOldest(folder: string): void {
  const names = readdirSync(folder).filter((name) => ENTRY.test(name));
  if (names.length < MAX_ENTRIES) return;
  const files = names.flatMap((name) => {
    const stats = lstatSync(join(folder, name), { throwIfNoEntry: false });
    return stats?.isFile() === true ? [{ name, time: stats.mtimeMs }] : [];
  });
  files.sort((a, b) => a.time - b.time || (a.name < b.name ? -1 : 1));
  for (const { name } of files.slice(0, Math.max(0, files.length + 1 - MAX_ENTRIES))) {
    rmSync(join(folder, name), { force: true });
  }
}
