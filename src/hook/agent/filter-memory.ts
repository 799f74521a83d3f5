/**
 * The filters that an agent has compiled and proven, by everything that they depend on: the bytes of the profile, which
 * are read anew for each container, its name, the capabilities and the options of the hook.
 * @module
 */
import type { FilterMemory, ReadyFilter } from '../prepare-filter.ts';

/** The most filters that are kept, of up to 33 KB each; the one that was used longest ago goes first. */
export const MAX_FILTERS = 512;

export interface AgentMemory extends FilterMemory {
  readonly size: () => number;
  readonly hits: () => number;
  readonly misses: () => number;
  readonly forget: () => void;
}

export function createMemory(maximum = MAX_FILTERS): AgentMemory {
  // A Map keeps the order in which keys were put in: the first is the oldest.
  const filters = new Map<string, ReadyFilter>();
  /** What is being compiled: containers that start at the same time wait for one proof. */
  const building = new Map<string, Promise<ReadyFilter>>();
  let hits = 0;
  let misses = 0;
  const build = async (key: string, work: () => Promise<ReadyFilter>): Promise<ReadyFilter> => {
    const promise = work();
    building.set(key, promise);
    try {
      const filter = await promise;
      // Forgotten meanwhile: it may rest on what has changed.
      if (building.get(key) === promise) filters.set(key, { ...filter, store: undefined, memory: 'used' });
      const [oldest] = filters.keys();
      if (filters.size > maximum && oldest !== undefined) filters.delete(oldest);
      return filter;
    } finally {
      if (building.get(key) === promise) building.delete(key);
    }
  };
  return {
    size: () => filters.size,
    hits: () => hits,
    misses: () => misses,
    forget: () => {
      filters.clear();
      building.clear();
    },
    recall: (key, work) => {
      const known = filters.get(key);
      if (known !== undefined) {
        hits += 1;
        filters.delete(key);
        filters.set(key, known);
        return Promise.resolve(known);
      }
      misses += 1;
      return building.get(key) ?? build(key, work);
    },
  };
}
