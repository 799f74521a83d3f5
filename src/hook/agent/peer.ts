/**
 * Who asks the agent. It does for a client what the client could do itself, and nothing more: a client must be root of
 * this machine with the capabilities that a hook needs.
 *
 * Process ids and paths in a request mean what they mean to the agent. So a client must be in the same pid namespace and
 * have the same root folder: an engine that runs in a container of its own means other files.
 *
 * The client waits for its answer. As long as it lives, its process id, and those of the processes that wait for it, cannot
 * be another's: the agent asks for that again after it has looked at them.
 * @module
 */
import { readlinkSync, statSync } from 'node:fs';
import { EINVAL, ESRCH } from '../../abi/errno-constants.ts';
import { OciSeccompError } from '../../errors.ts';
import { CAP_SYS_ADMIN, CAP_SYS_PTRACE, hasCapability } from '../../kernel/capability-bits.ts';
import { openPeerPidfd, readPeerCredentials } from '../../kernel/peer-credentials.ts';
import { closePidfd, openPidfd, signalPidfd } from '../../kernel/pidfd.ts';
import { readProcessStatus, readStartTime } from '../../kernel/process-status.ts';
import { ioWords } from '../io-words.ts';

export interface Peer {
  readonly pid: number;
  /** @throws OciSeccompError `ERR_HOOK` if the process that connected has ended */
  readonly requireAlive: () => void;
  readonly close: () => void;
}

const NAMESPACES = ['user', 'pid'] as const;

/**
 * Checks the process that has connected.
 *
 * @param fd - of the connection
 * @throws OciSeccompError `ERR_HOOK` for a process that may not ask; `ERR_KERNEL`
 */
export function admitPeer(fd: number): Peer {
  const { pid, uid } = readPeerCredentials(fd);
  if (uid !== 0) throw refused(`process ${pid} of user ${uid} is not root`);
  if (pid <= 0) throw refused('it is in another pid namespace');
  const peer = holdPeer(fd, pid);
  try {
    requireRights(pid);
    requireSameView(pid);
    peer.requireAlive();
    return peer;
  } catch (error) {
    peer.close();
    throw error;
  }
}

/** Before Linux 6.5 the kernel gives no descriptor of the peer: the process of its number now is taken for it. */
function holdPeer(fd: number, pid: number): Peer {
  const before = readStartTime(pid);
  let pidfd: number;
  try {
    pidfd = openPeerPidfd(fd) ?? openPidfd(pid);
  } catch (error) {
    if (!(error instanceof OciSeccompError)) throw error;
    const { errno } = error.details;
    throw errno === ESRCH || errno === EINVAL ? gone(pid) : error;
  }
  let isOpen = true;
  return {
    pid,
    requireAlive: () => {
      if (!signalPidfd(pidfd, 0) || before === undefined || readStartTime(pid) !== before) throw gone(pid);
    },
    close: () => {
      if (isOpen) closePidfd(pidfd);
      isOpen = false;
    },
  };
}

function requireRights(pid: number): void {
  const status = readProcessStatus(pid);
  if (typeof status === 'string') throw gone(pid);
  const { effectiveCapabilities: mask } = status;
  if (!hasCapability(mask, CAP_SYS_ADMIN) || !hasCapability(mask, CAP_SYS_PTRACE)) {
    throw refused(`process ${pid} lacks CAP_SYS_ADMIN or CAP_SYS_PTRACE`);
  }
}

function requireSameView(pid: number): void {
  for (const name of NAMESPACES) {
    if (namespace(pid, name) !== namespace('self', name)) {
      throw refused(`process ${pid} is in another ${name} namespace`);
    }
  }
  const [theirs, ours] = [rootFolder(pid), rootFolder('self')];
  if (theirs !== ours) throw refused(`process ${pid} has another root folder, so its paths mean other files`);
}

function namespace(pid: number | 'self', name: string): string {
  try {
    return readlinkSync(`/proc/${pid}/ns/${name}`);
  } catch (cause) {
    throw unseen(pid, cause);
  }
}

function rootFolder(pid: number | 'self'): string {
  try {
    const { dev, ino } = statSync(`/proc/${pid}/root/`, { bigint: true });
    return `${dev}:${ino}`;
  } catch (cause) {
    throw unseen(pid, cause);
  }
}

function unseen(pid: number | 'self', cause: unknown): OciSeccompError {
  return refused(`process ${pid} cannot be looked at: ${ioWords(cause)}`);
}

function gone(pid: number): OciSeccompError {
  return refused(`process ${pid} has ended`);
}

function refused(why: string): OciSeccompError {
  return new OciSeccompError('ERR_HOOK', `the agent does not serve this client: ${why}`, {
    hint: 'the agent serves hooks and static wrappers that root starts on this machine, outside of containers',
  });
}
