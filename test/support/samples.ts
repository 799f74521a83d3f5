/**
 * How thorough tests that draw at random, or repeat, are: all they can under OCI_SECCOMP_REQUIRE_ALL=1, as .ci/run has
 * it, and a quarter under plain `npm test`, which people wait for.
 * @module
 */

export const isThorough: boolean = process.env.OCI_SECCOMP_REQUIRE_ALL === '1';

/** Of so many samples, how many to take. */
export function samples(all: number): number {
  return isThorough ? all : Math.ceil(all / 4);
}
