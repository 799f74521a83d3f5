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
import { type LibraryOption, libraryAt, libraryKinds } from './library.ts';
import type { ServedCount } from './notify-loop.ts';
import { requireListener } from './notify-native.ts';
import { decodeError, type ServerReport, type ServerTask } from './notify-protocol.ts';
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

/** A thread that answers the requests of a listener. */
export interface NotificationServer {
  /**
   * Resolves once no task is left under the filter, or after {@link NotificationServer.close}; then the thread has
   * ended. Rejects with what the handler threw, what went wrong, or the signal's reason.
   */
  readonly done: Promise<ServedCount>;
  /** Ends the server after the current request. Further requests stay unanswered. A second call does nothing. */
  readonly close: () => Promise<ServedCount>;
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
 * The function decides at once: no promise, no timer runs in that thread. A handler that throws, or returns no answer,
 * ends the serving; the call it was asked about fails with EACCES. Requests of threads that have died are passed over.
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
  return start({ fd, library: library.path, module: file, name: handler, data }, signal);
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

function start(task: Omit<ServerTask, 'wakeFd'>, signal: AbortSignal | undefined): NotificationServer {
  const waker = openWakeDescriptor();
  const { wake } = waker;
  let worker: Worker;
  try {
    worker = new Worker(new URL('./notify-worker.js', import.meta.url), {
      workerData: { ...task, wakeFd: waker.fd } satisfies ServerTask,
    });
  } catch (cause) {
    waker.close();
    throw new OciSeccompError('ERR_USAGE', 'data cannot be sent to another thread', {
      hint: 'structuredClone() must be able to copy it: no functions',
      cause,
    });
  }
  const done = untilEnd(worker, wake, signal).finally(() => waker.close());
  const close = (): Promise<ServedCount> => {
    wake();
    return done;
  };
  return {
    done,
    close,
    unref: () => worker.unref(),
    [Symbol.asyncDispose]: async () => void (await close()),
  };
}

/** Waits for the thread's end, and for what it reported before. */
function untilEnd(worker: Worker, wake: () => void, signal: AbortSignal | undefined): Promise<ServedCount> {
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
      if (failure !== undefined) reject(failure.error);
      else if (report?.error !== undefined) reject(decodeError(report.error));
      else if (signal?.aborted === true) reject(signal.reason);
      else if (report !== undefined) resolve(report.count);
      else
        reject(
          new OciSeccompError('ERR_USAGE', 'the handler ended its thread', {
            hint: 'it must return an answer, and not end the process',
          }),
        );
    });
  });
}
