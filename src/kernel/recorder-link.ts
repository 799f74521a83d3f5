/**
 * What ties a container to its recorder: the listener goes there, and the container does not outlive it.
 *
 * Without a recorder the kernel answers ENOSYS to every call of the container, so it does no more work of any use; but
 * a program that only computes, or sleeps in a call, would go on. So it is ended.
 * @module
 */
import { formatErrno } from '../abi/errno.ts';
import { OciSeccompError } from '../errors.ts';
import { closeNative } from '../ffi.ts';
import { prepareMessage, receiveMessage } from './descriptor-messages.ts';
import { guardSignals } from './guard-signals.ts';
import { connectTo, endWithPeer } from './packet-socket.ts';
import { openPidfd, signalPidfd } from './pidfd.ts';
import { openPollSet } from './poll-set.ts';

const SIGKILL = 9;
/** What the recorder tells who connects; 0: not guarded. */
export const GUARDED = 1;

export interface RecorderLink {
  /** Whether the container is to stay traced, for its signals: see guard-signals.ts. */
  readonly isGuarded: boolean;
  /** @throws OciSeccompError `ERR_KERNEL` if the recorder is gone */
  readonly sendListener: (fd: number) => void;
  /** Takes hold of the container's first process, which must not have ended yet. */
  readonly hold: (pid: number) => void;
  /**
   * Sleeps until the process has ended, or the recorder: then it ends the process. What is guarded ends by the end of this
   * process, which does not come back from here then.
   */
  readonly stay: () => void;
  readonly close: () => void;
}

/** @throws OciSeccompError `ERR_HOOK` if no recorder listens at the path */
export function linkToRecorder(path: string): RecorderLink {
  const socket = connect(path);
  const told = receiveMessage(socket);
  if (told?.kind !== 'number') {
    closeNative(socket);
    throw new OciSeccompError('ERR_HOOK', 'the recorder is gone', { details: { path } });
  }
  const isGuarded = told.value === GUARDED;
  let pidfd: number | undefined;
  return {
    isGuarded,
    sendListener: (fd) => {
      const errno = prepareMessage(socket).send(fd);
      if (errno === 0) return;
      throw new OciSeccompError('ERR_KERNEL', `the recorder is gone: ${formatErrno(errno)}`, {
        details: { path, call: 'sendmsg', errno },
      });
    },
    hold: (pid) => {
      pidfd = openPidfd(pid);
    },
    stay: () => {
      if (pidfd === undefined) return;
      if (isGuarded) {
        endWithPeer(path, socket);
        guardSignals();
        return;
      }
      const both = openPollSet([pidfd, socket]);
      for (;;) {
        both.wait(-1);
        if (both.state(0) !== 'quiet') return;
        // The recorder sends nothing: whatever there is to tell of its socket is that it is closed.
        if (both.state(1) === 'quiet') continue;
        signalPidfd(pidfd, SIGKILL);
        return;
      }
    },
    close: () => {
      if (pidfd !== undefined) closeNative(pidfd);
      closeNative(socket);
    },
  };
}

function connect(path: string): number {
  try {
    return connectTo(path);
  } catch (cause) {
    if (!(cause instanceof OciSeccompError)) throw cause;
    throw new OciSeccompError('ERR_HOOK', `no recorder listens: ${cause.message}`, {
      hint: 'oci-seccomp record --container starts the container while it listens',
      details: cause.details,
      cause,
    });
  }
}
