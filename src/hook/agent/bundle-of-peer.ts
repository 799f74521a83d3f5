/**
 * Files as a client of the agent sees them: its working folder, and the config.json of the bundle it is about to start.
 *
 * The agent's unit gives it a read-only view of the file system. A process's own view is behind /proc/PID/root, and what
 * is writable there can be written there.
 * @module
 */
import { closeSync, constants, fstatSync, lstatSync, openSync, readlinkSync, statSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { OciSeccompError } from '../../errors.ts';
import { readFileBounded } from '../read-bundle.ts';
import { replaceFileIn } from '../replace-file.ts';
import { attempt } from '../trusted-path.ts';
import type { ConfigFile } from '../wrapper/guard-container.ts';
import type { Peer } from './peer.ts';
import { requireSameFile } from './same-file.ts';

const WHAT = "the bundle's";

/**
 * The working folder of a client, as the kernel has it.
 *
 * @throws OciSeccompError `ERR_HOOK` for one that was removed, or that has no path
 */
export function workingFolderOf(peer: Peer): string {
  const link = `/proc/${peer.pid}/cwd`;
  const path = attempt(link, 'the working folder of the client', () => readlinkSync(link));
  const named = statSync(path, { bigint: true, throwIfNoEntry: false });
  const real = attempt(link, 'the working folder of the client', () =>
    statSync(`${link}/`, { bigint: true }),
  );
  peer.requireAlive();
  if (named !== undefined && named.dev === real.dev && named.ino === real.ino) return path;
  throw new OciSeccompError(
    'ERR_HOOK',
    `the working folder of the runtime, ${path}, is another one for the agent`,
  );
}

/**
 * Opens the config.json of a client's bundle. Its folder is held open: however paths change meanwhile, what is replaced
 * is what was read.
 *
 * @param path - absolute
 * @throws OciSeccompError `ERR_HOOK` if it is another file for the client than for the agent; `ERR_IO`
 */
export function openConfigOf(peer: Peer, path: string): ConfigFile {
  const real = requireSameFile(peer.pid, path, WHAT);
  const [folder, name] = [dirname(real), basename(real)];
  const flags = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;
  const fd = attempt(path, WHAT, () => openSync(`/proc/${peer.pid}/root${folder}`, flags));
  try {
    const [theirs, ours] = [fstatSync(fd, { bigint: true }), lstatSync(folder, { bigint: true })];
    // From here on the process id does not matter.
    peer.requireAlive();
    if (theirs.dev !== ours.dev || theirs.ino !== ours.ino) {
      throw new OciSeccompError(
        'ERR_HOOK',
        `the folder ${folder} was exchanged while the agent looked at it`,
      );
    }
  } catch (error) {
    closeSync(fd);
    throw error;
  }
  return {
    read: () => readFileBounded(`/proc/self/fd/${fd}/${name}`, path, constants.O_NOFOLLOW),
    replace: (text) => replaceFileIn(fd, name, path, text),
    close: () => closeSync(fd),
  };
}
