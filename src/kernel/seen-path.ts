/**
 * Paths as another thread sees them: it may have another root, and `/proc/self` is another folder for it.
 *
 * Sources: path_resolution(7), proc(5); Linux 6.18 include/linux/namei.h, include/linux/proc_fs.h.
 * @module
 */
import { lstatSync, readlinkSync, statSync } from 'node:fs';
import { isInProc } from './proc-file-system.ts';
import type { SeesServed } from './served-mounts.ts';

export const AT_FDCWD = -100;
/** How many symbolic links of one path the kernel follows (MAXSYMLINKS). */
const MAX_LINKS = 40;
/** How many parts of a path and of its links are looked at. The program waits, and each part costs as much as all before it. */
const MAX_PARTS = 1000;
/** Linux 6.18 include/linux/proc_fs.h: the first folder of /proc. */
const PROC_ROOT_INO = 1;

/** Whose view of files counts. */
export interface Viewer {
  /** The thread's folder in /proc. */
  readonly own: string;
  /** Whether what a link in it leads to may be looked at. */
  readonly sees: (start: string) => boolean;
}

export interface SeenPath {
  /** As the user knows it. */
  readonly name: string;
  /** Where this process finds the same file. */
  readonly at: string;
}

export function viewerOf(thread: number, seesServed: SeesServed): Viewer {
  return { own: `/proc/${thread}`, sees: (start) => !seesServed(thread, start) };
}

/**
 * Finds a file by a path that another thread gives to the kernel.
 *
 * @param base - the descriptor of the folder that the path starts at, or {@link AT_FDCWD}
 * @throws errors of stat(2) and readlink(2); RangeError for a path that may not be followed, or not so far
 */
export function seenPath(path: string, base: number, viewer: Viewer): SeenPath {
  const folder = `${viewer.own}/${base === AT_FDCWD ? 'cwd' : `fd/${base}`}`;
  if (path === '') return { name: `descriptor ${base}`, at: seen(folder, viewer) };
  return { name: path, at: resolved(path, folder, viewer) };
}

function seen(start: string, { sees }: Viewer): string {
  if (sees(start)) return start;
  throw new RangeError(`${start} is in a mount that a process may serve`);
}

/**
 * Follows the links of a path one by one: for this process, an absolute one would lead to its own root, and `/proc/self`
 * to itself.
 */
function resolved(path: string, folder: string, viewer: Viewer): string {
  const { own } = viewer;
  const root = seen(`${own}/root`, viewer);
  const left = path.split('/');
  let at = path.startsWith('/') ? root : seen(folder, viewer);
  for (let [links, parts] = [0, 0]; left.length > 0; parts += 1) {
    if (parts > MAX_PARTS) throw new RangeError(`more than ${MAX_PARTS} parts`);
    const part = left.shift() ?? '';
    if (part === '' || part === '.') continue;
    // The root is its own parent.
    if (part === '..' && isSameFile(at, root)) continue;
    const next = `${at}/${part}`;
    if (!lstatSync(next).isSymbolicLink()) {
      at = next;
      continue;
    }
    links += 1;
    if (links > MAX_LINKS) throw new RangeError(`more than ${MAX_LINKS} links`);
    const ofProc = linkOfProc(at, part, own);
    if (ofProc !== undefined) {
      at = seen(ofProc, viewer);
      continue;
    }
    const target = readlinkSync(next);
    if (target.startsWith('/')) at = root;
    left.unshift(...target.split('/'));
  }
  return at;
}

/**
 * A link of a proc file system that must not be read: `self` says who reads it, and the text of `cwd`, `exe`, `root` and
 * of descriptors is a path of another root. The kernel follows these by themselves.
 *
 * @returns where it leads; `undefined`: its text does
 */
function linkOfProc(folder: string, name: string, own: string): string | undefined {
  if (!isInProc(folder)) return undefined;
  if (statSync(folder).ino !== PROC_ROOT_INO) return `${folder}/${name}`;
  return name === 'self' || name === 'thread-self' ? own : undefined;
}

function isSameFile(path: string, other: string): boolean {
  const [one, two] = [statSync(path), statSync(other)];
  return one.dev === two.dev && one.ino === two.ino;
}
