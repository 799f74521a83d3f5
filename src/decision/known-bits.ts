/**
 * What is known of a call where an instruction is reached: the bits that every way there has tested.
 *
 * So only the part of the rest is joined that can still happen. Without this, a chain of rules ("these values, or those, or …")
 * would be joined with its whole rest at each rule.
 * @module
 */
import type { WordTest } from './condition-diagrams.ts';
import { type Field, WORD_BITS } from './diagram-variables.ts';
import { highOf, LEAF_LEVEL, levelAt, lowOf, type Node, type Space } from './space.ts';
import type { BitsWord } from './symbolic.ts';

/** Bits of one word; `value` is 0 outside of `mask`. Both are signed, as `&` makes them. */
interface KnownWord {
  readonly field: Field;
  readonly mask: number;
  readonly value: number;
}

/** At most one a word; a word that is missing may be anything. */
export type KnownBits = readonly KnownWord[];

export const NOTHING_KNOWN: KnownBits = [];

/** What is known when one more word is. */
export function withKnown(known: KnownBits, word: KnownWord): KnownBits {
  if (word.mask === 0) return known;
  const others = known.filter(({ field }) => field !== word.field);
  const before = known.find(({ field }) => field === word.field);
  if (before === undefined) return [...known, word];
  // Bits that contradict each other belong to a way that no call takes.
  const { field, mask, value } = word;
  return [...others, { field, mask: before.mask | mask, value: (before.value & ~mask) | value }];
}

/** What is known where two ways meet. */
export function commonKnown(a: KnownBits, b: KnownBits): KnownBits {
  if (a === b || a.length === 0) return a;
  const common: KnownWord[] = [];
  for (const { field, mask, value } of a) {
    const other = b.find((each) => each.field === field);
    if (other === undefined) continue;
    const both = mask & other.mask & ~(value ^ other.value);
    if (both !== 0) common.push({ field, mask: both, value: value & both });
  }
  return common;
}

/** What all values from..to of a word have in common: their first bits. @param word - a field, and the bits it keeps */
export function knownOfRange(
  { field, mask }: Pick<BitsWord, 'field' | 'mask'>,
  from: number,
  to: number,
): KnownWord {
  const free = WORD_BITS - Math.clz32(from ^ to);
  const common = free === WORD_BITS ? 0 : (-1 << free) & mask;
  return { field, mask: common, value: from & common };
}

/** What is known where a test of a word with a constant holds, or fails; `undefined`: no single bit. */
export function knownOfTest(
  { field, shift, mask, flip }: BitsWord,
  test: WordTest,
  operand: number,
  holds: boolean,
): KnownWord | undefined {
  let bits = 0;
  let value = 0;
  if (test === 'eq' && holds) {
    bits = mask;
    value = (operand ^ flip) & mask;
  } else if (test === 'set' && !holds) {
    bits = mask & operand;
    value = flip & bits;
  } else return undefined;
  const back = (word: number): number => (shift >= 0 ? word >>> shift : word << -shift);
  return { field, mask: back(bits) | 0, value: back(value) | 0 };
}

/** Follows a diagram as long as it asks bits that are known. */
export function skipKnown(space: Space, root: Node, known: KnownBits): Node {
  let node = root;
  if (known.length === 0) return node;
  for (let level = levelAt(space, node); level < LEAF_LEVEL; level = levelAt(space, node)) {
    const field = Math.floor(level / WORD_BITS);
    const bit = WORD_BITS - 1 - (level % WORD_BITS);
    const word = known.find((each) => each.field === field);
    if (word === undefined || ((word.mask >>> bit) & 1) === 0) break;
    node = ((word.value >>> bit) & 1) === 1 ? highOf(space, node) : lowOf(space, node);
  }
  return node;
}
