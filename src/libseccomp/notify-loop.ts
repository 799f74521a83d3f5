/**
 * The loop of a supervisor in a thread of its own: it blocks in the kernel until there is a request, receives it, and
 * answers. What it uses is allocated once, so that a request costs three calls into C and no more.
 *
 * Source: seccomp_unotify(2), libseccomp 2.6.1 src/system.c.
 * @module
 */
import { ECANCELED, EINTR, ENOENT } from '../abi/errno-constants.ts';
import { HOST_IS_LITTLE } from '../abi/host-endian.ts';
import { OciSeccompError } from '../errors.ts';
import { loadKoffi } from '../ffi.ts';
import type { Library } from './library.ts';
import { makeRequest, type NotifyRequest } from './notify.ts';
import {
  allocate,
  decodeRequest,
  kernelError,
  NOTIF_SIZE,
  type RawRequest,
  type RawResponse,
  requireListener,
} from './notify-native.ts';
import {
  ANSWERED,
  addOne,
  DENIED,
  GONE,
  LAST_ID,
  type ServerState,
  type ServerTask,
} from './notify-protocol.ts';
import { encodeResponse, type NotifyResponse } from './notify-response.ts';
import { bindLibc, POLLHUP, POLLIN, pollTable, revents, TICK } from './notify-wait.ts';
import { checkResult } from './result.ts';

/**
 * Decides on a request, at once: the thread does nothing else meanwhile, and runs no timer and no promise.
 *
 * @returns the answer; `undefined` if it has given one itself, by `request.respond` or `request.addFd`
 */
export type NotificationHandler = (request: NotifyRequest, data: unknown) => NotifyResponse | undefined;

/** struct seccomp_notif_resp: id u64 @0, val i64 @8, error i32 @16, flags u32 @20. */
const RESPONSE_SIZE = 24;

/** One descriptor, read and answered through structs that are allocated once. */
interface Connection {
  /** @returns `undefined` if the request is gone: its thread has died, or a signal came */
  readonly receive: () => RawRequest | undefined;
  /** @returns whether its thread still waited */
  readonly send: (id: bigint, response: RawResponse) => boolean;
  readonly release: () => void;
}

function connect(library: Library, fd: number, state: ServerState): Connection {
  const koffi = loadKoffi();
  const [request, response] = [allocate(library, 'request'), allocate(library, 'response')];
  // SAFETY: views of the library's memory, not used after release().
  const received = new Uint8Array(koffi.view(request, NOTIF_SIZE));
  const id = new DataView(received.buffer);
  const sent = new DataView(koffi.view(response, RESPONSE_SIZE));
  const [receive, respond] = [library.call('seccomp_notify_receive'), library.call('seccomp_notify_respond')];
  return {
    receive: () => {
      received.fill(0); // the kernel refuses a struct that is not empty
      const result = receive(fd, request) as number;
      if (result === 0) {
        // Before any function is entered, where a thread that is terminated would end: its request would be lost.
        state[LAST_ID] = id.getBigUint64(0, HOST_IS_LITTLE);
        return decodeRequest(received);
      }
      const errno = koffi.errno();
      if (result === -ECANCELED && (errno === ENOENT || errno === EINTR)) return undefined;
      requireListener(library, fd);
      checkResult(result, 'seccomp_notify_receive', fd);
      return undefined;
    },
    send: (id, { value, error, flags }) => {
      sent.setBigUint64(0, id, HOST_IS_LITTLE);
      sent.setBigInt64(8, value, HOST_IS_LITTLE);
      sent.setInt32(16, error, HOST_IS_LITTLE);
      sent.setUint32(20, flags, HOST_IS_LITTLE);
      const result = respond(fd, response) as number;
      if (result === 0) return true;
      if (result === -ECANCELED) {
        const errno = koffi.errno();
        if (errno === ENOENT) return false;
        throw kernelError(library, 'seccomp_notify_respond', errno, fd, id);
      }
      checkResult(result, 'seccomp_notify_respond', fd);
      return true;
    },
    release: () => library.call('seccomp_notify_free')(request, response),
  };
}

/** What {@link serveUntilEnd} serves: see ServerTask. */
type Served = Pick<ServerTask, 'fd' | 'wakeFd' | 'data'> & { readonly state: ServerState };

/**
 * Serves requests until no task is left under the filter, or something is written to `wakeFd`.
 *
 * @throws OciSeccompError `ERR_USAGE` if the descriptor is closed or not for notifications, or if the handler returns no valid
 *   answer; what the handler throws. The call of that request then fails with EACCES
 */
export function serveUntilEnd(
  library: Library,
  { fd, wakeFd, data, state }: Served,
  handler: NotificationHandler,
): void {
  requireListener(library, fd);
  const connection = connect(library, fd, state);
  try {
    const table = pollTable([fd, wakeFd]);
    while (untilRequest(table, fd)) {
      const raw = connection.receive();
      if (raw === undefined) continue;
      answer({ library, fd, connection, state }, raw, (request) => handler(request, data));
    }
  } finally {
    connection.release();
  }
}

/** @returns whether there is a request; else the end has come */
function untilRequest(table: Uint8Array, fd: number): boolean {
  for (;;) {
    if (pollForTick(table) <= 0) continue;
    if (revents(table, 1) !== 0) return false;
    const events = revents(table, 0);
    if ((events & POLLIN) !== 0) return true;
    if ((events & POLLHUP) !== 0) return false;
    throw new OciSeccompError('ERR_USAGE', `descriptor ${fd} was closed while it was served`, {
      hint: 'close() the server before you close the descriptor',
      details: { fd },
    });
  }
}

/**
 * Waits for a tick. A thread that is terminated ends when V8 enters a function. So poll(2) must return, and the loop around it must
 * enter one: V8 looks only now and then in a loop that enters none, which went on for 42 ticks.
 */
function pollForTick(table: Uint8Array): number {
  return bindLibc().poll(table, 2, TICK) as number;
}

interface Serving {
  readonly library: Library;
  readonly fd: number;
  readonly connection: Connection;
  readonly state: ServerState;
}

/** Answers a request, and counts it. */
function answer(
  { library, fd, connection, state }: Serving,
  raw: RawRequest,
  decide: (request: NotifyRequest) => unknown,
): void {
  let answered = false;
  const request = makeRequest(library, fd, raw, () => {
    answered = true;
    // Not when the handler returns: it may never do so.
    addOne(state, ANSWERED);
  });
  let response: RawResponse;
  try {
    const decided = decide(request);
    if (decided === undefined && answered) return;
    if (decided !== undefined && answered) {
      throw new OciSeccompError(
        'ERR_USAGE',
        'the request has been answered, and the handler returned an answer',
      );
    }
    response = encodeResponse(decided as NotifyResponse);
  } catch (error) {
    if (error instanceof OciSeccompError && error.code === 'ERR_NOTIFY_GONE') {
      if (!answered) addOne(state, GONE);
      return;
    }
    if (!answered) connection.send(raw.id, DENIED);
    throw error;
  }
  addOne(state, connection.send(raw.id, response) ? ANSWERED : GONE);
}
