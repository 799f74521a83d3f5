/**
 * How few steps a program can take at attach if it tells calls apart with comparisons, however long it is.
 *
 * A program is unfolded to a tree of cuts (`jge`, `jgt`) and of tests for equality. A cut with numbers on both sides may
 * come before a test for equality, and costs nothing more: the test then stands on one side only. So one of the best trees
 * has all cuts first, and chains of tests for equality behind them. Tests of bits are not counted on: they may do better.
 * @module
 */
import type { Program } from '../src/bpf/program.ts';
import { follow, I386, NUMBERS, X86_64 } from './count-steps.ts';

/** What is decided by a number: a word, or `undefined` where arguments decide. */
type Kind = number | undefined;

/** No architecture has it. */
const OTHER = 0;

/** How many instructions the kernel follows at least, of any such program that decides what this one does. */
export function leastAtAttach(program: Program): number {
  const kindsOf = (arch: number): readonly Kind[] =>
    Array.from({ length: NUMBERS }, (_, nr) => follow(program, nr, arch).word);
  const other = kindsOf(OTHER);
  const told = [kindsOf(X86_64), kindsOf(I386)];
  let steps = 0;
  for (const kinds of told) {
    const loads = new Set(kinds).size > 1 ? NUMBERS : 0;
    const ends = NUMBERS;
    steps += loads + leastTests(kinds) + ends;
  }
  for (let nr = 0; nr < NUMBERS; nr += 1) {
    const apart = told.filter((kinds) => kinds[nr] !== other[nr]).length;
    // Two loads. One architecture takes a test, which the other one passes too; a second one takes one more.
    if (apart > 0) steps += 2 + 1 + apart;
  }
  return steps;
}

/**
 * The least sum of tests over all numbers: that of the best tree of each range, from those of its parts.
 *
 * @param kinds - by number
 */
export function leastTests(kinds: readonly Kind[]): number {
  const size = kinds.length;
  const sums = new Float64Array(size * size);
  for (let first = size - 1; first >= 0; first -= 1) {
    const counts = new Map<Kind, number>();
    let most = 0;
    for (let last = first; last < size; last += 1) {
      const count = (counts.get(kinds[last]) ?? 0) + 1;
      counts.set(kinds[last], count);
      most = Math.max(most, count);
      const numbers = last - first + 1;
      // One test for equality after the other, until the most frequent kind is left.
      let least = sumTo(numbers) - sumTo(most);
      for (let upper = first + 1; upper <= last && least > numbers; upper += 1) {
        const halves = (sums[first * size + upper - 1] ?? 0) + (sums[upper * size + last] ?? 0);
        least = Math.min(least, numbers + halves);
      }
      sums[first * size + last] = least;
    }
  }
  return sums[size - 1] ?? 0;
}

function sumTo(count: number): number {
  return (count * (count + 1)) / 2;
}
