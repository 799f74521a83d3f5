/**
 * Checks of objects that callers write. An unknown key is refused, because it is most often a misspelling.
 * @module
 */
import { nearest } from '../abi/nearest-name.ts';
import { OciSeccompError } from '../errors.ts';
import { describe } from './action.ts';

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
 * Checks an option that is true or false, or absent.
 *
 * @throws OciSeccompError `ERR_USAGE`
 */
export function checkBoolean(value: unknown, what: string): void {
  if (value === undefined || typeof value === 'boolean') return;
  throw new OciSeccompError('ERR_USAGE', `${what} is true or false, not ${describe(value)}`);
}
