/**
 * How often calls come: a frequent call should need few instructions.
 * @module
 */
import { type ArchName, architectures } from '../../abi/architectures.ts';
import { directSyscallNumber, directSyscallNumbers } from '../../abi/syscall-numbers.ts';
import type { CallCounts } from './read-call-counts.ts';

/** The weight of all numbers from..to: how often they come, on any scale. Numbers without a weight are rare. */
export type RangeWeight = (from: number, to: number) => number;

export interface CallWeights {
  /** How often calls of audit architectures come. */
  readonly architectures: RangeWeight;
  /** By audit architecture: how often numbers (u32, of x32 with bit 30) come among its calls. */
  readonly calls: ReadonlyMap<number, RangeWeight>;
}

export const NO_WEIGHTS: CallWeights = { architectures: () => 0, calls: new Map() };

/** Neighbouring numbers. */
interface Block {
  readonly base: number;
  /** By number - base: its weight; in the end that of all numbers below it, those of blocks before included. */
  readonly weights: Float64Array;
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
  const calls = new Map<number, readonly Block[]>();
  let total = 0;
  // `forEach`: until V8 has optimized a loop over a list, each step makes an object or more.
  counts?.forEach((count) => {
    total += count;
  });
  for (const [index, arch] of filtered.entries()) {
    const { auditArch } = architectures[arch];
    const weight = index === 0 ? 1 : OTHER_ARCHITECTURE;
    byArch.set(auditArch, (byArch.get(auditArch) ?? 0) + weight);
    const blocks = blocksOf(arch, weight);
    calls.set(auditArch, [...(calls.get(auditArch) ?? []), ...blocks]);
    counts?.forEach((count, name) => {
      const nr = directSyscallNumber(name, arch);
      if (nr !== undefined) addWeight(blocks, nr, (weight * KNOWN * count) / total);
    });
  }
  const points = [...byArch].map(([base, weight]): Block => ({ base, weights: Float64Array.of(weight) }));
  return {
    architectures: weighRanges(points),
    calls: new Map([...calls].map(([auditArch, blocks]) => [auditArch, weighRanges(blocks)])),
  };
}

function addWeight(blocks: readonly Block[], nr: number, weight: number): void {
  blocks.forEach(({ base, weights }) => {
    const at = nr - base;
    if (at >= 0 && at < weights.length) weights[at] = (weights[at] ?? 0) + weight;
  });
}

/** The numbers that a kernel looks at, those of calls and those in between that no call has, all of equal weight. */
function blocksOf(arch: ArchName, weight: number): readonly Block[] {
  const known = directSyscallNumbers(arch);
  const ranges: { from: number; to: number }[] = [];
  let count = 0;
  let last = { from: 0, to: Number.NEGATIVE_INFINITY };
  known.forEach((nr) => {
    const apart = nr - last.to;
    if (apart <= FARTHEST) {
      count += apart;
      last.to = nr;
    } else {
      count += 1;
      last = { from: nr, to: nr };
      ranges.push(last);
    }
  });
  return ranges.map(({ from, to }) => ({
    base: from,
    weights: new Float64Array(to - from + 1).fill(weight / count),
  }));
}

/** Makes ranges of numbers be weighed. */
function weighRanges(blocks: readonly Block[]): RangeWeight {
  const ascending = blocks.toSorted((a, b) => a.base - b.base);
  let total = 0;
  for (const { weights } of ascending) {
    for (let at = 0; at < weights.length; at += 1) {
      const own = weights[at] ?? 0;
      weights[at] = total;
      total += own;
    }
  }
  const below = (limit: number): number => {
    for (let at = 0; at < ascending.length; at += 1) {
      const { base, weights } = ascending[at] as Block;
      if (limit < base + weights.length) return weights[limit > base ? limit - base : 0] ?? total;
    }
    return total;
  };
  // Neighbouring ranges are asked for one after the other.
  let lastEnd = 0;
  let belowEnd = 0;
  return (from, to) => {
    const belowFrom = from === lastEnd ? belowEnd : below(from);
    lastEnd = to + 1;
    belowEnd = below(lastEnd);
    return belowEnd - belowFrom;
  };
}

/** Numbers that lie farther apart are in tables of their own, as Arm's private calls are. */
const FARTHEST = 256;
/** Few programs make calls of another architecture than the machine's own. */
const OTHER_ARCHITECTURE = 0.1;
/** How much what is known of calls counts, compared with the chance that any call may come. */
const KNOWN = 0.3;
