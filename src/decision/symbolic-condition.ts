/**
 * The condition that a jump tests, of two words that are followed.
 * @module
 */
import { testWord, type WordTest } from './condition-diagrams.ts';
import { FALSE, ifThenElse, type Node, type Space, TRUE } from './space.ts';
import { keyOf, type SymbolicWord } from './symbolic.ts';

const ALL_BITS = 0xffff_ffff;

/** @returns a condition; `undefined` if the two words cannot be compared */
export function conditionOf(
  space: Space,
  a: SymbolicWord,
  test: WordTest,
  b: SymbolicWord,
): Node | undefined {
  if (b.kind === 'constant') {
    const word = a.kind === 'constant' ? asBits(a.value) : a;
    return word.kind === 'bits' ? testWord(space, word, test, b.value) : undefined;
  }
  if (keyOf(a) === keyOf(b) && a.kind === 'bits') {
    if (test === 'set') return testWord(space, a, 'set', ALL_BITS);
    return test === 'gt' ? FALSE : TRUE;
  }
  if (a.kind !== 'constant' || b.kind !== 'bits') return undefined;
  // `constant test word` is turned round into a test of the word.
  if (test === 'eq' || test === 'set') return testWord(space, b, test, a.value);
  const reverse = testWord(space, b, test === 'gt' ? 'ge' : 'gt', a.value);
  return ifThenElse(space, reverse, FALSE, TRUE);
}

/** A constant as a word without a bit of a field. */
function asBits(value: number): SymbolicWord {
  return { kind: 'bits', field: 0, shift: 0, mask: 0, flip: value };
}
