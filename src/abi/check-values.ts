/**
 * Checks of values that callers of the library write. An unknown key is refused, because it is most often a misspelling.
 * @module
 */
import { OciSeccompError } from '../errors.ts';
import { nearest } from './nearest-name.ts';

/** A value in a message, whatever it is. */
export function describe(value: unknown): string {
  if (typeof value === 'string')
    return JSON.stringify(value.length > 40 ? `${value.slice(0, 37)}...` : value);
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'a list' : 'an object';
  return typeof value === 'function' || typeof value === 'symbol' ? `a ${typeof value}` : String(value);
}

/**
 * Checks that a value is an object with no other keys than the known ones. A known key may be `undefined`, as if absent.
 *
 * @param what - what the object is, for the message: `options`, `comparisons`
 * @throws OciSeccompError `ERR_USAGE`; for an unknown key `details: {key, known}`
 */
export function checkKeys(given: unknown, known: readonly string[], what: string): void {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw new OciSeccompError('ERR_USAGE', `${what} are an object, not ${describe(given)}`);
  }
  for (const key of Object.keys(given)) {
    if (!known.includes(key)) throw unknownKey(key, known, what);
  }
}

/** The error for an unknown key. */
function unknownKey(key: string, known: readonly string[], what: string): OciSeccompError {
  const near = nearest(key.slice(0, 40), known);
  const list = known.length === 0 ? `${what} take no key here` : `${what} take ${known.join(', ')}`;
  return new OciSeccompError('ERR_USAGE', `${what} have no key ${describe(key)}`, {
    hint: near === undefined ? list : `did you mean ${near}?`,
    details: { key, known },
  });
}

/**
 * Checks that an input is text, or the bytes of one.
 *
 * @param what - what the input is, for the message: `a profile`
 * @throws OciSeccompError `ERR_USAGE`
 */
export function checkText(input: unknown, what: string): void {
  if (typeof input === 'string' || input instanceof Uint8Array) return;
  throw new OciSeccompError('ERR_USAGE', `${what} is text or bytes, not ${describe(input)}`);
}

/** As {@link checkText}. @returns a copy of bytes: their owner may write to them while a promise is open */
export function takeText(input: string | Uint8Array, what: string): string | Uint8Array {
  checkText(input, what);
  // Of Node's Buffer, slice() is no copy.
  return typeof input === 'string' ? input : Uint8Array.from(input);
}
