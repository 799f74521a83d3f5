/**
 * The socket that an agent listens on: made at a path, or handed over by systemd.
 *
 * Sources: sd_listen_fds(3), unix(7).
 * @module
 */
import {
  chmodSync,
  closeSync,
  constants,
  existsSync,
  fstatSync,
  linkSync,
  lstatSync,
  openSync,
  rmSync,
} from 'node:fs';
import type { Server } from 'node:net';
import { basename, dirname, join } from 'node:path';
import { shellCommand } from '../../abi/shell-word.ts';
import { OciSeccompError } from '../../errors.ts';
import { closeOnExec } from '../../kernel/descriptors.ts';
import { tryLock } from '../../kernel/file-lock.ts';
import { isUnixListener, socketPath } from '../../kernel/socket-options.ts';
import { ioWords } from '../io-words.ts';
import { requireSocketPath, requireTrustedSocketFolder } from './agent-folder.ts';
import { MAX_SOCKET_PATH } from './agent-protocol.ts';

/** SD_LISTEN_FDS_START */
const FIRST_FD = 3;
const SOCKET_MODE = 0o600;
/** What is added to the path while the socket is made: two agents that start at once make two. */
const SUFFIX_SIZE = '.123456'.length;

export interface Listening {
  /** For messages. */
  readonly name: string;
  /** Takes the path away, if it was made here and is still ours. */
  readonly remove: () => void;
}

/**
 * The descriptor that systemd hands over.
 *
 * @returns `undefined` if systemd has passed no socket
 * @throws OciSeccompError `ERR_USAGE` for more than one, or another kind of socket
 */
export function systemdSocket(environment: NodeJS.ProcessEnv): number | undefined {
  const { LISTEN_PID: pid, LISTEN_FDS: count } = environment;
  if (count === undefined || Number(pid) !== process.pid) return undefined;
  if (count !== '1' || !isUnixListener(FIRST_FD)) {
    throw new OciSeccompError(
      'ERR_USAGE',
      `systemd hands over ${count} sockets; the agent takes one, a unix stream socket`,
      { hint: 'write one ListenStream= with an absolute path into the socket unit, and no Accept=yes' },
    );
  }
  closeOnExec(FIRST_FD);
  return FIRST_FD;
}

/**
 * Listens on a socket of systemd.
 *
 * @throws OciSeccompError `ERR_HOOK` for a folder that others can write; `ERR_USAGE` for a socket without a path
 */
export async function listenOnDescriptor(server: Server, fd: number): Promise<Listening> {
  const path = socketPath(fd);
  if (path === undefined) {
    throw new OciSeccompError('ERR_USAGE', 'the socket of systemd has no path', {
      hint: 'write an absolute path behind ListenStream= of the socket unit',
    });
  }
  requireTrustedSocketFolder(dirname(path));
  await listen(server, { fd });
  return { name: `systemd ${path}`, remove: () => {} };
}

/**
 * Makes a socket and listens on it. The path has the socket only when it has its mode and takes connections.
 *
 * @throws OciSeccompError `ERR_HOOK` for a folder that others can write, a path that holds something else, or another
 *   agent that listens there; `ERR_IO`
 */
export async function listenOnPath(server: Server, path: string): Promise<Listening> {
  requireSocketPath(path, MAX_SOCKET_PATH - SUFFIX_SIZE);
  const folder = dirname(path);
  if (!existsSync(folder)) {
    throw new OciSeccompError('ERR_IO', `the folder of the agent's socket is not there: ${folder}`, {
      hint: `${shellCommand(['mkdir', '-m', '0755', '-p', folder])} makes it; so does the unit in docs/agent.md, at each start`,
    });
  }
  const real = join(requireTrustedSocketFolder(folder), basename(path));
  const stale = await requireFree(real);
  const temporary = `${real}.${process.getBuiltinModule('node:crypto').randomBytes(3).toString('hex')}`;
  try {
    await listen(server, { path: temporary });
    // Nobody but root reaches it in between: each connection is checked, too.
    chmodSync(temporary, SOCKET_MODE);
    if (stale !== undefined) removeStale(real, stale, path);
    // Not a rename: that would take the path from an agent that has come first.
    linkSync(temporary, real);
  } catch (cause) {
    server.close();
    if (cause instanceof OciSeccompError) throw cause;
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST') throw taken(path);
    throw new OciSeccompError('ERR_IO', `the socket ${path} cannot be made: ${ioWords(cause)}`, { cause });
  } finally {
    rmSync(temporary, { force: true });
  }
  const own = inodeOf(real);
  return {
    name: real,
    remove: () => {
      // Another agent may have taken the path over.
      if (inodeOf(real) === own) rmSync(real, { force: true });
    },
  };
}

/**
 * Takes away a socket that nobody listens on. One agent at a time does that: a second one that has looked at the same
 * socket would take the first one's, which has come in its place.
 */
function removeStale(real: string, stale: bigint, path: string): void {
  const lock = `${real}.lock`;
  const found = lstatSync(lock, { throwIfNoEntry: false });
  // An agent that was killed leaves an empty file. Anything else is somebody else's, and would be taken away below.
  if (found !== undefined && (!found.isFile() || found.size > 0)) {
    throw new OciSeccompError('ERR_HOOK', `${lock} is there already, and is not the lock of an agent`, {
      hint: 'remove it, or name another path with --socket',
    });
  }
  const fd = openSync(lock, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, SOCKET_MODE);
  try {
    const isOurs = tryLock(fd) && inodeOf(lock) === fstatSync(fd, { bigint: true }).ino;
    if (!isOurs) throw taken(path);
    if (inodeOf(real) === stale) rmSync(real, { force: true });
    rmSync(lock, { force: true });
  } finally {
    closeSync(fd);
  }
}

function inodeOf(path: string): bigint | undefined {
  return lstatSync(path, { throwIfNoEntry: false, bigint: true })?.ino;
}

/** @returns the inode of a socket that nobody listens on any more: an agent that was killed has left it */
async function requireFree(path: string): Promise<bigint | undefined> {
  const found = lstatSync(path, { throwIfNoEntry: false, bigint: true });
  if (found === undefined) return undefined;
  if (!found.isSocket()) {
    throw new OciSeccompError('ERR_HOOK', `${path} is there already, and is not a socket`, {
      hint: 'remove it, or name another path with --socket',
    });
  }
  if (!(await answers(path))) return found.ino;
  throw taken(path);
}

function taken(path: string): OciSeccompError {
  return new OciSeccompError('ERR_HOOK', `another agent listens on ${path}`, {
    hint: 'end it first, or name another path with --socket',
  });
}

function answers(path: string): Promise<boolean> {
  const { connect } = process.getBuiltinModule('node:net');
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    // Any other error is of an agent that lives: EAGAIN, if it takes no connections at the moment.
    socket.once('error', ({ code }: NodeJS.ErrnoException) =>
      resolve(code !== 'ECONNREFUSED' && code !== 'ENOENT'),
    );
  });
}

function listen(server: Server, where: { readonly fd: number } | { readonly path: string }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ ...where, backlog: 512 }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
