/**
 * The filters that an agent has compiled and proven, by everything that they depend on: the bytes of the profile, which
 * are read anew for each container, its name, the capabilities and the options of the hook.
 * @module
 */
import type { FilterMemory, ReadyFilter } from '../prepare-filter.ts';

/** The most filters that are kept, of up to 33 KB each; the one that was used longest ago goes first. */
const MAX_FILTERS = 512;

export interface CountedMemory<T> {
  /** As `FilterMemory` has it. */
  readonly recall: (key: string, work: () => Promise<T>) => Promise<T>;
  readonly size: () => number;
  readonly hits: () => number;
  readonly misses: () => number;
  readonly forget: () => void;
}

export interface AgentMemory extends FilterMemory, CountedMemory<ReadyFilter> {
  readonly recall: FilterMemory['recall'];
}

interface MemoryOptions<T> {
  /** What comes back from memory in place of what was made. */
  readonly asRemembered: (made: T) => T;
  /** Whether what is in memory can still be used; by default it can. */
  readonly isCurrent?: (remembered: T) => boolean;
  readonly maximum?: number;
}

export function createMemory(maximum = MAX_FILTERS): AgentMemory {
  const asRemembered = (filter: ReadyFilter): ReadyFilter => ({
    ...filter,
    store: undefined,
    memory: 'used',
  });
  return createMemoryOf<ReadyFilter>({ asRemembered, maximum });
}

export function createMemoryOf<T>(options: MemoryOptions<T>): CountedMemory<T> {
  const kept = createKept(options);
  /** What is being compiled: containers that start at the same time wait for one proof. */
  const building = new Map<string, Promise<T>>();
  let hits = 0;
  let misses = 0;
  const build = async (key: string, work: () => Promise<T>): Promise<T> => {
    const promise = work();
    building.set(key, promise);
    try {
      const filter = await promise;
      // Forgotten meanwhile: it may rest on what has changed.
      if (building.get(key) === promise) kept.put(key, options.asRemembered(filter));
      return filter;
    } finally {
      if (building.get(key) === promise) building.delete(key);
    }
  };
  return {
    size: kept.size,
    hits: () => hits,
    misses: () => misses,
    forget: () => {
      kept.clear();
      building.clear();
    },
    recall: (key, work) => {
      const known = kept.find(key);
      if (known !== undefined) {
        hits += 1;
        return Promise.resolve(known);
      }
      misses += 1;
      return building.get(key) ?? build(key, work);
    },
  };
}

interface Kept<T> {
  /** @returns `undefined` if nothing is kept for the key, or if it can no longer be used */
  readonly find: (key: string) => T | undefined;
  readonly put: (key: string, value: T) => void;
  readonly size: () => number;
  readonly clear: () => void;
}

function createKept<T>({
  isCurrent = () => true,
  maximum = MAX_FILTERS,
}: Pick<MemoryOptions<T>, 'isCurrent' | 'maximum'>): Kept<T> {
  // A Map keeps the order in which keys were put in: the first was used longest ago.
  const values = new Map<string, T>();
  return {
    find: (key) => {
      const known = values.get(key);
      if (known === undefined) return undefined;
      values.delete(key);
      if (!isCurrent(known)) return undefined;
      values.set(key, known);
      return known;
    },
    put: (key, value) => {
      values.set(key, value);
      const [oldest] = values.keys();
      if (values.size > maximum && oldest !== undefined) values.delete(oldest);
    },
    size: () => values.size,
    clear: () => values.clear(),
  };
}
