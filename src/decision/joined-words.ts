/**
 * What was joined to a diagram before: the same runs of a word are the same node, and a node's runs need not be looked for.
 *
 * A policy's numbers are joined once for its meaning. The compiler asks for their runs, and the proof finds the same runs in a
 * program.
 * @module
 */
import type { Field } from './diagram-variables.ts';
import type { JoinedWord, Node, Space } from './space.ts';

/** Fewer runs are soon joined again. */
const FEWEST_RUNS = 16;
/** A policy has as many words of numbers as it has architectures. */
const MOST_WORDS = 12;

/** The diagram of runs that were joined before; `undefined`: they were not, or that is forgotten. */
export function recallJoined({ joined }: Space, { field, ends, nodes }: JoinedWord): Node | undefined {
  if (ends.length < FEWEST_RUNS) return undefined;
  for (const [node, known] of joined) {
    if (known.field === field && areSame(known.ends, ends) && areSame(known.nodes, nodes)) return node;
  }
  return undefined;
}

/** Remembers of which runs a node was made. */
export function rememberJoined({ joined }: Space, word: JoinedWord, node: Node): void {
  if (word.ends.length < FEWEST_RUNS) return;
  const [oldest] = joined.size < MOST_WORDS ? [] : joined.keys();
  if (oldest !== undefined) joined.delete(oldest);
  joined.set(node, word);
}

/** The runs of a word that a node was made of; `undefined`: that is not known, or was another word. */
export function runsOfJoined({ joined }: Space, node: Node, field: Field): JoinedWord | undefined {
  const known = joined.get(node);
  return known?.field === field ? known : undefined;
}

function areSame(a: readonly number[], b: readonly number[]): boolean {
  if (a.length !== b.length) return false;
  for (let at = 0; at < a.length; at += 1) if (a[at] !== b[at]) return false;
  return true;
}
