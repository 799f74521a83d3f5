/**
 * The memory of a thread that waits for its recorder.
 * @module
 */
import { closeSync, openSync, readSync } from 'node:fs';

/**
 * Reads memory: less than `length` bytes if a page is missing.
 *
 * @throws errors of open(2) and read(2)
 */
export function bytesAt(address: bigint, length: number, thread: number): Uint8Array {
  const memory = openSync(`/proc/${thread}/mem`, 'r');
  try {
    const bytes = new Uint8Array(length);
    return bytes.subarray(0, readSync(memory, bytes, 0, length, Number(address)));
  } finally {
    closeSync(memory);
  }
}
