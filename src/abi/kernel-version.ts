/**
 * Kernel releases, as far as anything here compares them.
 * @module
 */

/** The first two numbers of a kernel release; engines compare no more (moby `kernelGreaterEqualThan`). */
export interface KernelVersion {
  /** The first number: 6 of 6.18. */
  readonly kernel: number;
  /** The second number: 18 of 6.18. */
  readonly major: number;
}

/**
 * Reads a kernel release as moby does: two numbers, what follows ignored (`6.1.0-rc1` is 6.1).
 *
 * @returns `undefined` if the text does not start with two numbers
 */
export function parseKernelVersion(release: string): KernelVersion | undefined {
  const match = /^(\d{1,9})\.(\d{1,9})/.exec(release);
  return match === null ? undefined : { kernel: Number(match[1]), major: Number(match[2]) };
}

/** Whether a caller's value is one. */
export function isKernelVersion(value: unknown): value is KernelVersion {
  const { kernel, major }: { kernel?: unknown; major?: unknown } = Object(value);
  return isCount(kernel) && isCount(major);
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

/** Whether the first kernel is older than the second. */
export function isOlderKernel(a: KernelVersion, b: KernelVersion): boolean {
  return a.kernel < b.kernel || (a.kernel === b.kernel && a.major < b.major);
}

/** `5.19` */
export function formatKernel({ kernel, major }: KernelVersion): string {
  return `${kernel}.${major}`;
}
