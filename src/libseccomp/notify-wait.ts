/**
 * Waiting for descriptors without blocking the event loop.
 *
 * Node has no way to wait for a descriptor of this kind, so poll(2) runs in a thread of libuv's pool. One such thread
 * is held for as long as anything waits, however many descriptors there are: of UV_THREADPOOL_SIZE threads (4 by
 * default, shared with file and DNS calls) the rest stays free. A worker thread that waits holds one more.
 * @module
 */
import { readSync } from 'node:fs';
import { HOST_IS_LITTLE } from '../abi/host-endian.ts';
import { loadKoffi } from '../ffi.ts';
import { openWakeDescriptor, type WakeDescriptor } from './wake-descriptor.ts';

// Linux 6.18 include/uapi/asm-generic/poll.h
export const POLLIN = 0x01;
export const POLLHUP = 0x10;
export const POLLNVAL = 0x20;

/** struct pollfd: fd i32 @0, events i16 @4, revents i16 @6. */
const POLLFD_SIZE = 8;

/** Bytes; each wake is 8. What is left in a pipe wakes once more. */
const WAKES_READ = 4096;

/**
 * How long one poll(2) lasts, in milliseconds. Node joins the pool's threads when it ends and when it terminates a
 * worker thread, so that none may sleep for ever; it is also when a descriptor that was closed is found out.
 */
export const TICK = 500;

/** A C function with koffi's way of running it in the pool. */
interface PoolFunction {
  (...parameters: readonly unknown[]): unknown;
  readonly async: (...parameters: readonly unknown[]) => void;
}

interface Wait {
  readonly fd: number;
  readonly done: () => void;
  readonly fail: (reason: unknown) => void;
}

const waits = new Set<Wait>();
/** Ends a poll(2) early; there is one as long as the poll runs. */
let waker: WakeDescriptor | undefined;
let libc: { readonly poll: PoolFunction } | undefined;

export function bindLibc() {
  if (libc === undefined) {
    const native = loadKoffi().load(null);
    libc = {
      poll: native.func('poll', 'int', ['uint8_t *', 'unsigned long', 'int']),
    };
  }
  return libc;
}

/** Runs a C function that returns an int in a thread of the pool. NOTE: its errno is lost. */
export function callInPool(native: unknown, ...parameters: readonly unknown[]): Promise<number> {
  return new Promise((resolve, reject) => {
    (native as PoolFunction).async(...parameters, (error: unknown, result: number) => {
      if (error === null || error === undefined) resolve(result);
      else reject(error);
    });
  });
}

/** What poll(2) says of a descriptor right now: bits of POLLIN, POLLHUP, POLLNVAL. */
export function pollNow(fd: number): number {
  const table = pollTable([fd]);
  bindLibc().poll(table, 1, 0);
  return revents(table, 0);
}

/**
 * Waits until a descriptor is readable, hung up or no descriptor any more.
 *
 * @param signal - ends the waiting at once
 * @throws the signal's reason once it is aborted
 */
export function untilReadable(fd: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(signal.reason);
      return;
    }
    const onAbort = (): void => {
      waits.delete(wait);
      wake();
      reject(signal?.reason);
    };
    const settle = (finish: () => void): void => {
      waits.delete(wait);
      signal?.removeEventListener('abort', onAbort);
      finish();
    };
    const wait: Wait = { fd, done: () => settle(resolve), fail: (reason) => settle(() => reject(reason)) };
    signal?.addEventListener('abort', onAbort, { once: true });
    waits.add(wait);
    if (waker === undefined) start();
    else wake();
  });
}

function start(): void {
  try {
    waker = openWakeDescriptor();
  } catch (error) {
    failAll(error);
    return;
  }
  // Without it the end of the process would take until the tick is over.
  process.once('exit', wake);
  void pollOn(waker);
}

/** Polls until nobody waits. Each round asks for what is waited for by then. */
async function pollOn({ fd, close }: WakeDescriptor): Promise<void> {
  try {
    while (waits.size > 0) {
      const fds = [fd, ...new Set([...waits].map((wait) => wait.fd))];
      const table = pollTable(fds);
      // SAFETY: `table` is referenced until the call has returned.
      const ready = await callInPool(bindLibc().poll, table, fds.length, TICK);
      if (ready <= 0) continue; // the tick, or EINTR
      if (revents(table, 0) !== 0) readSync(fd, new Uint8Array(WAKES_READ));
      const happened = new Set(fds.filter((_, i) => i > 0 && revents(table, i) !== 0));
      for (const wait of [...waits]) if (happened.has(wait.fd)) wait.done();
    }
  } catch (error) {
    failAll(error);
  } finally {
    process.removeListener('exit', wake);
    waker = undefined;
    close();
  }
}

function wake(): void {
  waker?.wake();
}

function failAll(reason: unknown): void {
  for (const wait of [...waits]) wait.fail(reason);
}

export function pollTable(fds: readonly number[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(fds.length * POLLFD_SIZE));
  for (const [i, fd] of fds.entries()) {
    view.setInt32(i * POLLFD_SIZE, fd, HOST_IS_LITTLE);
    view.setInt16(i * POLLFD_SIZE + 4, POLLIN, HOST_IS_LITTLE);
  }
  return new Uint8Array(view.buffer);
}

export function revents(table: Uint8Array, index: number): number {
  return new DataView(table.buffer).getInt16(index * POLLFD_SIZE + 6, HOST_IS_LITTLE);
}
