/**
 * How thorough tests that draw at random, or repeat, are: all they can under OCI_SECCOMP_REQUIRE_ALL=1, as .ci/run has
 * it, and an eighth under plain `npm test`, which people wait for.
 * @module
 */

export const isThorough: boolean = process.env.OCI_SECCOMP_REQUIRE_ALL === '1';

/** Of so many samples, how many to take. */
export function samples(all: number): number {
  return isThorough ? all : Math.ceil(all / 8);
}

/** Rows that are asked of runc and of crun: all of both, or, without time for all, each row of one of the two. */
export function rowsFor<Row>(runtime: string, rows: readonly Row[]): readonly Row[] {
  return rows.filter((_, i) => isThorough || i % 2 === Number(runtime === 'crun'));
}
