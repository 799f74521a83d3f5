/**
 * How few steps a program can take, at attach and for a denied call, if it tells calls apart with comparisons, however long it is.
 *
 * A program is unfolded to a tree of cuts (`jge`, `jgt`) and of tests for equality. A cut with numbers on both sides may
 * come before a test for equality, and costs nothing more: the test then stands on one side only. So one of the best trees
 * has all cuts first, and chains of tests for equality behind them. Tests of bits are not counted on: they may do better.
 * @module
 */
import type { Program } from '../src/bpf/program.ts';
import { type Calls, follow, I386, NUMBERS, X86_64 } from './count-steps.ts';

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

/** Every denied call takes these: two loads, a test of the architecture, a return. */
const AROUND_TESTS = 4;

/**
 * How many instructions a denied call takes at least, on average, whatever other calls take then. Numbers without a name are
 * left out, and calls that are denied with different words need not be told apart: both make it less.
 */
export function leastOfDenied(calls: Calls): number {
  const kinds = new Map<number, Kind>();
  for (const { nr } of calls.allowed) kinds.set(nr, ALLOWED);
  for (const { nr } of calls.denied) kinds.set(nr, DENIED);
  for (const { nr } of calls.checked) kinds.set(nr, undefined);
  const ascending = [...kinds].sort(([a], [b]) => a - b).map(([, kind]) => kind);
  return AROUND_TESTS + leastTests(ascending, (kind) => kind === DENIED) / calls.denied.length;
}

const ALLOWED = 1;
const DENIED = 0;

/**
 * The least sum of tests over numbers: that of the best tree of each range, from those of its parts.
 *
 * @param kinds - by number
 * @param counts - whose tests are counted: of all numbers, or of those of one kind. For other choices it may be too much
 */
export function leastTests(kinds: readonly Kind[], counts: (kind: Kind) => boolean = () => true): number {
  const size = kinds.length;
  const sums = new Float64Array(size * size);
  for (let first = size - 1; first >= 0; first -= 1) {
    const found = new Map<Kind, number>();
    let counted = 0;
    for (let last = first; last < size; last += 1) {
      const kind = kinds[last];
      found.set(kind, (found.get(kind) ?? 0) + 1);
      if (counts(kind)) counted += 1;
      let least = leastChain(found, last - first + 1, counted, counts);
      for (let upper = first + 1; upper <= last && least > counted; upper += 1) {
        const halves = (sums[first * size + upper - 1] ?? 0) + (sums[upper * size + last] ?? 0);
        least = Math.min(least, counted + halves);
      }
      sums[first * size + last] = least;
    }
  }
  return sums[size - 1] ?? 0;
}

/** One test for equality after the other, until one kind is left; those that count come first. */
function leastChain(
  found: ReadonlyMap<Kind, number>,
  numbers: number,
  counted: number,
  counts: (kind: Kind) => boolean,
): number {
  let least = Number.POSITIVE_INFINITY;
  for (const [kind, count] of found) {
    const left = counts(kind) ? count : 0;
    least = Math.min(least, sumTo(counted - left) + (numbers - count) * left);
  }
  return least;
}

function sumTo(count: number): number {
  return (count * (count + 1)) / 2;
}
