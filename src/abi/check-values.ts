/**
 * Checks of values that callers of the library write.
 * @module
 */
import { OciSeccompError } from '../errors.ts';
import { isBytes } from './other-realms.ts';

/** A value in a message, whatever it is. */
export function describe(value: unknown): string {
  if (typeof value === 'string')
    return JSON.stringify(value.length > 40 ? `${value.slice(0, 37)}...` : value);
  if (typeof value === 'object' && value !== null) return isList(value) ? 'a list' : 'an object';
  return typeof value === 'function' || typeof value === 'symbol' ? `a ${typeof value}` : String(value);
}

function isList(value: object): boolean {
  try {
    return Array.isArray(value);
  } catch {
    // A proxy that was revoked.
    return false;
  }
}

/**
 * Reads what a caller wrote. What a getter or a proxy of theirs throws is a value that cannot be used.
 *
 * @param what - what is read, for the message: `a profile`
 * @throws OciSeccompError `ERR_USAGE`, and those of `read`
 */
export function readGiven<T>(what: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (cause instanceof OciSeccompError) throw cause;
    throw new OciSeccompError('ERR_USAGE', `${what} cannot be read`, { cause });
  }
}

/**
 * Takes text, or the bytes of one.
 *
 * @param what - what the input is, for the message: `a profile`
 * @returns a copy of bytes: their owner may write to them while a promise is open
 * @throws OciSeccompError `ERR_USAGE` for another value, and for bytes that were sent to another thread
 */
export function takeText(input: string | Uint8Array, what: string): string | Uint8Array {
  return readGiven(what, () => {
    if (typeof input === 'string') return input;
    // Of Node's Buffer, slice() is no copy.
    if (isBytes(input)) return Uint8Array.from(input);
    throw new OciSeccompError('ERR_USAGE', `${what} is text or bytes, not ${describe(input)}`);
  });
}
