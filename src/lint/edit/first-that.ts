/**
 * Searches in lists that are in order.
 * @module
 */

/** The place of the first value for which a condition holds, which then holds for all after it; the length if for none. */
export function firstThat<T>(values: readonly T[], holds: (value: T) => boolean, from = 0): number {
  let [low, high] = [from, values.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const value = values[middle];
    if (value !== undefined && holds(value)) high = middle;
    else low = middle + 1;
  }
  return low;
}
