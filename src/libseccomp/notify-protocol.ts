/**
 * The messages between the thread of a notification server and the thread that started it.
 * @module
 */
import { EACCES } from '../abi/errno-constants.ts';
import { OciSeccompError } from '../errors.ts';
import type { RawResponse } from './notify-native.ts';

export interface ServerTask {
  readonly fd: number;
  /** Once it is readable the thread ends. */
  readonly wakeFd: number;
  /** A path or soname. */
  readonly library: string;
  /** The handler's module, as import() takes it. */
  readonly module: string;
  /** The name of its export. */
  readonly name: string;
  /** What the handler gets as its second argument. */
  readonly data: unknown;
  /** A {@link ServerState}. */
  readonly state: SharedArrayBuffer;
}

/** What the thread that started the server knows even of one that was ended in the middle of a request: a u64 each. */
export type ServerState = BigUint64Array;
/** The id of the request that was received last. */
export const LAST_ID = 0;
/** How many requests were answered, and how many were gone before. */
export const ANSWERED = 1;
export const GONE = 2;
export const STATE_SIZE = 24;

export function addOne(state: ServerState, index: number): void {
  state[index] = (state[index] ?? 0n) + 1n;
}

/** The answer if the handler fails: the call is not made. */
export const DENIED: RawResponse = { value: 0n, error: -EACCES, flags: 0 };

/** How the serving ended. */
export interface ServerReport {
  readonly error?: EncodedError;
}

/** A thread's errors arrive in another without their class. */
export type EncodedError =
  | {
      readonly kind: 'own';
      readonly code: OciSeccompError['code'];
      readonly message: string;
      readonly hint: string | undefined;
      readonly details: OciSeccompError['details'];
    }
  | { readonly kind: 'other'; readonly value: unknown; readonly code: unknown };

/** An error as a value that can be sent to another thread. */
export function encodeError(error: unknown): EncodedError {
  if (error instanceof OciSeccompError) {
    const { code, message, hint, details } = error;
    return { kind: 'own', code, message, hint, details };
  }
  try {
    // An Error's copy has its name, message and cause, but not the code that Node's errors are known by.
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    return structuredClone({ kind: 'other', value: error, code });
  } catch {
    return { kind: 'other', value: new Error(String(error)), code: undefined };
  }
}

export function decodeError(encoded: EncodedError): unknown {
  if (encoded.kind === 'other') {
    const { value, code } = encoded;
    return value instanceof Error && code !== undefined ? Object.assign(value, { code }) : value;
  }
  const { code, message, hint, details } = encoded;
  return new OciSeccompError(code, message, { hint, details });
}
