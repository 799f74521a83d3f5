/**
 * A diagram's view of one word as runs: intervals of the word's values behind which the diagram goes on in the same way.
 * @module
 */
import { type Field, firstLevel, WORD_BITS } from '../../decision/diagram-variables.ts';
import { countStep, highOf, levelAt, lowOf, type Node, type Space } from '../../decision/space.ts';

/** Values of a word, both ends included, u32. */
export interface Run {
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
 * @returns `undefined` if there are too many, as when a low bit alone decides
 */
export function runsOfWord(space: Space, root: Node, field: Field): readonly Run[] | undefined {
  const end = firstLevel(field) + WORD_BITS;
  const runs: Run[] = [];
  let steps = 0;
  const walk = (node: Node, level: number, from: number, size: number): boolean => {
    if (++steps > STEPS_A_RUN * MAX_RUNS) return false;
    const own = levelAt(space, node);
    if (own >= end) {
      addRun(runs, { from, to: from + size - 1, node });
      return runs.length <= MAX_RUNS;
    }
    const half = size / 2;
    const [low, high] = own > level ? [node, node] : [lowOf(space, node), highOf(space, node)];
    return walk(low, level + 1, from, half) && walk(high, level + 1, from + half, half);
  };
  const complete = walk(root, firstLevel(field), 0, 2 ** WORD_BITS);
  countStep(space, steps);
  return complete ? runs : undefined;
}

/** Adds a run behind the last one, or makes that one longer. */
function addRun(runs: Run[], { from, to, node }: Run): void {
  const last = runs.at(-1);
  if (last !== undefined && last.node === node) runs[runs.length - 1] = { from: last.from, to, node };
  else runs.push({ from, to, node });
}
