/**
 * JSON with integers of 64 bits.
 * @module
 */

/** JSON in which a `bigint` is a text of its decimal digits. */
export function exactJson(value: unknown, indent?: number): string {
  return JSON.stringify(value, (_, each: unknown) => (typeof each === 'bigint' ? `${each}` : each), indent);
}
