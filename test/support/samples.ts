/**
 * How thorough tests that draw at random, or repeat, are. Three levels, because people wait for the first two:
 *
 * - plain `npm test`: an eighth of the samples, each kind of row with one of the two runtimes.
 * - OCI_SECCOMP_REQUIRE_ALL=1, as .ci/run has it: a quarter of the samples, every row with every runtime.
 * - OCI_SECCOMP_ALL_SAMPLES=1: all samples, before a release and after a change of what they test.
 *
 * Which samples are drawn: see ../same-samples.ts.
 * @module
 */

/** Every row is asked, of both runtimes. */
export const isThorough: boolean = process.env.OCI_SECCOMP_REQUIRE_ALL === '1';

/** All samples are drawn. */
export const hasAllSamples: boolean = process.env.OCI_SECCOMP_ALL_SAMPLES === '1';

/** Of so many samples, how many to take. */
export function samples(all: number): number {
  if (hasAllSamples) return all;
  return Math.ceil(all / (isThorough ? 4 : 8));
}

/** As {@link samples}, of samples that take about a second each: half as many. */
export function slowSamples(all: number): number {
  return hasAllSamples ? all : Math.ceil(samples(all) / 2);
}

/** Rows that are asked of runc and of crun: all of both, or, without time for all, each row of one of the two. */
export function rowsFor<Row>(runtime: string, rows: readonly Row[]): readonly Row[] {
  return rows.filter((_, i) => isThorough || i % 2 === Number(runtime === 'crun'));
}
