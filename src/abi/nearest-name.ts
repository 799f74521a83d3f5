/**
 * Guesses what a misspelt word was meant to be, for hints in messages; nothing is ever decided by a guess.
 * @module
 */
import { spelledCall, withoutPrefix } from './call-spellings.ts';
import { libcCalls } from './libc-calls.ts';
import { allSyscallNames } from './syscall-numbers.ts';

/** Letter case and `-` against `_` are no difference worth an edit. */
function fold(word: string): string {
  return word.toLowerCase().replaceAll('-', '_');
}

function defaultMax(length: number): number {
  return length <= 2 ? 0 : length <= 5 ? 1 : length <= 9 ? 2 : 3;
}

/**
 * Counts edits (insert, delete, replace, swap of neighbours; no letter edited twice) between two words.
 *
 * @returns at most `max + 1`, which stands for everything further apart
 */
function editDistance(a: string, b: string, max: number): number {
  if (Math.abs(a.length - b.length) > max) return max + 1;
  let twoBack: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    let least = i;
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let edits = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + (same ? 0 : 1));
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) edits = Math.min(edits, (twoBack[j - 2] ?? 0) + 1);
      row.push(edits);
      least = Math.min(least, edits);
    }
    if (least > max) return max + 1;
    twoBack = last;
    last = row;
  }
  return Math.min(last[b.length] ?? 0, max + 1);
}

function commonPrefix(a: string, b: string): number {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length++;
  return length;
}

/**
 * Lists the candidates a word can be a misspelling of, the likeliest first: fewest edits, then longest common
 * beginning, then the candidates' own order. Letter case and `-` for `_` do not count as edits.
 *
 * @param max - most edits apart; default by the word's length without the parts that both begin with, such as `SCMP_ACT_`: none up
 *   to 2 letters (1 after such a part), 1 up to 5, 2 up to 9, else 3
 * @returns candidates as they are given; empty if none is near enough
 */
export function nearestAll(word: string, candidates: Iterable<string>, max?: number): readonly string[] {
  const folded = fold(word);
  const near: { candidate: string; edits: number; prefix: number }[] = [];
  for (const candidate of candidates) {
    const other = fold(candidate);
    // The shorter word sets the bound: `open` is two edits from `openat`, but also from `pen`.
    const prefix = commonPrefix(folded, other);
    const same = prefix === 0 ? 0 : folded.lastIndexOf('_', prefix - 1) + 1;
    const length = Math.min(folded.length, other.length) - same;
    const bound = max ?? Math.max(defaultMax(length), same > 0 ? 1 : 0);
    const edits = editDistance(folded, other, bound);
    if (edits <= bound) near.push({ candidate, edits, prefix });
  }
  near.sort((a, b) => a.edits - b.edits || b.prefix - a.prefix);
  return near.map(({ candidate }) => candidate);
}

/** Finds the likeliest of {@link nearestAll}, or `undefined` if no candidate is near enough. */
export function nearest(word: string, candidates: Iterable<string>, max?: number): string | undefined {
  return nearestAll(word, candidates, max)[0];
}

export interface SyscallSuggestion {
  /** System calls, the likeliest first; at least one. */
  readonly names: readonly string[];
  /**
   * `libc`: the word is a C library function and these are the calls it makes; `other-spelling`: it is one of the
   * kernel's or a header's names of the call; `spelling`: a guess.
   */
  readonly why: 'libc' | 'other-spelling' | 'spelling';
}

/**
 * As {@link suggestSyscall}, but without guesses.
 *
 * @returns `undefined` also for a word that only looks like a name
 */
export function otherSpelling(word: string): SyscallSuggestion | undefined {
  const calls = libcCalls().get(word);
  if (calls !== undefined) return { names: calls, why: 'libc' };
  const call = spelledCall(word);
  return call === undefined ? undefined : { names: [call], why: 'other-spelling' };
}

/**
 * Suggests system calls for a word that names none: a C library function, a name with a header's prefix
 * (`__NR_read`), a misspelling.
 *
 * @returns `undefined` if the word is a system call of some architecture, or nothing is near it
 */
export function suggestSyscall(word: string): SyscallSuggestion | undefined {
  const known = allSyscallNames();
  if (known.includes(word)) return undefined;
  const certain = otherSpelling(word);
  if (certain !== undefined) return certain;
  const names = nearestAll(withoutPrefix(word), known).slice(0, 3);
  return names.length === 0 ? undefined : { names, why: 'spelling' };
}
