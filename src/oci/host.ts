/**
 * The machine and container a profile is resolved for.
 * @module
 */
import type { ArchName } from '../abi/architectures.ts';

/** The first two numbers of a kernel release; engines compare no more (moby `kernelGreaterEqualThan`). */
export interface KernelVersion {
  readonly kernel: number;
  readonly major: number;
}

export interface Host {
  readonly arch: ArchName;
  readonly kernel: KernelVersion;
  /**
   * Names (`CAP_SYS_ADMIN`) of the container's capability bounding set. `undefined` is a container without any
   * capability set, which Podman treats differently from an empty one.
   */
  readonly capabilities: readonly string[] | undefined;
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
