/**
 * Random numbers that are the same for the same seed.
 * @module
 */
import { xorshift32 } from '../support/xorshift.ts';

export interface Random {
  /** 0..below-1. */
  readonly below: (below: number) => number;
  readonly chance: (probability: number) => boolean;
  readonly pick: <Item>(items: readonly Item[]) => Item;
  /** u32, bits evenly spread. */
  readonly word: () => number;
}

/** From any seed. */
export function createRandom(seed: number): Random {
  const word = xorshift32(Math.imul(seed + 1, 0x9e3779b1) >>> 0 || 1);
  for (let i = 0; i < 8; i++) word();
  const below = (limit: number): number => Math.floor((word() / 2 ** 32) * limit);
  return {
    word,
    below,
    chance: (probability) => word() / 2 ** 32 < probability,
    pick: (items) => {
      const item = items[below(items.length)];
      if (item === undefined) throw new RangeError('nothing to pick from');
      return item;
    },
  };
}
