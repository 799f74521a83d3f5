/**
 * How often calls come: a frequent call should need few instructions.
 * @module
 */
import { type ArchName, architectures } from '../../abi/architectures.ts';
import { directSyscallNumber, directSyscallNumbers } from '../../abi/syscall-numbers.ts';
import type { CallCounts } from './read-call-counts.ts';

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

/**
 * The weights of a filter's calls.
 *
 * Calls that nothing is known of have some weight too: a denied call passes through the tests as well, and so does every
 * number when the kernel looks for those that are always allowed.
 *
 * @param filtered - the filter's architectures, the machine's own first
 * @param counts - by name; `undefined`: all calls come alike
 */
export function weighCalls(filtered: readonly ArchName[], counts: CallCounts | undefined): CallWeights {
  const byArch = new Map<number, number>();
  const calls = new Map<number, Map<number, number>>();
  const total = [...(counts?.values() ?? [])].reduce((sum, count) => sum + count, 0);
  for (const [index, arch] of filtered.entries()) {
    const { auditArch } = architectures[arch];
    const weight = index === 0 ? 1 : OTHER_ARCHITECTURE;
    byArch.set(auditArch, (byArch.get(auditArch) ?? 0) + weight);
    const numbers = everyNumber(arch);
    const own = calls.get(auditArch) ?? new Map<number, number>();
    calls.set(auditArch, own);
    for (const nr of numbers) own.set(nr, weight / numbers.length);
    for (const [name, count] of counts ?? []) {
      const nr = directSyscallNumber(name, arch);
      if (nr !== undefined) own.set(nr, (own.get(nr) ?? 0) + (weight * KNOWN * count) / total);
    }
  }
  return { architectures: byArch, calls };
}

/** The numbers that a kernel looks at: those of calls, and those in between that no call has. */
function everyNumber(arch: ArchName): readonly number[] {
  const known = directSyscallNumbers(arch);
  return known.flatMap((nr, index) => {
    const gap = index === 0 ? 1 : nr - (known[index - 1] ?? nr);
    return gap > FARTHEST ? [nr] : Array.from({ length: gap }, (_, back) => nr - back);
  });
}

/** Numbers that lie farther apart are in tables of their own, as Arm's private calls are. */
const FARTHEST = 256;
/** Few programs make calls of another architecture than the machine's own. */
const OTHER_ARCHITECTURE = 0.1;
/** What is known of calls, against that each may come. */
const KNOWN = 0.3;
