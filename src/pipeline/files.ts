/**
 * Files and standard input: read with a limit, written whole or not at all, and the texts for the kernel's errors.
 * @module
 */
import {
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fstatSync,
  fsyncSync,
  lstatSync,
  openSync,
  readSync,
  realpathSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';

const CHUNK = 1 << 16;
/** Between two looks at a pipe that is empty. */
const STEP_MS = 2;
const PERMISSIONS = 0o7777;
/** Before the umask. */
const NEW_FILE_MODE = 0o644;

/**
 * Reads from an open file, a pipe or a terminal until its end.
 *
 * @param limit - in bytes. Of longer input, that many are returned: a caller that must know asks for one more than it takes
 * @throws what read(2) has to say
 */
export function readBounded(fd: number, limit: number): Uint8Array {
  const chunks: Uint8Array[] = [];
  for (let left = limit; left > 0; ) {
    const chunk = new Uint8Array(Math.min(left, CHUNK));
    const count = readSync(fd, chunk, 0, chunk.length, null);
    if (count === 0) break;
    chunks.push(chunk.subarray(0, count));
    left -= count;
  }
  return Buffer.concat(chunks);
}

/**
 * As {@link readBounded}, for a path. Opening a named pipe waits for a writer, who may never come, so it is opened
 * without waiting, and one that nobody has open for writing is refused.
 *
 * @throws the errors of open(2) and read(2); for such a pipe an error with the code `ENXIO`, as open(2) has it the
 *   other way round
 */
export function readFileBounded(path: string, limit: number): Uint8Array {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    if (!fstatSync(fd).isFIFO()) return readBounded(fd, limit);
    const bytes = readPipe(fd, limit);
    if (bytes.length > 0) return bytes;
    throw Object.assign(new Error(`${path}: nobody writes to this pipe`), { code: 'ENXIO' });
  } finally {
    closeSync(fd);
  }
}

/** Reads from a pipe as long as somebody can write. The kernel answers EAGAIN while it is empty, and the end when all have closed it. */
function readPipe(fd: number, limit: number): Uint8Array {
  const chunks: Uint8Array[] = [];
  for (let left = limit; left > 0; ) {
    try {
      const chunk = new Uint8Array(Math.min(left, CHUNK));
      const count = readSync(fd, chunk, 0, chunk.length, null);
      if (count === 0) break;
      chunks.push(chunk.subarray(0, count));
      left -= count;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, STEP_MS);
    }
  }
  return Buffer.concat(chunks);
}

/**
 * Looks at what a path leads to. Links that lead in circles, names that are too long and folders that are closed to this
 * user are no errors here: whoever opens the file is told.
 *
 * @returns `undefined` if that cannot be seen
 */
export function statsOf(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}

/** Whether a path leads to a folder that this user can see. */
export function isFolder(path: string): boolean {
  return statsOf(path)?.isDirectory() === true;
}

/**
 * Writes a file whole: to a temporary file beside it, which is on the disk before it gets the name. Whoever has the old file open
 * keeps it. A file that is replaced keeps its mode and, if this user may give files away, its owner. A symbolic link stays one; one that leads nowhere is refused.
 * Devices and pipes (`/dev/stdout`) are written directly, a pipe only if somebody reads it.
 *
 * @throws the kernel's error; the old file is then unchanged, and no other file is left
 */
export function writeWhole(path: string, content: string | Uint8Array): void {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found !== undefined && !found.isFile()) {
    writeDirectly(path, content, found);
    return;
  }
  if (found === undefined && isLink(path)) {
    throw Object.assign(new Error(`${path} leads to no file`), { code: 'ENOLINK' });
  }
  writeBeside(found === undefined ? path : withoutLinks(path, found), content, found);
}

function isLink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;
}

/** @throws an error with the code `EILSEQ` for a link that leads to a path that is not UTF-8: as text that is another file */
function withoutLinks(path: string, found: Stats): string {
  // The kernel's answer: realpathSync() and join() take `..` away as text, before symbolic links are followed.
  const real = realpathSync.native(path);
  const named = statsOf(real);
  if (named?.dev === found.dev && named.ino === found.ino) return real;
  throw Object.assign(new Error(`${path} leads to a path that is not UTF-8`), { code: 'EILSEQ' });
}

/**
 * Replaces a regular file as {@link writeWhole} does, by a path that is taken as it is: the way to it may lead through
 * links of a proc file system, which no text can stand for.
 *
 * @throws the kernel's error, `ENOENT` if it is not there, `ELOOP` for a symbolic link; the old file is then unchanged
 */
export function replaceWhole(path: string, content: string | Uint8Array): void {
  const found = lstatSync(path);
  if (!found.isFile()) throw Object.assign(new Error(`${path} is no regular file`), { code: 'ELOOP' });
  writeBeside(path, content, found);
}

function writeBeside(target: string, content: string | Uint8Array, found: Stats | undefined): void {
  const folder = dirname(target);
  // A random name: a killed process leaves its file, and process ids are used again. Guessing it gains nothing, because the file is
  // made with O_EXCL. So Node's cryptography, which takes milliseconds to load, is not needed.
  const temporary = `${folder}/.oci-seccomp-${Math.random().toString(36).slice(2)}.tmp`;
  const fd = openSync(temporary, 'wx', found === undefined ? NEW_FILE_MODE : 0o600);
  try {
    try {
      writeFileSync(fd, content);
      // After the write, which takes the set-user-id and set-group-id bits away from anyone but root.
      if (found !== undefined) keepOwnerAndMode(fd, found);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(temporary, target);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
  syncFolder(folder);
}

/** Opening a pipe waits for a reader, who may never come: without waiting the kernel answers ENXIO. */
function writeDirectly(path: string, content: string | Uint8Array, found: Stats): void {
  const probe = found.isFIFO() ? openSync(path, constants.O_WRONLY | constants.O_NONBLOCK) : undefined;
  try {
    writeFileSync(path, content);
  } finally {
    if (probe !== undefined) closeSync(probe);
  }
}

function keepOwnerAndMode(fd: number, { uid, gid, mode }: Stats): void {
  try {
    fchownSync(fd, uid, gid);
  } catch (error) {
    // Only root may give files away, and in a user namespace only to its users: for others the kernel answers EINVAL. Anyone who
    // may write the folder can replace another user's file, and then owns it.
    if (!['EPERM', 'EINVAL'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
  // After the owner: chown(2) takes setuid and setgid away.
  fchmodSync(fd, mode & PERMISSIONS);
}

/** Puts the new name on the disk too. If the file system or the folder's mode does not allow it, the rename is enough. */
function syncFolder(folder: string): void {
  let fd: number | undefined;
  try {
    fd = openSync(folder, 'r');
    fsyncSync(fd);
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (!['EINVAL', 'EACCES'].includes(code)) throw error;
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

const reasons: Readonly<Record<string, string>> = {
  EEXIST: 'a file with that name exists',
  ENXIO: 'it is a pipe that nobody has opened at the other end, or a socket',
  EIO: 'the device does not answer',
  ENOENT: 'no such file or directory',
  ENOTDIR: 'a part of the path is not a directory',
  ENAMETOOLONG: 'the name is too long',
  EACCES: 'permission denied',
  EPERM: 'not permitted',
  EISDIR: 'it is a directory',
  ELOOP: 'too many symbolic links',
  ENOLINK: 'it is a symbolic link that leads to no file',
  EILSEQ: 'it leads to a path that is not UTF-8',
  ENOSPC: 'no space left on the device',
  // EDQUOT and ESTALE, for which Node has no names.
  'Unknown system error -122': 'the quota is used up',
  'Unknown system error -116': 'the file server no longer has it',
  EROFS: 'the file system is read-only',
  EFBIG: 'it would be longer than the limit of this process (RLIMIT_FSIZE)',
  EAGAIN: 'nothing to read on standard input',
};

/**
 * What kept a file from being read or written, in words.
 *
 * @param error - what `node:fs` threw; of another error its text comes back
 */
export function ioReason(error: unknown): string {
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  return code === undefined ? String(error) : reasonOfCode(code);
}

/** The same for a code, `ENOENT`; a code without words comes back as it is. */
export function reasonOfCode(code: string): string {
  return reasons[code] ?? code;
}
