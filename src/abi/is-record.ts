/**
 * JSON that others wrote, before its fields are checked.
 * @module
 */

/** Whether a value is an object with keys: no list, and not null. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
