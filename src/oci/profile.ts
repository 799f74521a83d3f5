/**
 * The text of a profile as typed values: one record for all dialects. Conditions are not evaluated yet, and names
 * are not looked up. A Profile comes from `readProfile` (text) or is a built-in (data).
 * @module
 */
import type { Dialect, SystemdRelease } from './dialect-rows.ts';
import type { Problem } from './problems.ts';

export type { Dialect } from './dialect-rows.ts';

/** Conditions under which a rule applies; an absent list or text means no condition. */
export interface RuleConditions {
  /** Capabilities of the container, `CAP_SYS_ADMIN`. */
  readonly caps?: readonly string[];
  /** Architectures of the host as the engine spells them, `amd64`. */
  readonly arches?: readonly string[];
  /** `<kernel>.<major>`, for instance `4.8`; moby only. */
  readonly minKernel?: string;
}

/** A comparison of an argument. */
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

/** A rule: calls that get an action if all comparisons hold, on hosts that its conditions admit. */
export interface ProfileRule {
  /** Names of system calls. */
  readonly names: readonly string[];
  /** Old form of `names` with one entry; never together with a non-empty `names`. */
  readonly name?: string;
  /** `SCMP_ACT_*`. */
  readonly action: string;
  /** u32. */
  readonly errnoRet?: number;
  /** Podman: number or name; wins over `errnoRet`. */
  readonly errno?: string;
  /** The comparisons; none: the rule always matches. */
  readonly args?: readonly ProfileArg[];
  /** What the author says about it. */
  readonly comment?: string;
  /** The rule applies only where all of these hold. */
  readonly includes?: RuleConditions;
  /** The rule does not apply where one of these holds. */
  readonly excludes?: RuleConditions;
  /** Where the rule stands, for messages; absent in built-ins. */
  readonly place?: Place;
}

/** The architectures of the filter on hosts of one architecture. */
export interface ArchMapEntry {
  /** The host's architecture, `SCMP_ARCH_*`. */
  readonly architecture: string;
  /** The further architectures of the filter there, `SCMP_ARCH_*`. */
  readonly subArchitectures: readonly string[];
}

/** A place people can go to. */
export interface Place {
  /** What the text was called. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 units. */
  readonly column: number;
  /** JSON pointer, RFC 6901. */
  readonly pointer: string;
}

/** The parts of a SeccompProfile object that are not the profile. */
export interface KubernetesFacts {
  /** `apiVersion` of the object. */
  readonly apiVersion: string;
  /** `metadata.name`; empty if the object has none. */
  readonly name: string;
  /** `metadata.namespace`. */
  readonly namespace?: string;
  /** `metadata.labels`. */
  readonly labels?: Readonly<Record<string, string>>;
  /** `metadata.annotations`. */
  readonly annotations?: Readonly<Record<string, string>>;
  /** The profile whose rules are added; the profile is incomplete without them. `undefined` once they are added. */
  readonly baseProfileName?: string;
  /** The operator does not install it. */
  readonly disabled?: boolean;
}

/** A profile as its author wrote it, whatever its dialect. */
export interface Profile {
  /** The dialect that it was read in. */
  readonly dialect: Dialect;
  /** Absent together with empty `rules` means seccomp is off. */
  readonly defaultAction?: string;
  /** Where its value stands, for messages; absent in built-ins. */
  readonly defaultActionPlace?: Place;
  /** u32. */
  readonly defaultErrnoRet?: number;
  /** Podman: number or name; wins over `defaultErrnoRet`. */
  readonly defaultErrno?: string;
  /** `SCMP_ARCH_*`; absent together with `archMap`: the native one alone. */
  readonly architectures?: readonly string[];
  /** Docker and Podman: the architectures of the filter by that of the host. */
  readonly archMap?: readonly ArchMapEntry[];
  /** `SECCOMP_FILTER_FLAG_*`; absent and empty differ, see `LinuxSeccomp.flags`. */
  readonly flags?: readonly string[];
  /** The socket that gets the listener of SCMP_ACT_NOTIFY. */
  readonly listenerPath?: string;
  /** A text that is sent there along with it. */
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
  /** `systemd` only: the release whose sets of calls were taken. */
  readonly systemdRelease?: SystemdRelease;
  /**
   * What makes some engine or runtime refuse the profile; absent if nothing does. `resolveProfile` throws for an engine
   * that refuses it, `lowerProfile` for a runtime.
   */
  readonly refusals?: readonly Problem[];
}
