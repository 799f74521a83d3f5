/**
 * A resolved profile as a runtime uses it: the input of every compiler backend, as plain values.
 * @module
 */
import type { ReturnWord } from '../abi/actions.ts';
import type { ArchName } from '../abi/architectures.ts';
import type { OciFlag } from '../abi/flags.ts';
import type { Comparison } from '../abi/operators.ts';
import type { Runtime } from './runtimes.ts';

/** One rule as the runtime hands it to libseccomp: all comparisons must hold (none: always). */
export interface PolicyRule {
  /** The name of the call. */
  readonly syscall: string;
  /** Number on the policy's first (native) architecture; below 0 a pseudo number: that architecture lacks the call. */
  readonly nr: number;
  /** All must hold. */
  readonly comparisons: readonly Comparison[];
  /** What such calls get. */
  readonly returnWord: ReturnWord;
  /** The rule of `LinuxSeccomp.syscalls` it came from; one such rule becomes one or more of these. */
  readonly origin: number;
}

/** Per audit architecture, the largest number that the profile names; runc answers ENOSYS beyond it. */
export interface EnosysSection {
  /** The word in `seccomp_data.arch`, u32. */
  readonly auditArch: number;
  /** One entry, or two where x86_64 and x32 share an audit architecture. */
  readonly limits: readonly { readonly arch: ArchName; readonly maxNr: number }[];
}

/** What a profile means: a default action, and rules in the order in which libseccomp gets them. */
export interface Policy {
  /** Who installs the filter. */
  readonly runtime: Runtime;
  /** Native first, then the profile's in its order, each once. All have the same byte order. */
  readonly architectures: readonly [ArchName, ...ArchName[]];
  /** What calls get that no rule matches. */
  readonly defaultAction: ReturnWord;
  /** What calls of any other architecture get. */
  readonly badArchAction: ReturnWord;
  /** libseccomp's `SCMP_FLTATR_CTL_OPTIMIZE`: 1 orders by priority, 2 builds a binary tree. */
  readonly optimize: 1 | 2;
  /** In the order the runtime adds them. */
  readonly rules: readonly PolicyRule[];
  /** runc's stub in front of the filter, sections in profile order; `undefined`: none. */
  readonly enosysStub: readonly EnosysSection[] | undefined;
  /** Flags of the load; they do not change the program. */
  readonly flags: readonly OciFlag[];
}

/** The table that turns names into numbers: a runtime knows the names of its library. */
export interface SyscallTable {
  /** For messages: `libseccomp 2.5.4`. */
  readonly name: string;
  /**
   * Looks up the number of a call.
   *
   * @returns the number; a pseudo number below 0 if only other architectures have the call; `undefined` if none has it
   */
  readonly resolve: (syscall: string, arch: ArchName) => number | undefined;
}
