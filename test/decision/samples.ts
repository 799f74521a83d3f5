/**
 * Calls at the borders of what a program tests.
 * @module
 */
import type { Program } from '../../src/bpf/program.ts';
import type { Random } from './random.ts';
import { type WordCall, wordCall } from './word-calls.ts';

/** Words around the constants of a program: one off, one bit off, both halves of 64 bits. */
export function interestingWords(program: Program): readonly number[] {
  const words = new Set([0, 1, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff]);
  for (const { code, k } of program) {
    const isConstant = code === 0x00 || code === 0x01;
    if (!isConstant && (code & 7) !== 5 && (code & 7) !== 4) continue;
    for (const word of [k, k - 1, k + 1, k ^ 0x8000_0000, ~k, k & -k]) words.add(word >>> 0);
  }
  return [...words];
}

const offsets = Array.from({ length: 16 }, (_, i) => 4 * i);

/** Random calls whose words are mostly interesting ones, with now and then a bit flipped. */
export function sampleCalls(
  random: Random,
  words: readonly number[],
  count: number,
  endian: 'little' | 'big',
  archs: readonly number[] = [],
): readonly WordCall[] {
  const word = (): number => {
    const picked = random.chance(0.1) ? random.word() : random.pick(words);
    return random.chance(0.15) ? (picked ^ (1 << random.below(32))) >>> 0 : picked;
  };
  return Array.from({ length: count }, () => {
    const call = new Map(offsets.map((offset) => [offset, word()]));
    if (archs.length > 0 && random.chance(0.9)) call.set(4, random.pick(archs));
    return wordCall(call, endian);
  });
}
