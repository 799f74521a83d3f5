/**
 * Taking the listener of a filter out of the process that loaded it.
 *
 * Sources: pidfd_getfd(2); Linux 6.18 kernel/seccomp.c (init_listener: the name of the descriptor's file).
 * @module
 */
import { readdirSync, readlinkSync } from 'node:fs';
import { OciSeccompError } from '../errors.ts';
import { closeNative } from '../ffi.ts';
import { openPidfd, takeDescriptor } from './pidfd.ts';

const LISTENER = 'anon_inode:seccomp notify';

/**
 * A duplicate of the listener, closed on execve; the caller closes it with closeNative().
 *
 * @param except - descriptors that the process inherited: theirs are the listeners of others
 * @returns `undefined` if the process has no listener, or this one may not take it. Before Linux 5.6 nobody can
 */
export function fetchListener(pid: number, except: readonly number[]): number | undefined {
  const fd = descriptorsOf(pid).find((each) => !except.includes(each) && linkOf(pid, each) === LISTENER);
  if (fd === undefined) return undefined;
  let pidfd: number | undefined;
  try {
    pidfd = openPidfd(pid);
    return takeDescriptor(pidfd, fd);
  } catch (error) {
    // It has ended, or closed it by its execve.
    if (error instanceof OciSeccompError && error.code === 'ERR_KERNEL') return undefined;
    throw error;
  } finally {
    if (pidfd !== undefined) closeNative(pidfd);
  }
}

/** @returns none if the process has ended */
function descriptorsOf(pid: number): readonly number[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).map(Number);
  } catch {
    return [];
  }
}

/** @returns `undefined`: it has been closed since */
function linkOf(pid: number, fd: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/fd/${fd}`);
  } catch {
    return undefined;
  }
}
