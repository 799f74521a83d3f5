/**
 * A supervisor in a thread of its own, for filters that ask often.
 *
 * `notifications()` shares the event loop with the rest of the program, and each request goes through a thread of
 * libuv's pool twice. Here a worker thread does nothing but wait in the kernel and answer: bench/binding-notify.ts
 * compares both with a loop in C.
 * @module
 */
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { describe } from '../abi/check-values.ts';
import { abortSignal, anything, type OptionKinds, plainText, takeOptions } from '../abi/take-options.ts';
import { OciSeccompError } from '../errors.ts';
import { type Library, type LibraryOption, libraryAt, libraryKinds } from './library.ts';
import { requireListener, send } from './notify-native.ts';
import {
  ANSWERED,
  addOne,
  DENIED,
  decodeError,
  GONE,
  LAST_ID,
  type ServerReport,
  type ServerState,
  type ServerTask,
  STATE_SIZE,
} from './notify-protocol.ts';
import { openWakeDescriptor } from './wake-descriptor.ts';

/** How requests are served. */
export interface ServeOptions extends LibraryOption {
  /** The export of the module that decides. Default: `answer`. */
  readonly handler?: string | undefined;
  /** What the handler gets as its second argument: a copy, as of structuredClone(). */
  readonly data?: unknown;
  /** Ends the serving; its reason is what `done` is rejected with. */
  readonly signal?: AbortSignal | undefined;
}

/** How many requests a server has handled. */
export interface ServedCount {
  /** Requests that were answered. */
  readonly answered: number;
  /** Requests whose thread died or was interrupted before the answer. */
  readonly gone: number;
}

/** A thread that answers the requests of a listener. */
export interface NotificationServer {
  /**
   * Resolves once no task is left under the filter, or after {@link NotificationServer.close} or
   * {@link NotificationServer.terminate}; then the thread has ended. Rejects with what the handler threw, what went wrong, or the signal's reason.
   */
  readonly done: Promise<ServedCount>;
  /**
   * Ends the server after the current request: it waits for a handler that does not return. Further requests stay
   * unanswered. A second call does nothing.
   */
  readonly close: () => Promise<ServedCount>;
  /**
   * Ends the server at once, in the middle of its handler. The call it was asked about fails with EACCES, unless the handler
   * has answered it. A handler that waits in a system call ends when that returns.
   *
   * @returns what was handled before, and the call that it denied
   */
  readonly terminate: () => Promise<ServedCount>;
  /** Lets the process end although requests are served. */
  readonly unref: () => void;
  /** As `close`, for `await using`. */
  readonly [Symbol.asyncDispose]: () => Promise<void>;
}

const kinds: OptionKinds<ServeOptions> = {
  ...libraryKinds,
  handler: plainText,
  data: anything,
  signal: abortSignal,
};

/**
 * Answers the requests of a descriptor in a worker thread, by a function of a module:
 *
 *     // handler.mjs
 *     export function answer(request, data) {
 *       return request.syscall.name === 'mkdir' ? { error: 'EPERM' } : { continue: true };
 *     }
 *
 * The function decides at once: no promise, no timer runs in that thread. A handler that throws, returns no answer, or ends its
 * thread (it exits, or no memory is left) ends the serving; the call it was asked about fails with EACCES. Requests of threads that
 * have died are passed over.
 *
 * The descriptor stays the caller's: keep it open until `done` is settled, and have no other reader of it.
 *
 * NOTE: a thread inherits the filters of the one that starts it. Start the server from a thread that the filter does
 * not bind, best from another process. Wraps seccomp_notify_receive(3) and seccomp_notify_respond(3), since libseccomp
 * 2.5.0.
 *
 * @param module - a URL, or an absolute path
 * @throws OciSeccompError `ERR_USAGE` for a wrong option, or if the descriptor is closed or not for notifications;
 *   `ERR_KERNEL` if no descriptor can be opened
 */
export function serveNotifications(
  fd: number,
  module: string | URL,
  options: ServeOptions = {},
): NotificationServer {
  const taken = takeOptions('serveNotifications', options, kinds);
  const library = libraryAt(taken);
  const { handler = 'answer', data, signal } = taken;
  const file = moduleUrl(module);
  requireListener(library, fd);
  signal?.throwIfAborted();
  return start(library, { fd, library: library.path, module: file, name: handler, data }, signal);
}

function moduleUrl(module: unknown): string {
  if (module instanceof URL) return module.href;
  if (typeof module === 'string' && module.startsWith('/')) return pathToFileURL(module).href;
  if (typeof module === 'string' && /^(?:file|data):/.test(module)) return module;
  throw new OciSeccompError(
    'ERR_USAGE',
    `a handler's module is a URL or an absolute path, not ${describe(module)}`,
    {
      hint: "write new URL('./handler.mjs', import.meta.url)",
    },
  );
}

function start(
  library: Library,
  task: Omit<ServerTask, 'wakeFd' | 'state'>,
  signal: AbortSignal | undefined,
): NotificationServer {
  const waker = openWakeDescriptor();
  const { wake } = waker;
  const state = new SharedArrayBuffer(STATE_SIZE);
  let worker: Worker;
  try {
    worker = new Worker(new URL('./notify-worker.js', import.meta.url), {
      workerData: { ...task, wakeFd: waker.fd, state } satisfies ServerTask,
    });
  } catch (cause) {
    waker.close();
    throw new OciSeccompError('ERR_USAGE', 'data cannot be sent to another thread', {
      hint: 'structuredClone() must be able to copy it: no functions',
      cause,
    });
  }
  const shared = new BigUint64Array(state);
  let isTerminated = false;
  const onEnd = (hasReported: boolean): boolean => {
    if (!hasReported) denyLast(library, task.fd, shared);
    return isTerminated;
  };
  const done = untilEnd(worker, wake, signal, onEnd)
    .then(() => ({ answered: Number(shared[ANSWERED]), gone: Number(shared[GONE]) }))
    .finally(() => waker.close());
  const close = (): Promise<ServedCount> => {
    wake();
    return done;
  };
  return {
    done,
    close,
    terminate: () => {
      isTerminated = true;
      void worker.terminate();
      return done;
    },
    unref: () => worker.unref(),
    [Symbol.asyncDispose]: async () => void (await close()),
  };
}

/**
 * Denies the call that the thread was about to answer: nobody else knows of it, and its caller would wait for ever. A filter never uses
 * an id again, so any other is left alone.
 */
function denyLast(library: Library, fd: number, state: ServerState): void {
  try {
    send(library, fd, state[LAST_ID] ?? 0n, DENIED);
    addOne(state, ANSWERED);
  } catch {
    // It has been answered, or is gone.
  }
}

/**
 * Waits for the thread's end, and for what it reported before.
 *
 * @param onEnd - called then, with whether the thread has reported; returns whether it was to end without a report
 */
function untilEnd(
  worker: Worker,
  wake: () => void,
  signal: AbortSignal | undefined,
  onEnd: (hasReported: boolean) => boolean,
): Promise<void> {
  let report: ServerReport | undefined;
  let failure: { readonly error: unknown } | undefined;
  // Node joins the thread when the process ends, and would wait for the tick.
  process.once('exit', wake);
  signal?.addEventListener('abort', wake, { once: true });
  worker.once('message', (message: ServerReport) => {
    report = message;
  });
  worker.once('error', (error) => {
    failure = { error };
  });
  return new Promise((resolve, reject) => {
    worker.once('exit', () => {
      process.removeListener('exit', wake);
      signal?.removeEventListener('abort', wake);
      const wasTerminated = onEnd(report !== undefined);
      if (failure !== undefined) reject(failure.error);
      else if (report?.error !== undefined) reject(decodeError(report.error));
      else if (signal?.aborted === true) reject(signal.reason);
      else if (report !== undefined || wasTerminated) resolve();
      else
        reject(
          new OciSeccompError('ERR_USAGE', 'the handler ended its thread', {
            hint: 'it must return an answer, and not end the process',
          }),
        );
    });
  });
}
