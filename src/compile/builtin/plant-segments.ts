/**
 * Segments as a tree of tests: frequent values need few tests.
 * @module
 */
import type { Window } from './bit-windows.ts';
import { type Code, type CodeGraph, testCode } from './code-graph.ts';
import type { Segment } from './segments.ts';

/** How exceptions of a segment are asked one after the other. */
export interface ChainManner {
  /** The most exceptions in a chain: beyond that, a cut between them is worth an instruction. */
  readonly longest: number;
  /**
   * How many architectures answer a value so: their code may be led into the end of the chain. `undefined`: there is no
   * other architecture.
   */
  readonly sharedBy: ((value: number, code: Code) => number) | undefined;
}

/** Makes the code that takes the accumulator to its segment, then past the segment's exceptions. */
export function plantSegments(
  graph: CodeGraph,
  segments: readonly (Segment | Window)[],
  chains: ChainManner,
): Code {
  const parts = segments.flatMap((part): readonly (Segment | Window)[] =>
    'plant' in part ? [part] : cutChain(part, chains.longest),
  );
  const sums = [0];
  for (const { weight } of parts) sums.push((sums.at(-1) ?? 0) + weight + LEAST_WEIGHT);
  const middle = parts.length > MOST_SEARCHED ? halving(sums) : leastDepth(sums);
  const plant = (first: number, last: number): Code => {
    const part = parts[first];
    if (part === undefined) throw new RangeError('there is no segment');
    if (first === last) return 'plant' in part ? part.plant(graph) : chain(graph, part, chains);
    const upper = middle(first, last);
    const high = plant(upper, last);
    const low = plant(first, upper - 1);
    return testCode(graph, 'ge', parts[upper]?.from ?? 0, high, low);
  };
  return plant(0, parts.length - 1);
}

/** So that parts of no weight are halved by their number. */
const LEAST_WEIGHT = 1e-9;
/** The search for the best tree takes time and room by the square of the parts. */
const MOST_SEARCHED = 400;

/** Where parts first..last are cut: the first part of the upper half. */
type Middle = (first: number, last: number) => number;

/** Cuts where both halves weigh most alike. @param sums - of the weights before each part, and of all */
function halving(sums: readonly number[]): Middle {
  const sum = (at: number): number => sums[at] ?? 0;
  return (first, last) => {
    const half = (sum(first) + sum(last + 1)) / 2;
    let upper = first + 1;
    while (upper < last && Math.abs(sum(upper + 1) - half) < Math.abs(sum(upper) - half)) upper++;
    return upper;
  };
}

/**
 * Cuts so that the sum of weights times depths is the least there is: the best tree of each range from the best trees of
 * shorter ones. The best cut of a range lies between those of the two ranges that are one part shorter (D. Knuth, Optimum
 * Binary Search Trees, 1971).
 */
function leastDepth(sums: readonly number[]): Middle {
  const count = sums.length - 1;
  const costs = new Float64Array(count * count);
  const middles = new Int32Array(count * count);
  for (let first = 0; first + 1 < count; first++) {
    const range = first * count + first + 1;
    costs[range] = (sums[first + 2] ?? 0) - (sums[first] ?? 0);
    middles[range] = first + 1;
  }
  for (let length = 3; length <= count; length++) {
    let range = length - 1;
    for (let last = range; last < count; last++) {
      let middle = middles[range - 1] ?? 0;
      const most = middles[range + count] ?? last;
      let low = range - last + middle - 1;
      let high = middle * count + last;
      let best = (costs[low] ?? 0) + (costs[high] ?? 0);
      for (let upper = middle + 1; upper <= most; upper++) {
        low += 1;
        high += count;
        const cost = (costs[low] ?? 0) + (costs[high] ?? 0);
        if (cost >= best) continue;
        best = cost;
        middle = upper;
      }
      middles[range] = middle;
      costs[range] = best + (sums[last + 1] ?? 0) - (sums[last + 1 - length] ?? 0);
      range += count + 1;
    }
  }
  return (first, last) => middles[first * count + last] ?? last;
}

/** Share of the weight of all calls. The place of rarer values in a chain does not matter. */
const FREQUENT = 0.04;

/**
 * The most frequent values are tested first. Of the others those come last that more architectures answer alike, then those
 * of one answer beside each other, and the larger ones last: the end of a chain is code that others may be led into.
 */
function chain(graph: CodeGraph, { code, exceptions }: Segment, { sharedBy }: ChainManner): Code {
  const [first] = exceptions;
  if (first === undefined) return code;
  if (exceptions.length === 1) return testCode(graph, 'eq', first.from, first.codes?.[0] ?? code, code);
  // Where there is one architecture only, nothing is led elsewhere, and the order is as good as the other one.
  const orderOf = (a: { value: number }, b: { value: number }): number =>
    sharedBy === undefined ? 0 : b.value - a.value;
  const links = exceptions.map(({ from, codes, weight }) => {
    const own = codes?.[0] ?? code;
    const frequency = weight > FREQUENT ? weight : 0;
    return { value: from, code: own, frequency, shared: sharedBy?.(from, own) ?? 0 };
  });
  return links
    .sort((a, b) => a.frequency - b.frequency || b.shared - a.shared || a.code - b.code || orderOf(a, b))
    .reduce((next, link) => testCode(graph, 'eq', link.value, link.code, next), code);
}

/** Cuts a segment with more exceptions than a chain may have, each part beginning with an exception. */
function cutChain(segment: Segment, longestChain: number): readonly Segment[] {
  const { exceptions, from, to, code, weight } = segment;
  const count = Math.ceil(exceptions.length / longestChain);
  if (count <= 1) return [segment];
  return Array.from({ length: count }, (_, part): Segment => {
    const border = (index: number): number => Math.round((index * exceptions.length) / count);
    const own = exceptions.slice(border(part), border(part + 1));
    const next = exceptions[border(part + 1)];
    return {
      from: part === 0 ? from : (own[0]?.from ?? from),
      to: next === undefined ? to : next.from - 1,
      code,
      exceptions: own,
      weight: weight / count,
    };
  });
}
