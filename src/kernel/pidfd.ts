/**
 * Processes by descriptor, which unlike a number never refers to another process later.
 *
 * Sources: pidfd_open(2), pidfd_getfd(2), pidfd_send_signal(2); Linux 6.18 include/uapi/asm-generic/unistd.h: numbers
 * from 424 on are the same on every architecture that libseccomp knows.
 * @module
 */
import { formatErrno } from '../abi/errno.ts';
import { EPERM, ESRCH } from '../abi/errno-constants.ts';
import { OciSeccompError } from '../errors.ts';
import { closeNative, loadKoffi } from '../ffi.ts';

const PIDFD_SEND_SIGNAL = 424;
const PIDFD_OPEN = 434;
const PIDFD_GETFD = 438;

let bound: ((...parameters: readonly number[]) => number) | undefined;

function call(name: string, nr: number, first: number, second: number): number {
  const koffi = loadKoffi();
  bound ??= koffi
    .load(null)
    .func('syscall', 'long', ['long', 'uintptr_t', 'uintptr_t', 'uintptr_t', 'uintptr_t']);
  const result = bound(nr, first, second, 0, 0);
  if (result !== -1) return result;
  const errno = koffi.errno();
  throw new OciSeccompError('ERR_KERNEL', `${name}: ${formatErrno(errno)}`, {
    details: { call: name, errno },
  });
}

/**
 * A descriptor of a process, closed on execve; the caller closes it with closeNative().
 *
 * @throws OciSeccompError `ERR_KERNEL` with `details: {call, errno}`: ESRCH if no such process exists; before Linux 5.3 ENOSYS
 */
export function openPidfd(pid: number): number {
  return call('pidfd_open', PIDFD_OPEN, pid, 0);
}

/**
 * A duplicate of a descriptor of another process, closed on execve; the caller closes it with closeNative().
 *
 * @throws OciSeccompError `ERR_KERNEL` with `details: {call, errno}`; before Linux 5.6 ENOSYS
 */
export function takeDescriptor(pidfd: number, fd: number): number {
  return call('pidfd_getfd', PIDFD_GETFD, pidfd, fd);
}

/**
 * Sends a signal to the process.
 *
 * @returns whether it was still there
 * @throws OciSeccompError `ERR_KERNEL` with `details: {call, errno}`
 */
export function signalPidfd(pidfd: number, signal: number): boolean {
  try {
    call('pidfd_send_signal', PIDFD_SEND_SIGNAL, pidfd, signal);
    return true;
  } catch (error) {
    if (error instanceof OciSeccompError && error.details.errno === ESRCH) return false;
    throw error;
  }
}

/**
 * Whether the process is there: it lives, or has ended and its parent has not waited for it. Until then no other process
 * has its number.
 */
export function isPidfdThere(pidfd: number): boolean {
  try {
    return signalPidfd(pidfd, 0);
  } catch (error) {
    // It is there, and not ours to signal.
    if (error instanceof OciSeccompError && error.details.errno === EPERM) return true;
    throw error;
  }
}

/** Closes a descriptor of a process. */
export function closePidfd(pidfd: number): void {
  closeNative(pidfd);
}
