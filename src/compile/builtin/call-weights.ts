/**
 * How often calls come: a frequent call should need few instructions.
 * @module
 */

/** Numbers of any scale; what is missing is rare. */
export interface CallWeights {
  /** By audit architecture: how often its calls come. */
  readonly architectures: ReadonlyMap<number, number>;
  /** By audit architecture and number (u32, of x32 with bit 30): how often the call comes among those. */
  readonly calls: ReadonlyMap<number, ReadonlyMap<number, number>>;
}

export const NO_WEIGHTS: CallWeights = { architectures: new Map(), calls: new Map() };

/** The weight of all numbers from..to. */
export type RangeWeight = (from: number, to: number) => number;

/** Makes ranges of one architecture's numbers be weighed. */
export function weighRanges(calls: ReadonlyMap<number, number> | undefined): RangeWeight {
  const numbers = Float64Array.from(calls?.keys() ?? []).sort();
  const sums = [0];
  for (const nr of numbers) sums.push((sums.at(-1) ?? 0) + (calls?.get(nr) ?? 0));
  /** How many numbers are below `limit`. */
  const below = (limit: number): number => {
    let low = 0;
    let high = numbers.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((numbers[middle] ?? 0) < limit) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  return (from, to) => (sums[below(to + 1)] ?? 0) - (sums[below(from)] ?? 0);
}
