/**
 * The memory of a process that the caller traces.
 *
 * Source: proc_pid_mem(5); Linux 6.18 fs/proc/base.c (mem_rw): a tracer may write where the process itself may not,
 * into a copy of its own if the page is a file's.
 * @module
 */
import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { OciSeccompError } from '../errors.ts';

export interface ProcessMemory {
  /** Exactly `length` bytes. */
  readonly read: (at: number, length: number) => Uint8Array;
  readonly write: (at: number, bytes: Uint8Array) => void;
  readonly close: () => void;
}

/**
 * Opens the memory of a process. A read or write is complete, or an error.
 *
 * @throws OciSeccompError `ERR_KERNEL` with `details: {pid, call, errno}`; so do `read` and `write`
 */
export function openMemory(pid: number): ProcessMemory {
  const path = `/proc/${pid}/mem`;
  const fd = attempt(pid, 'open', path, () => openSync(path, 'r+'));
  const transfer = (verb: 'read' | 'write', at: number, bytes: Uint8Array): void => {
    for (let done = 0; done < bytes.length; ) {
      const place = `${bytes.length} bytes at 0x${at.toString(16)} of ${path}`;
      const count = attempt(pid, verb, place, () =>
        verb === 'read'
          ? readSync(fd, bytes, done, bytes.length - done, at + done)
          : writeSync(fd, bytes, done, bytes.length - done, at + done),
      );
      if (count === 0) throw memoryError(pid, verb, place, 'nothing is mapped there');
      done += count;
    }
  };
  return {
    read: (at, length) => {
      const bytes = new Uint8Array(length);
      transfer('read', at, bytes);
      return bytes;
    },
    write: (at, bytes) => transfer('write', at, bytes),
    close: () => closeSync(fd),
  };
}

function attempt<T>(pid: number, verb: string, place: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    const { code = 'failed', errno = 0 } = error as NodeJS.ErrnoException;
    throw memoryError(pid, verb, place, code, -errno);
  }
}

function memoryError(pid: number, verb: string, place: string, reason: string, errno = 0): OciSeccompError {
  return new OciSeccompError('ERR_KERNEL', `cannot ${verb} ${place}: ${reason}`, {
    details: { pid, call: verb, errno },
  });
}
