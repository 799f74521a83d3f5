/**
 * The messages between a hook and its supervisor: one line of JSON each way.
 *
 * If a request ends before its line does, the supervisor ignores it: the hook was killed half-way. A supervisor of an
 * agent sends a second line when it has done its work.
 * @module
 */
import { isRecord } from '../../abi/is-record.ts';
import { type ErrorCode, errorCodes, OciSeccompError } from '../../errors.ts';
import { type NoNewPrivileges, noNewPrivilegesChoices } from '../../kernel/inject-calls.ts';

/** The log for what happens to a container. */
export interface LogTarget {
  /** An absolute path; lines are appended, the file is made for its owner alone. */
  readonly file?: string;
  readonly syslog?: boolean;
}

export interface ListenerTarget {
  /** A unix stream socket, absolute. */
  readonly path: string;
  /** What is sent with the descriptor: the container process state, see process-state.ts. */
  readonly message: string;
}

export interface SuperviseRequest {
  /** The container's first process, as it is numbered here. */
  readonly pid: number;
  /** What readStartTime said of it. */
  readonly startTime: string;
  /** sock_filter[] in this machine's byte order. */
  readonly program: Uint8Array;
  /** SECCOMP_FILTER_FLAG_* bits, without NEW_LISTENER. */
  readonly flags: number;
  readonly noNewPrivileges: NoNewPrivileges;
  /** Whether a filter will do that the kernel does not let us read back. */
  readonly allowUnverified: boolean;
  /** The capabilities that the filter was made for; not set for a program compiled before. */
  readonly boundingSet?: readonly string[];
  /** For all that happens from execve(2) on, in milliseconds; 10000 unless told. */
  readonly timeoutMs?: number;
  /** For a profile with SCMP_ACT_NOTIFY. */
  readonly listener?: ListenerTarget;
  /** The socket of a recorder, which gets the listener, and without which the container does not live on. */
  readonly recorder?: string;
  /** For log lines. */
  readonly containerId: string;
  readonly log: LogTarget;
}

/** What became of a container's filter, and whether the supervisor takes another container. */
export interface SupervisionEnd {
  readonly outcome: 'installed' | 'gone' | 'refused' | 'killed';
  readonly isFree: boolean;
}

export interface SupervisorAnswer {
  /** Threads that are traced. */
  readonly threads: number;
}

export function encodeRequest(request: SuperviseRequest): string {
  return `${JSON.stringify({ ...request, program: Buffer.from(request.program).toString('base64') })}\n`;
}

/**
 * Reads a line that {@link encodeRequest} wrote.
 *
 * @throws OciSeccompError `ERR_HOOK` if it is not one: the two are not of the same version
 */
export function decodeRequest(line: string): SuperviseRequest {
  const value = JSON.parse(line) as Readonly<Record<string, unknown>>;
  const { pid, startTime, program, flags, noNewPrivileges, allowUnverified, containerId, log, timeoutMs } =
    value;
  const right =
    Number.isInteger(pid) &&
    typeof startTime === 'string' &&
    typeof program === 'string' &&
    Number.isInteger(flags) &&
    noNewPrivilegesChoices.some((choice) => choice === noNewPrivileges) &&
    typeof allowUnverified === 'boolean' &&
    (timeoutMs === undefined || typeof timeoutMs === 'number') &&
    typeof containerId === 'string' &&
    typeof log === 'object';
  if (!right)
    throw new OciSeccompError('ERR_HOOK', 'the supervisor received a request that it does not know');
  const bytes = Uint8Array.from(Buffer.from(program, 'base64'));
  return { ...value, program: bytes } as unknown as SuperviseRequest;
}

export function encodeAnswer(answer: SupervisorAnswer): string {
  return `${JSON.stringify(answer)}\n`;
}

export function encodeFailure(error: unknown): string {
  const { code, message, hint, details } =
    error instanceof OciSeccompError
      ? error
      : { code: 'ERR_HOOK', message: String(error), hint: undefined, details: {} };
  return `${JSON.stringify({ error: { code, message, hint, details } })}\n`;
}

/**
 * Reads a line of {@link encodeAnswer} or {@link encodeFailure}.
 *
 * @throws OciSeccompError the one that was sent; `ERR_HOOK` for anything else
 */
export function decodeAnswer(line: string): SupervisorAnswer {
  const { threads, error } = parseObject(line) as { threads?: unknown; error?: SentError };
  if (error !== undefined) {
    const { code, message, hint, details = {} } = error;
    const known: ErrorCode = Object.hasOwn(errorCodes, code) ? (code as ErrorCode) : 'ERR_HOOK';
    throw new OciSeccompError(known, message, { hint, details });
  }
  if (typeof threads !== 'number') {
    throw new OciSeccompError('ERR_HOOK', `the supervisor sent a malformed answer: ${line.trim()}`);
  }
  return { threads };
}

export function encodeEnd(end: SupervisionEnd): string {
  return `${JSON.stringify(end)}\n`;
}

/** Reads a line of {@link encodeEnd}. @returns `undefined` for anything else */
export function decodeEnd(line: string): SupervisionEnd | undefined {
  const { outcome, isFree } = parseObject(line) as Partial<SupervisionEnd>;
  return outcome === undefined || isFree === undefined ? undefined : { outcome, isFree };
}

/** Parses a line. If it holds anything but a JSON object, an empty object comes back. */
function parseObject(line: string): object {
  try {
    const value: unknown = JSON.parse(line);
    return isRecord(value) ? value : {};
  } catch {
    return {};
  }
}

interface SentError {
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
  readonly details?: Readonly<Record<string, unknown>>;
}
