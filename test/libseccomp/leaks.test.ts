/**
 * Filters leave nothing behind: 10,000 are made, given rules, exported and dropped in a child, and the memory it has
 * after the first 2,000 is compared with what it has at the end.
 *
 * What flat means. Native memory in use (malloc's own count): below 7 bytes a filter, where a filter that is kept takes
 * 14,000 and one binding of a C function 8; measured are 1 to 4, which are the engine's own. RSS: below 4 MB in all,
 * where 10,000 filters that are kept take 140 MB; it moves by whole pages and with the collector, by 1 MB here.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { fetchedLibraries } from '../oracle/libraries.ts';
import { describeWith } from '../oracle/support/require.ts';
import { HANGS_AFTER } from '../support/patience.ts';
import { hasAllSamples } from '../support/samples.ts';
import { buildProgram, type Program } from './support/program.ts';

const WARM_UP = 2_000;
/** Fewer show a leak as well, above what the engine itself takes now and then. */
const some = (filters: number): number => (hasAllSamples ? filters : filters / 2);
/** Bytes a filter. */
const NATIVE_BOUND = 7;
const RSS_BOUND = 4_000_000;

interface Growth {
  readonly rss: number;
  readonly native: number;
}

function measure(program: Program, library: string, way: string, filters: number): Growth {
  const { status, signal, stdout, stderr } = program.run([library, way, String(WARM_UP + filters)], {
    flags: ['--expose-gc'],
    timeout: HANGS_AFTER,
  });
  expect({ status, signal, stderr }, way).toEqual({ status: 0, signal: null, stderr: '' });
  const samples = stdout
    .trimEnd()
    .split('\n')
    .map((line) => line.split(' ').map(Number));
  // The least of three samples: now and then the compiler holds half a megabyte for a moment.
  const least = (column: number, until: number): number => {
    const before = samples.filter(([made = 0]) => made <= until).slice(-3);
    return Math.min(...before.map((sample) => sample[column] ?? Number.NaN));
  };
  const growth = (column: number): number => least(column, WARM_UP + filters) - least(column, WARM_UP);
  return { rss: growth(1), native: growth(2) };
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
      ['released', 'release', some(10_000)],
      ['forgotten, and released by the garbage collector', 'forget', some(10_000)],
      ['merged, reset and released', 'merge', some(8_000)],
      ['released after calls that failed', 'fail', some(8_000)],
    ] as const)('is flat over filters that are %s', (_, way, filters) => {
      const { rss, native } = measure(program, library, way, filters);
      expect(native).toBeLessThan(NATIVE_BOUND * filters);
      expect(rss).toBeLessThan(RSS_BOUND);
    });

    it('grows by filters that are kept, so that a leak would show', () => {
      const { rss, native } = measure(program, library, 'keep', 1_000);
      expect(native).toBeGreaterThan(10_000 * 1_000);
      expect(rss).toBeGreaterThan(2 * RSS_BOUND);
    });
  });
}
