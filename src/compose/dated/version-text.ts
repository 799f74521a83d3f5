/**
 * Versions of releases, `20.10.7`: compared number by number.
 * @module
 */

/** Below 0 if the first is older. A version that ends earlier is the older one. */
export function compareVersions(a: string, b: string): number {
  return compareNumbers(numbersOf(a), numbersOf(b));
}

/** The same for versions as {@link numbersOf} reads them. */
export function compareNumbers(left: readonly number[], right: readonly number[]): number {
  for (let i = 0; i < Math.max(left.length, right.length); i += 1) {
    const difference = (left[i] ?? -1) - (right[i] ?? -1);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** The numbers of a version. */
export function numbersOf(version: string): readonly number[] {
  return version.split('.').map(Number);
}
