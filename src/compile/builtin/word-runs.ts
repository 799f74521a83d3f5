/**
 * A diagram's view of one word as runs: intervals of the word's values behind which the diagram goes on in the same way.
 * @module
 */
import { type Field, firstLevel, WORD_BITS } from '../../decision/diagram-variables.ts';
import { countStep, FALSE, type JoinedWord, type Node, type Space } from '../../decision/space.ts';

/** Values of a word, both ends included, u32. */
export interface WordRun {
  readonly from: number;
  readonly to: number;
  /** What is decided after the word. */
  readonly node: Node;
}

/** More runs than these are more tests than a program has room for. */
const MAX_RUNS = 10_000;
/** A run ends where bits change: it takes few steps for each of its bits, unless bits in between are not asked. */
const STEPS_A_RUN = 40;

/**
 * Finds the runs of a word, ascending; together they are all values, and neighbours differ.
 *
 * @param root - a diagram that asks no word before this one
 * @param most - more are not wanted
 * @returns `undefined` if there are too many, as when a low bit alone decides
 */
export function runsOfWord(
  space: Space,
  root: Node,
  field: Field,
  most: number = MAX_RUNS,
): readonly WordRun[] | undefined {
  const end = firstLevel(field) + WORD_BITS;
  const mostRuns = Math.min(most, MAX_RUNS);
  const joined = space.joined.get(root);
  if (joined?.field === field && joined.ends.length < MOST_JOINED_SHARE * mostRuns) return runsFrom(joined);
  const { level: levels, low, high } = space;
  const starts: number[] = [];
  const nodes: Node[] = [];
  let steps = 0;
  // Values are signed, from -2^31 on: larger numbers need room of their own in code that is not optimized.
  const walk = (node: Node, level: number, from: number): boolean => {
    if (++steps > STEPS_A_RUN * mostRuns) return false;
    const own = levels[node] ?? end;
    if (own >= end) {
      if (nodes.length > 0 && nodes[nodes.length - 1] === node) return true;
      starts.push(from);
      nodes.push(node);
      return nodes.length <= mostRuns;
    }
    const asks = own === level;
    const half = 1 << (end - 1 - level);
    return (
      walk(asks ? (low[node] ?? FALSE) : node, level + 1, from) &&
      walk(asks ? (high[node] ?? FALSE) : node, level + 1, (from + half) | 0)
    );
  };
  const complete = walk(root, firstLevel(field), FIRST);
  countStep(space, steps);
  if (!complete) return undefined;
  return nodes.map((node, at) => {
    const next = starts[at + 1] ?? FIRST;
    return { from: unsigned(starts[at] ?? FIRST), to: unsigned(next - 1), node };
  });
}

/** A search for fewer runs never ends early: it finds all, whatever its steps. */
const MOST_JOINED_SHARE = 1 / 4;

function runsFrom({ ends, nodes }: JoinedWord): readonly WordRun[] {
  const runs: WordRun[] = [];
  let from = 0;
  for (let at = 0; at < ends.length; at += 1) {
    const to = ends[at] ?? from;
    runs.push({ from, to, node: nodes[at] ?? FALSE });
    from = to + 1;
  }
  return runs;
}

const FIRST = -0x8000_0000;

function unsigned(value: number): number {
  return (value ^ FIRST) >>> 0;
}
