/**
 * runtime-spec's `linux.seccomp`, resolved: what an OCI runtime is handed. Keys and their meaning are the
 * specification's (runtime-spec 1.3, config-linux.md#seccomp); only u64 values are `bigint`.
 * @module
 */

import type { Problem } from './problems.ts';

export interface LinuxSeccompArg {
  /** Argument, 0..5. */
  readonly index: number;
  /** u64. */
  readonly value: bigint;
  /** u64; only `SCMP_CMP_MASKED_EQ` looks at it. */
  readonly valueTwo?: bigint;
  readonly op: string;
}

export interface LinuxSyscall {
  readonly names: readonly string[];
  readonly action: string;
  /** u32. */
  readonly errnoRet?: number;
  readonly args?: readonly LinuxSeccompArg[];
}

export interface LinuxSeccomp {
  readonly defaultAction: string;
  /** u32. */
  readonly defaultErrnoRet?: number;
  readonly architectures?: readonly string[];
  /** Absent and empty differ: runtimes add SPEC_ALLOW only when the key is absent. */
  readonly flags?: readonly string[];
  readonly listenerPath?: string;
  readonly listenerMetadata?: string;
  readonly syscalls?: readonly LinuxSyscall[];
  /** Not of the specification, and never written: what makes some runtime refuse the profile that this came from. */
  readonly refusals?: readonly Problem[];
}
