/**
 * What the author of a profile wrote, typed: one record for all dialects. Conditions are not yet evaluated, names
 * are not yet looked up. A Profile comes out of `readProfile` (text) or is a built-in (data).
 * @module
 */

import type { Problem } from './problems.ts';

/**
 * - `oci`: runtime-spec's `linux.seccomp` object
 * - `oci-config`: a bundle's whole config.json
 * - `docker`: moby's profiles, with conditions
 * - `podman`: containers/common's profiles, with conditions and errno names
 * - `kubernetes`: SeccompProfile objects of the Security Profiles Operator
 */
export type Dialect = 'oci' | 'oci-config' | 'docker' | 'podman' | 'kubernetes';

/** Conditions under which a rule counts; an absent list or text is no condition. */
export interface RuleConditions {
  readonly caps?: readonly string[];
  readonly arches?: readonly string[];
  /** `<kernel>.<major>`, for instance `4.8`; moby only. */
  readonly minKernel?: string;
}

export interface ProfileArg {
  /** Argument, 0..5. */
  readonly index: number;
  /** u64. */
  readonly value: bigint;
  /** u64; absent is 0. */
  readonly valueTwo?: bigint;
  /** `SCMP_CMP_*`. */
  readonly op: string;
}

export interface ProfileRule {
  readonly names: readonly string[];
  /** Old form of `names` with one entry; never together with a non-empty `names`. */
  readonly name?: string;
  /** `SCMP_ACT_*`. */
  readonly action: string;
  /** u32. */
  readonly errnoRet?: number;
  /** Podman: number or name; wins over `errnoRet`. */
  readonly errno?: string;
  readonly args?: readonly ProfileArg[];
  readonly comment?: string;
  readonly includes?: RuleConditions;
  readonly excludes?: RuleConditions;
  /** Where the rule stands, for messages; absent in built-ins. */
  readonly place?: Place;
}

export interface ArchMapEntry {
  readonly architecture: string;
  readonly subArchitectures: readonly string[];
}

/** A place people can go to. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** JSON pointer, RFC 6901. */
  readonly pointer: string;
}

/** What a SeccompProfile object says beside the profile. */
export interface KubernetesFacts {
  readonly apiVersion: string;
  /** `metadata.name`; empty if the object has none. */
  readonly name: string;
  readonly namespace?: string;
  /** The profile whose rules are added; what was read is then only a part. `undefined` once they have been. */
  readonly baseProfileName?: string;
  /** The operator does not install it. */
  readonly disabled?: boolean;
}

export interface Profile {
  readonly dialect: Dialect;
  /** Absent together with empty `rules` means seccomp is off. */
  readonly defaultAction?: string;
  /** Where its value stands, for messages; absent in built-ins. */
  readonly defaultActionPlace?: Place;
  /** u32. */
  readonly defaultErrnoRet?: number;
  /** Podman: number or name; wins over `defaultErrnoRet`. */
  readonly defaultErrno?: string;
  readonly architectures?: readonly string[];
  readonly archMap?: readonly ArchMapEntry[];
  readonly flags?: readonly string[];
  readonly listenerPath?: string;
  readonly listenerMetadata?: string;
  /** The profile's `syscalls`, in document order. */
  readonly rules: readonly ProfileRule[];
  /**
   * `oci-config` only: what the bundle says of the container. `capabilities` is `process.capabilities.bounding`
   * (`undefined`: the bundle has no capability sets), `noNewPrivileges` is `process.noNewPrivileges`.
   */
  readonly container?: {
    readonly capabilities: readonly string[] | undefined;
    readonly noNewPrivileges?: boolean;
  };
  /** `kubernetes` only. */
  readonly kubernetes?: KubernetesFacts;
  /**
   * What makes some engine or runtime refuse the profile; absent if nothing does. `resolveProfile` throws for an engine
   * that refuses it, `lowerProfile` for a runtime.
   */
  readonly refusals?: readonly Problem[];
}
