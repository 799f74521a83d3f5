/**
 * The state of a container as a runtime hands it to its hooks on standard input.
 *
 * Source: runtime-spec 1.3 runtime.md#state.
 * @module
 */
import { isRecord } from '../abi/is-record.ts';
import { PID_MAX_LIMIT } from '../abi/kernel-constants.ts';
import { OciSeccompError } from '../errors.ts';
import { isAbsolutePath } from './absolute-path.ts';
import type { RuntimeState } from './supervisor/process-state.ts';

export interface ContainerState {
  readonly id: string;
  readonly status: 'creating' | 'created';
  /** The id of the container's first process in the runtime's pid namespace. */
  readonly pid: number;
  /** Absolute path of the bundle's folder. */
  readonly bundle: string;
  readonly annotations: ReadonlyMap<string, string>;
  /** As it was given, for agents that are handed it. */
  readonly given: RuntimeState;
}

/** Largest state read, in bytes: annotations are all it grows by. */
export const MAX_STATE_SIZE = 1024 * 1024;

const MAX_ID = 1024;
/** `PATH_MAX`, include/uapi/linux/limits.h. */
const MAX_PATH = 4096;
const statuses: readonly unknown[] = ['creating', 'created'];

/**
 * Reads a container state.
 *
 * @throws OciSeccompError `ERR_HOOK` for text that is not the state of a container that is about to be created
 */
export function readState(input: Uint8Array): ContainerState {
  const given = parse(input);
  const { ociVersion, id, status, pid, bundle, annotations } = given;
  if (typeof ociVersion !== 'string') throw refused('"ociVersion"', 'a string', ociVersion);
  if (typeof id !== 'string' || id === '' || id.length > MAX_ID || /\p{Cc}/u.test(id)) {
    throw refused('"id"', `1 to ${MAX_ID} characters without control characters`, id);
  }
  if (!statuses.includes(status)) throw refused('"status"', '"creating" or "created"', status);
  if (typeof pid !== 'number' || !Number.isInteger(pid) || pid <= 1 || pid > PID_MAX_LIMIT) {
    throw refused('"pid"', `the process ID of the container's first process, 2 to ${PID_MAX_LIMIT}`, pid);
  }
  if (typeof bundle !== 'string' || !isAbsolutePath(bundle) || bundle.length > MAX_PATH) {
    throw refused('"bundle"', 'an absolute path', bundle);
  }
  // runc writes it for bytes that are not UTF-8 (Go's encoding/json), and another bundle may have it in its name. A half
  // of a surrogate pair becomes it as well.
  if (Buffer.from(bundle).includes('\ufffd')) throw refused('"bundle"', 'a path in UTF-8', bundle);
  return {
    id,
    status: status as ContainerState['status'],
    pid,
    bundle,
    annotations: readAnnotations(annotations),
    // Each of its fields was checked above.
    given: given as unknown as RuntimeState,
  };
}

/** The container that a state is about, for a log; `undefined` if the state cannot be read. */
export function idOf(input: Uint8Array): string | undefined {
  try {
    return readState(input).id;
  } catch {
    return undefined;
  }
}

function parse(input: Uint8Array): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(input));
  } catch (cause) {
    // The parser's message quotes the input.
    throw new OciSeccompError('ERR_HOOK', 'the container state on standard input is not JSON in UTF-8', {
      cause,
    });
  }
  if (isRecord(value)) return value;
  throw new OciSeccompError('ERR_HOOK', 'the container state on standard input is not a JSON object');
}

function readAnnotations(value: unknown): ReadonlyMap<string, string> {
  if (value === undefined || value === null) return new Map();
  if (!isRecord(value)) throw refused('"annotations"', 'an object', value);
  const entries = Object.entries(value).map(([key, text]): [string, string] => {
    if (typeof text === 'string') return [key, text];
    throw refused(`the annotation ${shown(key)}`, 'a string', text);
  });
  return new Map(entries);
}

function refused(what: string, expected: string, found: unknown): OciSeccompError {
  const instead = found === undefined ? 'it is missing' : `not ${shown(found)}`;
  return new OciSeccompError('ERR_HOOK', `in the container state, ${what} must be ${expected}; ${instead}`);
}

/** A value in a message: on one line, and short. An object or a list may be deeper than anything can print. */
export function shown(value: unknown): string {
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'a list' : 'an object';
  const text = JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
