/**
 * The machine and container a profile is resolved for.
 * @module
 */
import type { ArchName } from '../abi/architectures.ts';
import type { KernelVersion } from '../abi/kernel-version.ts';

export { type KernelVersion, parseKernelVersion } from '../abi/kernel-version.ts';

/** The machine and the container that a profile is resolved for. */
export interface Host {
  /** The machine's architecture. */
  readonly arch: ArchName;
  /** The machine's kernel. */
  readonly kernel: KernelVersion;
  /**
   * Names (`CAP_SYS_ADMIN`) of the container's capability bounding set. `undefined` is a container without any
   * capability set, which Podman treats differently from an empty one.
   */
  readonly capabilities: readonly string[] | undefined;
}
