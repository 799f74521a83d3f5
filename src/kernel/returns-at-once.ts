/**
 * Whether a call of another process that reads or writes would return at once.
 *
 * Sources: poll(2), open(2) O_NONBLOCK, proc_pid_fdinfo(5); Linux 6.18 fs/pipe.c (pipe_read: looks at signals only when
 * nothing is there).
 * @module
 */
import { readFileSync } from 'node:fs';
import { OciSeccompError } from '../errors.ts';
import { closeNative } from '../ffi.ts';
import { openPidfd, takeDescriptor } from './pidfd.ts';
import { openPollSet, type PollFor } from './poll-set.ts';
import { readProcessStatus } from './process-status.ts';

/** include/uapi/asm-generic/fcntl.h: of every machine that has a guard. */
const O_NONBLOCK = 0o4000;

/**
 * @param tid - a tracee
 * @returns false where it cannot be told
 */
export function returnsAtOnce(tid: number, fd: number, direction: PollFor): boolean {
  return isNonBlocking(tid, fd) || isReady(tid, fd, direction);
}

function isNonBlocking(tid: number, fd: number): boolean {
  try {
    const flags = /^flags:\s*(\d+)$/m.exec(readFileSync(`/proc/${tid}/fdinfo/${fd}`, 'latin1'))?.[1];
    return (Number.parseInt(flags ?? '0', 8) & O_NONBLOCK) !== 0;
  } catch {
    return false;
  }
}

function isReady(tid: number, fd: number, direction: PollFor): boolean {
  const status = readProcessStatus(tid);
  if (typeof status === 'string') return false;
  const opened: number[] = [];
  try {
    const pidfd = openPidfd(status.threadGroup);
    opened.push(pidfd);
    const own = takeDescriptor(pidfd, fd);
    opened.push(own);
    return openPollSet([own], direction).wait(0) > 0;
  } catch (error) {
    // Before Linux 5.6, and where a filter denies pidfd_getfd(2).
    if (error instanceof OciSeccompError && error.code === 'ERR_KERNEL') return false;
    throw error;
  } finally {
    for (const each of opened) closeNative(each);
  }
}
