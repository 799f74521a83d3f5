/**
 * The lock of an open file.
 *
 * Source: flock(2).
 * @module
 */
import { loadKoffi } from '../ffi.ts';

const LOCK_EX = 2;
const LOCK_NB = 4;

/**
 * Takes the lock, and does not wait for it. The kernel releases it when the descriptor is closed.
 *
 * @returns `false`: another process has it
 */
export function tryLock(fd: number): boolean {
  return loadKoffi().load(null).func('flock', 'int', ['int', 'int'])(fd, LOCK_EX | LOCK_NB) === 0;
}
