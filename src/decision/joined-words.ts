/**
 * What was joined to a diagram before: the same runs of a word are the same node.
 *
 * A policy's numbers are joined once for its meaning. The compiler asks for their runs, and the proof finds the same runs in a
 * program.
 * @module
 */
import type { JoinedWord, Node, Space } from './space.ts';

/** Fewer runs are soon joined again. */
const FEWEST_RUNS = 16;
/** A policy has as many words of numbers as it has architectures. */
const MOST_WORDS = 16;

/** The diagram of runs: one that was made of the same runs before, or a new one. */
export function joinOnce({ joined }: Space, word: JoinedWord, join: () => Node): Node {
  if (word.ends.length < FEWEST_RUNS) return join();
  for (const [node, { field, ends, nodes }] of joined) {
    if (field === word.field && areSame(ends, word.ends) && areSame(nodes, word.nodes)) return node;
  }
  const node = join();
  if (joined.size === MOST_WORDS) joined.clear();
  joined.set(node, word);
  return node;
}

function areSame(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((each, at) => each === b[at]);
}
