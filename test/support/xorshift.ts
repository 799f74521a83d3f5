/**
 * xorshift32 (G. Marsaglia, Xorshift RNGs, 2003): the same numbers for the same seed, on all machines.
 * @module
 */

/** @param seed - not 0 @returns the next number, u32 */
export function xorshift32(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}
