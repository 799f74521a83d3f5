/**
 * Waiting without an event loop.
 * @module
 */

/** Blocks this thread for a time in milliseconds. */
export function sleep(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
