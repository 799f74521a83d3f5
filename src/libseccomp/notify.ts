/**
 * Notifications: a supervisor answers the system calls that a filter answers with NOTIFY.
 *
 * The thread that made the call waits in the kernel until it is answered (or killed, or interrupted by a signal). The
 * supervisor is another process, or a thread that the filter does not bind; it must not depend on a call of its own
 * that it would have to answer itself.
 *
 * What makes a supervisor unsafe (seccomp_unotify(2)):
 *
 * - A thread that dies while it waits frees its pid. What was read by that pid (`/proc/PID/mem`, `/proc/PID/fd`, …) may
 *   have been another process's: call {@link NotifyRequest.isValid} after reading or opening, before using it.
 * - Memory that an argument points to belongs to the target, whose other threads can change it at any time. Read it
 *   once, decide on the copy, and do the work on the copy: never read it twice.
 * - `{ continue: true }` lets the kernel make the call, and it reads the memory again, after the check. It is no
 *   means of enforcing anything: use it only where the kernel denies by itself what would be unsafe.
 * - If several filters of a task say NOTIFY, the kernel asks only the supervisor of the filter that was loaded last. A filter
 *   that is loaded without a listener makes these calls fail with ENOSYS. The kernel gives a task no second listener (EBUSY)
 *   as long as the first is open.
 * - A request without an answer blocks its thread; once the descriptor is closed the call fails with ENOSYS.
 *
 * NOTE: a descriptor should have one reader. Several in one thread share it fairly; one in another process or worker
 * thread can snatch a request that was announced to this one, which then waits, not to be cancelled, for the next.
 *
 * Source: seccomp_unotify(2).
 * @module
 */
import { type ArchName, architectures } from '../abi/architectures.ts';
import { O_CLOEXEC } from '../abi/kernel-constants.ts';
import { abortSignal, anything, flag, type OptionKinds, takeOptions } from '../abi/take-options.ts';
import { OciSeccompError } from '../errors.ts';
import {
  compareVersions,
  type Library,
  type LibraryOption,
  libraryAt,
  libraryKinds,
  libraryOf,
  parseVersion,
} from './library.ts';
import {
  addFd,
  archOfCall,
  checkFd,
  checkId,
  isValidId,
  type RawRequest,
  receive,
  requireListener,
  send,
} from './notify-native.ts';
import { encodeResponse, type NotifyResponse } from './notify-response.ts';
import { POLLHUP, POLLIN, POLLNVAL, pollNow, untilReadable } from './notify-wait.ts';
import { resolveSyscall } from './syscall.ts';

/** How requests are waited for. */
export interface NotificationOptions extends LibraryOption {
  /** Ends the waiting; its reason is what is thrown. */
  readonly signal?: AbortSignal | undefined;
}

/** How a descriptor is put into the target (seccomp_unotify(2), SECCOMP_IOCTL_NOTIF_ADDFD). */
export interface AddFdOptions {
  /** Its number in the target, where an open descriptor with that number is closed; default: the lowest free number. */
  readonly newFd?: number | undefined;
  /** Whether execve(2) closes it there. Default: no. */
  readonly closeOnExec?: boolean | undefined;
  /** Whether the call returns the number, in one step, so that no interruption comes between. Since Linux 5.14. */
  readonly send?: boolean | undefined;
}

const waitKinds: OptionKinds<NotificationOptions> = { ...libraryKinds, signal: abortSignal };
const addFdKinds: OptionKinds<AddFdOptions> = { newFd: anything, closeOnExec: flag, send: flag };

/** A system call that waits for its answer. */
export interface NotifyRequest {
  /** Unique for the filter. */
  readonly id: bigint;
  /** The thread's id as this process sees it; 0 if it lives in a pid namespace that is not visible here. */
  readonly pid: number;
  /** 0: the kernel defines none yet. */
  readonly flags: number;
  /** `name` is `undefined` for a number the library does not know on the architecture. */
  readonly syscall: { readonly nr: number; readonly name: string | undefined };
  /** `undefined` for an audit value libseccomp has no architecture for. */
  readonly arch: ArchName | undefined;
  /** `AUDIT_ARCH_*`, u32. */
  readonly auditArch: number;
  /** Where in the target's code the call was made, u64. */
  readonly instructionPointer: bigint;
  /** u64 each. NOTE: of a 32-bit architecture's only the low halves count; the others can hold anything. */
  readonly args: readonly [bigint, bigint, bigint, bigint, bigint, bigint];
  /** Whether the thread still waits: see {@link isNotificationValid}. */
  readonly isValid: () => boolean;
  /** Answers, once: see {@link respondNotification}. */
  readonly respond: (response: NotifyResponse) => void;
  /** Gives the target a descriptor: see {@link addNotificationFd}. */
  readonly addFd: (fd: number, options?: AddFdOptions) => number;
}

// Linux 6.18 include/uapi/linux/seccomp.h
const SECCOMP_ADDFD_FLAG_SETFD = 1;
const SECCOMP_ADDFD_FLAG_SEND = 2;

/**
 * Waits for the next request and receives it. Does not block the event loop: a thread of libuv's pool waits.
 *
 * A thread that dies before its request is received goes unnoticed. A request is never lost to the signal: once one
 * has been announced it is received and returned. Abort before closing the descriptor. Wraps
 * seccomp_notify_receive(3), since libseccomp 2.5.0 / API level 5.
 *
 * @throws OciSeccompError `ERR_NOTIFY_GONE` once no task under the filter is left (told by the kernel since Linux 5.9);
 *   `ERR_USAGE` if the descriptor is closed or not for notifications; the signal's reason
 */
export async function receiveNotification(
  fd: number,
  options: NotificationOptions = {},
): Promise<NotifyRequest> {
  const request = await nextRequest(fd, takeOptions('receiveNotification', options, waitKinds));
  if (request !== undefined) return request;
  throw new OciSeccompError('ERR_NOTIFY_GONE', 'no task under the filter is left', { details: { fd } });
}

/**
 * The requests one after the other, until no task under the filter is left. Each can be answered at any time, also
 * after others have been asked for.
 *
 * @throws OciSeccompError `ERR_USAGE` if the descriptor is closed or not for notifications; the signal's reason
 */
export async function* notifications(
  fd: number,
  options: NotificationOptions = {},
): AsyncGenerator<NotifyRequest, void, undefined> {
  const taken = takeOptions('notifications', options, waitKinds);
  for (;;) {
    const request = await nextRequest(fd, taken);
    if (request === undefined) return;
    yield request;
  }
}

/**
 * Answers a request by its id. Wraps seccomp_notify_respond(3), since libseccomp 2.5.0.
 *
 * @throws OciSeccompError `ERR_NOTIFY_GONE` if the thread has died or was interrupted; `ERR_USAGE` for a wrong answer,
 *   a request that was answered before, a descriptor that is not for notifications
 */
export function respondNotification(
  fd: number,
  id: bigint,
  response: NotifyResponse,
  options: LibraryOption = {},
): void {
  checkFd(fd);
  checkId(id);
  send(libraryOf('respondNotification', options), fd, id, encodeResponse(response));
}

/**
 * Whether the thread of a request still waits for it, so that its pid is still its own. Wraps
 * seccomp_notify_id_valid(3), since libseccomp 2.5.0.
 *
 * SECURITY: `true` tells about the past: that what was opened by the pid before was the target's. It can die right
 * after, so that no later look-up by pid is covered.
 *
 * @throws OciSeccompError `ERR_USAGE` if the descriptor is closed or not for notifications
 */
export function isNotificationValid(fd: number, id: bigint, options: LibraryOption = {}): boolean {
  checkFd(fd);
  checkId(id);
  return isValidId(libraryOf('isNotificationValid', options), fd, id);
}

/**
 * Opens a descriptor of this process in the target too, as if sent to it; this process may close its own then. Wraps
 * seccomp_notify_addfd(3) if the library has it, else the kernel's ioctl, since Linux 5.9.
 *
 * NOTE: waits, for the moment it takes, until the target has taken it.
 *
 * @param sourceFd - a descriptor of this process
 * @returns its number in the target
 * @throws OciSeccompError `ERR_NOTIFY_GONE` if the thread has died or was interrupted; `ERR_USAGE` for what is no
 *   descriptor, or a request that was answered before; `ERR_KERNEL`, `details.errno`: EBADF (9) `sourceFd` is not
 *   open, or `newFd` is above the target's limit of descriptors, EMFILE (24) the target has too many, EINVAL (22) the kernel lacks `send`
 */
export function addNotificationFd(
  fd: number,
  id: bigint,
  sourceFd: number,
  options: AddFdOptions & LibraryOption = {},
): number {
  checkFd(fd);
  checkId(id);
  checkFd(sourceFd, 'the descriptor to add');
  const taken = takeOptions('addNotificationFd', options, { ...libraryKinds, ...addFdKinds });
  const library = libraryAt(taken);
  const { newFd, closeOnExec = false, send = false } = taken;
  if (newFd !== undefined) checkFd(newFd, 'newFd');
  return addFd(library, fd, id, {
    flags: (newFd === undefined ? 0 : SECCOMP_ADDFD_FLAG_SETFD) | (send ? SECCOMP_ADDFD_FLAG_SEND : 0),
    srcFd: sourceFd,
    newFd: newFd ?? 0,
    newFdFlags: closeOnExec ? O_CLOEXEC : 0,
  });
}

/** The descriptors that a request is being received from by this thread. */
const receiving = new Map<number, Promise<unknown>>();

async function nextRequest(fd: number, options: NotificationOptions): Promise<NotifyRequest | undefined> {
  const library = libraryAt(options);
  const { signal } = options;
  requireListener(library, fd);
  for (;;) {
    signal?.throwIfAborted();
    const events = pollNow(fd);
    if ((events & POLLIN) !== 0) {
      const raw = await receiveAlone(library, fd);
      if (raw !== undefined) return makeRequest(library, fd, raw);
    } else if ((events & POLLHUP) !== 0) {
      return undefined;
    } else if ((events & POLLNVAL) !== 0) {
      requireListener(library, fd);
    } else {
      await untilReadable(fd, signal);
    }
  }
}

/** Several readers are told of one request: they take turns, and look again first. */
async function receiveAlone(library: Library, fd: number): Promise<RawRequest | undefined> {
  while (receiving.has(fd)) await receiving.get(fd);
  if ((pollNow(fd) & POLLIN) === 0) return undefined;
  const received = receive(library, fd).finally(() => receiving.delete(fd));
  receiving.set(
    fd,
    received.catch(() => undefined),
  );
  return received;
}

/** A received request as its supervisor sees it. */
export function makeRequest(
  library: Library,
  fd: number,
  raw: RawRequest,
  onAnswer: () => void = () => {},
): NotifyRequest {
  const { id, pid, flags, nr, auditArch, instructionPointer, args } = raw;
  const arch = archOfCall(raw);
  let answered = false;
  const checkUnanswered = (): void => {
    if (answered) throw new OciSeccompError('ERR_USAGE', 'the request has been answered');
  };
  return {
    id,
    pid,
    flags,
    syscall: { nr, name: arch === undefined ? undefined : nameOfCall(library, nr, arch) },
    arch,
    auditArch,
    instructionPointer,
    args,
    isValid: () => isNotificationValid(fd, id, { library }),
    respond: (response) => {
      checkUnanswered();
      respondNotification(fd, id, response, { library });
      answered = true;
      onAnswer();
    },
    addFd: (sourceFd, options = {}) => {
      checkUnanswered();
      const taken = takeOptions('addFd', options, addFdKinds);
      const added = addNotificationFd(fd, id, sourceFd, { ...taken, library });
      answered = taken.send === true;
      if (answered) onAnswer();
      return added;
    },
  };
}

/** Names found before: a supervisor is asked about few calls, and each again and again. */
const names = new WeakMap<Library, Map<string, string | undefined>>();

function nameOfCall(library: Library, nr: number, arch: ArchName): string | undefined {
  const known = names.get(library) ?? new Map<string, string | undefined>();
  names.set(library, known);
  const key = `${arch} ${nr}`;
  if (!known.has(key)) {
    // Callers choose the numbers, and there are four thousand million of them.
    if (known.size >= MAX_NAMES) known.clear();
    const since = parseVersion(architectures[arch].since);
    const lacks = since === undefined || compareVersions(library.version, since) < 0;
    known.set(key, lacks ? undefined : resolveSyscall(nr, arch, { library }));
  }
  return known.get(key);
}

const MAX_NAMES = 1000;
