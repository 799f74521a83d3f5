/**
 * Paths whose files only root, or our own user, can have written or replaced.
 *
 * A path is walked as it is written, part by part, as the kernel does it: whoever can write a folder on the way decides
 * where the path leads, and so does whoever made a symbolic link, in whatever folder. So each folder, each link and the
 * file at the end must belong to an owner who is trusted, and nobody else may write them. A sticky folder, such as /tmp,
 * may be written by all: others can add names to it, but not take away or rename what belongs to somebody else.
 *
 * Nothing in a proc file system is trusted: its files belong to root and say what other processes want them to
 * (`/proc/PID/cmdline`), and its links lead where no path shows (`/proc/PID/root`, `/proc/PID/fd/3`). If a program serves a
 * file system (FUSE), that program says to whom the files belong: it must be a trusted user's.
 * @module
 */
import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readFileSync,
  readlinkSync,
  type Stats,
  statfsSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { OciSeccompError } from '../errors.ts';
import { PROC_SUPER_MAGIC } from '../kernel/proc-file-system.ts';
import { isAbsolutePath } from './absolute-path.ts';
import { ioWords } from './io-words.ts';

const WRITABLE_BY_OTHERS = 0o022;
const STICKY = 0o1000;
/** `MAXSYMLINKS`, Linux 6.18 include/linux/namei.h. */
const MAX_LINKS = 40;
/** fs/fuse/inode.c. */
const FUSE_SUPER_MAGIC = 0x65735546;
/** include/uapi/asm-generic/fcntl.h, the same on all architectures that Node runs on: opens a name, and nothing behind it. */
const O_PATH = 0o10000000;

/**
 * Follows a path to its end.
 *
 * @param path - absolute
 * @param what - what the file is to the reader of a message: `the profile`
 * @returns the path without symbolic links
 * @throws OciSeccompError `ERR_HOOK` for a path that cannot be trusted; `ERR_IO` if it does not lead anywhere
 */
export type TrustWalk = (path: string, what: string) => string;

/**
 * Users whose files are trusted: root, and the effective user of this process.
 *
 * Rootless engines run hooks in a user namespace. There, the machine's root is shown as the overflow user, and so is
 * everybody else outside of the namespace. They cannot be told apart, so the overflow user is trusted there. What runs in
 * the namespace has no more rights than the user who made it.
 */
export function trustedOwners(): readonly number[] {
  known ??= [0, process.geteuid?.() ?? 0, ...overflowUser()];
  return known;
}

let known: readonly number[] | undefined;

/** user_namespaces(7): the initial namespace maps all users onto themselves. */
function overflowUser(): readonly number[] {
  const map = readFileSync('/proc/self/uid_map', 'latin1').trim();
  if (/^0\s+0\s+4294967295$/.test(map)) return [];
  return [Number(readFileSync('/proc/sys/kernel/overflowuid', 'latin1'))];
}

/**
 * Makes a walk, which asks for each folder once however many paths go through it.
 *
 * @param owners - users whose files are trusted; default: {@link trustedOwners}
 */
export function trustWalk(owners = trustedOwners()): TrustWalk {
  const folders = new Map<string, Stats>();
  const devices = new Set<number>();
  const look = (path: string, what: string, folder?: Stats): Stats => {
    const seen = folders.get(path);
    if (seen !== undefined) return seen;
    const stats = attempt(path, what, () => lstatSync(path));
    requireTrusted(path, stats, what, owners);
    if (folder !== undefined) requireOneName(path, stats, folder, what);
    // A link is never on another file system than its folder.
    if (!stats.isSymbolicLink() && !devices.has(stats.dev)) {
      requireTrustedFileSystem(path, stats.dev, what, owners);
      devices.add(stats.dev);
    }
    if (stats.isDirectory()) folders.set(path, stats);
    return stats;
  };
  return (path, what) => {
    // A path that was walked to has no links in it: from there on, one part is left.
    const cut = path.lastIndexOf('/');
    const start = folders.has(path.slice(0, cut)) ? path.slice(0, cut) : '/';
    return walkPath(path, what, look, start);
  };
}

type Looked = Pick<Stats, 'isDirectory' | 'isSymbolicLink'>;
/** Looks at a part of a path, which has no links in front of it. @param folder - which it was found in by its name */
type Look<Found extends Looked> = (path: string, what: string, folder?: Found) => Found;

/**
 * Walks a path as the kernel does it, and looks at each part on the way.
 *
 * @param start - the part of the path where to begin, which has no links in it
 * @returns the path without symbolic links
 * @throws OciSeccompError `ERR_HOOK` for a path that is not absolute; `ERR_IO` if it does not lead anywhere; what `look` throws
 */
export function walkPath<Found extends Looked>(
  path: string,
  what: string,
  look: Look<Found>,
  start = '/',
): string {
  if (!isAbsolutePath(path)) {
    throw new OciSeccompError(
      'ERR_HOOK',
      `${what} is not named by an absolute path: ${JSON.stringify(path)}`,
      { hint: 'write the full path, starting with /' },
    );
  }
  // What is still to be walked, the next part last. `at` has no links in it, so `..` is its parent.
  const rest = partsOf(start === '/' ? path : path.slice(start.length));
  const lookAt = (part: string, folder?: Found): Found => {
    try {
      return look(part, what, folder);
    } catch (error) {
      throw part === path ? error : ofWhole(error, path, what, part);
    }
  };
  let at = start;
  let stats = lookAt(at);
  for (let links = 0; rest.length > 0; ) {
    if (!stats.isDirectory()) throw unreadable(path, what, { code: 'ENOTDIR' });
    const name = rest.pop() ?? '';
    const next = name === '..' ? dirname(at) : name === '.' ? at : at === '/' ? `/${name}` : `${at}/${name}`;
    const found = lookAt(next, name === '..' ? undefined : stats);
    if (found.isSymbolicLink()) {
      if (++links > MAX_LINKS) throw unreadable(path, what, { code: 'ELOOP' });
      const target = attempt(next, what, () => readLink(next, what));
      rest.push(...partsOf(target));
      if (target.startsWith('/')) at = '/';
      stats = lookAt(at);
    } else [at, stats] = [next, found];
  }
  return at;
}

/** @throws OciSeccompError `ERR_HOOK` for a target that is not UTF-8: as text it would name another file */
function readLink(path: string, what: string): string {
  const bytes = readlinkSync(path, 'buffer');
  const target = bytes.toString();
  if (Buffer.compare(Buffer.from(target), bytes) === 0) return target;
  throw new OciSeccompError(
    'ERR_HOOK',
    `${what} cannot be found: the link ${path} leads to a path that is not UTF-8`,
    {
      hint: 'give the files behind it names in UTF-8',
    },
  );
}

/** The message names the whole path, because that is what its reader wrote. */
function ofWhole(error: unknown, path: string, what: string, part: string): unknown {
  if (!(error instanceof OciSeccompError) || error.code !== 'ERR_IO') return error;
  const { cause } = error;
  const reason = `${reasonOf(cause)}: ${part}`;
  return new OciSeccompError('ERR_IO', `${what} ${path} cannot be read: ${reason}`, { cause });
}

/** The last part first. A slash at the end leaves a `.`, which only a folder has. */
function partsOf(path: string): string[] {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  return (/\/\.?$/.test(path) ? [...parts, '.'] : parts).reverse();
}

/** @throws OciSeccompError `ERR_HOOK` for an owner who is not trusted, or a mode that lets others write */
export function requireTrusted(
  path: string,
  stats: Pick<Stats, 'uid' | 'mode'>,
  what: string,
  owners: readonly number[],
): void {
  const { uid, mode } = stats;
  const kind = mode & constants.S_IFMT;
  const link = kind === constants.S_IFLNK;
  if (!owners.includes(uid)) {
    throw new OciSeccompError(
      'ERR_HOOK',
      `${what} cannot be trusted: ${link ? 'the symbolic link ' : ''}${path} belongs to user ${uid}`,
      { hint: `chown ${link ? '-h ' : ''}root ${path}` },
    );
  }
  const tolerated = link || (kind === constants.S_IFDIR && (mode & STICKY) !== 0);
  if ((mode & WRITABLE_BY_OTHERS) === 0 || tolerated) return;
  const bits = (mode & 0o7777).toString(8).padStart(4, '0');
  throw new OciSeccompError(
    'ERR_HOOK',
    `${what} cannot be trusted: others can write ${path} (mode ${bits})`,
    { hint: `chmod go-w ${path}` },
  );
}

/**
 * In a folder where all may add names, a file with several may have got this one from anybody (link(2)); only
 * fs.protected_hardlinks forbids that, and the kernel's own default is to allow it.
 */
function requireOneName(path: string, stats: Stats, folder: Stats, what: string): void {
  if (stats.isDirectory() || stats.nlink === 1 || (folder.mode & WRITABLE_BY_OTHERS) === 0) return;
  throw new OciSeccompError(
    'ERR_HOOK',
    `${what} cannot be trusted: others can add names to the folder of ${path}, and it has ${stats.nlink} (hard links)`,
    { hint: 'put the file into a folder that only root can write' },
  );
}

function requireTrustedFileSystem(path: string, dev: number, what: string, owners: readonly number[]): void {
  const trouble = attempt(path, what, () => troubleOfFileSystem(path, dev, owners));
  if (trouble === undefined) return;
  throw new OciSeccompError('ERR_HOOK', `${what} cannot be trusted: ${path} ${trouble}`, {
    hint: 'name a file on a disk',
  });
}

/**
 * Why the file system of a path is not to be trusted, as a predicate of the path.
 *
 * The path is held open meanwhile. Without that, another user could end the mount after it was looked at, and make it
 * again before the next look.
 */
function troubleOfFileSystem(path: string, dev: number, owners: readonly number[]): string | undefined {
  const fd = openSync(path, O_PATH | constants.O_NOFOLLOW);
  try {
    if (fstatSync(fd).dev !== dev) return 'was mounted or unmounted just now';
    const { type } = statfsSync(`/proc/self/fd/${fd}`);
    if (type === PROC_SUPER_MAGIC) {
      return 'is in a proc file system: other processes decide what files contain';
    }
    if (type !== FUSE_SUPER_MAGIC) return undefined;
    const options = optionsOfMount(dev);
    if (options === undefined) return 'is in a file system (FUSE) that is not mounted here';
    // Only the kernel's own, such as virtiofs, has no user.
    const user = /(?:^|,)user_id=(\d+)/.exec(options)?.[1];
    if (user === undefined || owners.includes(Number(user))) return undefined;
    return `is in a file system that a program of user ${user} serves (FUSE): it decides what files contain`;
  } finally {
    closeSync(fd);
  }
}

/**
 * The options of a mounted file system, `rw,user_id=1000,group_id=1000`: the kernel writes them, and `user_id` is who mounted it
 * (mount.fuse3(8)).
 */
function optionsOfMount(dev: number): string | undefined {
  // Linux 6.18 include/linux/kdev_t.h new_encode_dev(): 12 bits of the major number stand between those of the minor one.
  const id = `${(dev >>> 8) & 0xfff}:${((dev >>> 12) & 0xfff00) | (dev & 0xff)}`;
  const mounts = readFileSync('/proc/self/mountinfo', 'latin1').split('\n');
  // proc_pid_mountinfo(5): the third field is the device. Behind the first dash come the type, the source and the options.
  // Users choose the source: it can be `user_id=0`, or a dash.
  const mount = mounts.find((line) => line.split(' ', 3)[2] === id)?.split(' ');
  return mount?.[mount.indexOf('-') + 3];
}

/** @throws OciSeccompError `ERR_IO` with the reason, in place of what the file system throws */
export function attempt<T>(path: string, what: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    if (cause instanceof OciSeccompError) throw cause;
    throw unreadable(path, what, cause);
  }
}

function unreadable(path: string, what: string, cause?: unknown): OciSeccompError {
  return new OciSeccompError('ERR_IO', `${what} ${path} cannot be read: ${reasonOf(cause)}`, { cause });
}

function reasonOf(cause: unknown): string {
  return reasons[(cause as NodeJS.ErrnoException | undefined)?.code ?? ''] ?? ioWords(cause);
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'a part of the path is not a directory',
  EACCES: 'permission denied',
  ELOOP: 'too many symbolic links',
};
