/**
 * Tables that all callers share: one who writes to a result must not change the answers of others.
 * @module
 */

/** Freezes plain objects and lists, with all that is in them. @returns the value itself */
export function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== Array.prototype) return value;
  Object.freeze(value);
  for (const each of Object.values(value)) if (typeof each === 'object') frozen(each);
  return value;
}
