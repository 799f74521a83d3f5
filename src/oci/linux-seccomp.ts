/**
 * runtime-spec's `linux.seccomp`, resolved: the input of an OCI runtime. Keys and their meaning are the
 * specification's (runtime-spec 1.3, config-linux.md#seccomp); only u64 values are `bigint`.
 * @module
 */
import type { Problem } from './problems.ts';

/** A comparison of an argument. */
export interface LinuxSeccompArg {
  /** Argument, 0..5. */
  readonly index: number;
  /** u64. */
  readonly value: bigint;
  /** u64; only `SCMP_CMP_MASKED_EQ` looks at it. */
  readonly valueTwo?: bigint;
  /** `SCMP_CMP_*`. */
  readonly op: string;
}

/** A rule: calls that get an action if all comparisons hold. */
export interface LinuxSyscall {
  /** Names of system calls. */
  readonly names: readonly string[];
  /** `SCMP_ACT_*`. */
  readonly action: string;
  /** u32. */
  readonly errnoRet?: number;
  /** The comparisons, of different arguments; several of one argument are alternatives for libseccomp-golang. */
  readonly args?: readonly LinuxSeccompArg[];
}

/** The object `linux.seccomp` of a bundle's config.json. */
export interface LinuxSeccomp {
  /** What calls get that no rule matches, `SCMP_ACT_*`. */
  readonly defaultAction: string;
  /** u32. */
  readonly defaultErrnoRet?: number;
  /** Further architectures of the filter, `SCMP_ARCH_*`; runtimes add the native one. */
  readonly architectures?: readonly string[];
  /** Absent and empty differ: runtimes add SPEC_ALLOW only when the key is absent. */
  readonly flags?: readonly string[];
  /** The socket that gets the listener of SCMP_ACT_NOTIFY. */
  readonly listenerPath?: string;
  /** A text that is sent there along with it. */
  readonly listenerMetadata?: string;
  /** The rules. */
  readonly syscalls?: readonly LinuxSyscall[];
  /** Not of the specification, and never written: what makes some runtime refuse the profile that this came from. */
  readonly refusals?: readonly Problem[];
}
