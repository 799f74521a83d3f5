/**
 * Filters leave nothing behind: thousands are made, given rules, exported and dropped in a child, which tells its memory
 * after each five hundred. From the first 2,000 on, the median growth between two such moments counts.
 *
 * What flat means. Native memory in use (malloc's own count): below 7 bytes a filter. A filter that is kept takes 14,000,
 * and one binding of a C function 8; measured are 0 to 2.5, which are the engine's own. RSS: below 400 bytes a filter, where
 * up to 130 were measured; it moves by whole pages.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { fetchedLibraries } from '../oracle/libraries.ts';
import { describeWith } from '../oracle/support/require.ts';
import { HANGS_AFTER } from '../support/patience.ts';
import { hasAllSamples } from '../support/samples.ts';
import { buildProgram, type Program } from './support/program.ts';

const WARM_UP = 2_000;
/** Fewer show a leak as well, above what the engine itself takes now and then. */
const FILTERS = hasAllSamples ? 10_000 : 3_000;
/** Bytes a filter. */
const NATIVE_BOUND = 7;
const RSS_BOUND = 400;

/** Bytes a filter. */
interface Growth {
  readonly rss: number;
  readonly native: number;
}

function measure(program: Program, library: string, way: string, filters: number, from = WARM_UP): Growth {
  const { status, signal, stdout, stderr } = program.run([library, way, String(from + filters)], {
    // What V8 compiles beside the program it holds for a while, and longer on a busy machine: up to 5 bytes a filter.
    flags: ['--expose-gc', '--single-threaded'],
    timeout: HANGS_AFTER,
  });
  expect({ status, signal, stderr }, way).toEqual({ status: 0, signal: null, stderr: '' });
  const samples = stdout
    .trimEnd()
    .split('\n')
    .map((line) => line.split(' ').map(Number));
  const after = samples.filter(([made = 0]) => made >= from);
  // Now and then the engine takes a page and keeps it: few pairs are about that.
  const growth = (column: number): number =>
    median(after.flatMap((from, i) => after.slice(i + 1).map((to) => slope(from, to, column))));
  return { rss: growth(1), native: growth(2) };
}

function slope(from: readonly number[], to: readonly number[], column: number): number {
  return difference(from, to, column) / difference(from, to, 0);
}

function difference(from: readonly number[], to: readonly number[], column: number): number {
  return (to[column] ?? Number.NaN) - (from[column] ?? Number.NaN);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

// The binding has two paths: with transactions, from 2.6.0 on, and without.
const versions = ['2.5.4', '2.6.1'] as const;

for (const version of versions) {
  describeWith([`libseccomp ${version}`], `memory, libseccomp ${version}`, () => {
    const library = fetchedLibraries().find((each) => each.version === version)?.path ?? '';
    let program: Program;

    beforeAll(async () => {
      program = await buildProgram('leaks-program');
    });
    afterAll(() => program.remove());

    it.each([
      ['released', 'release'],
      ['forgotten, and released by the garbage collector', 'forget'],
      ['merged, reset and released', 'merge'],
      ['released after calls that failed', 'fail'],
    ] as const)('is flat over filters that are %s', (_, way) => {
      const { rss, native } = measure(program, library, way, FILTERS);
      expect(native).toBeLessThan(NATIVE_BOUND);
      expect(rss).toBeLessThan(RSS_BOUND);
    });

    it('grows by filters that are kept, so that a leak would show', () => {
      const { rss, native } = measure(program, library, 'keep', 1_000, 500);
      expect(native).toBeGreaterThan(10_000);
      expect(rss).toBeGreaterThan(2 * RSS_BOUND);
    });
  });
}
