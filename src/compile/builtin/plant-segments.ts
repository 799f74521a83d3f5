/**
 * Segments as a tree of tests: frequent values need few tests.
 * @module
 */
import { type Code, type CodeGraph, testCode } from './code-graph.ts';
import type { Segment } from './segments.ts';

/**
 * Makes the code that takes the accumulator to its segment, then past the segment's exceptions.
 *
 * @param longestChain - exceptions that are asked one after the other before a cut in between is worth an instruction
 */
export function plantSegments(graph: CodeGraph, segments: readonly Segment[], longestChain: number): Code {
  const parts = segments.flatMap((segment) => cutChain(segment, longestChain));
  const sums = [0];
  for (const { weight } of parts) sums.push((sums.at(-1) ?? 0) + weight + LEAST_WEIGHT);
  return bisect(graph, parts, sums, 0, parts.length - 1);
}

/** So that parts of no weight are halved by their number. */
const LEAST_WEIGHT = 1e-9;

function bisect(
  graph: CodeGraph,
  parts: readonly Segment[],
  sums: readonly number[],
  first: number,
  last: number,
): Code {
  const part = parts[first];
  if (part === undefined) throw new RangeError('there is no segment');
  if (first === last) return chain(graph, part);
  const sum = (at: number): number => sums[at] ?? 0;
  const half = (sum(first) + sum(last + 1)) / 2;
  let upper = first + 1;
  while (upper < last && Math.abs(sum(upper + 1) - half) < Math.abs(sum(upper) - half)) upper++;
  const high = bisect(graph, parts, sums, upper, last);
  const low = bisect(graph, parts, sums, first, upper - 1);
  return testCode(graph, 'ge', parts[upper]?.from ?? 0, high, low);
}

/** The most frequent values are tested first. */
function chain(graph: CodeGraph, { code, exceptions }: Segment): Code {
  return exceptions
    .toSorted((a, b) => a.weight - b.weight)
    .reduce((next, { from, codes }) => testCode(graph, 'eq', from, codes?.[0] ?? next, next), code);
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
