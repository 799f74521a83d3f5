/**
 * `ret a`: the answers of a program that returns a computed word.
 * @module
 */
import { levelOf, WORD_BITS } from './diagram-variables.ts';
import { leaf, makeNode, type Node, type Space, wordLeaf } from './space.ts';
import type { SymbolicWord } from './symbolic.ts';

/** With more bits than these in a returned word, there would be too many outcomes. */
const MAX_RETURNED_BITS = 8;

/** One outcome for each value the word can have. */
export function returnedWord(space: Space, word: SymbolicWord, at: number): Node {
  if (word.kind === 'constant') return wordLeaf(space, word.value);
  const refuse = (): Node => {
    const reason = 'it returns a word whose computation is not followed';
    return leaf(space, { kind: 'undecided', instruction: at, reason });
  };
  if (word.kind === 'unknown') return refuse();
  const bits = Array.from({ length: WORD_BITS }, (_, i) => WORD_BITS - 1 - i).filter(
    (bit) => ((word.mask >>> bit) & 1) === 1,
  );
  if (bits.length > MAX_RETURNED_BITS) return refuse();
  const build = (from: number, value: number): Node => {
    const bit = bits[from];
    if (bit === undefined) return wordLeaf(space, (value ^ word.flip) >>> 0);
    return makeNode(
      space,
      levelOf(word.field, bit - word.shift),
      build(from + 1, value),
      build(from + 1, value | (1 << bit)),
    );
  };
  return build(0, 0);
}
