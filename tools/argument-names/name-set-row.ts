/**
 * What tools/generate-argument-names.ts is told about a set of names; the values are the headers'.
 * @module
 */
import type { ArchName } from '../../src/abi/architectures.ts';
import type { NameDifference } from '../../src/abi/argument-names/name-sets.ts';

/** Names that belong together because one argument takes them. */
export interface NameSetRow {
  readonly id: string;
  /** Headers that define the names: of the kernel (include/uapi), or of the C library. */
  readonly headers: readonly string[];
  /** The kernel does not export these names: the headers are this machine's C library's, for all architectures. */
  readonly libc?: true;
  /** The only architectures that have these names; all by default. */
  readonly archs?: readonly ArchName[];
  /** What is stored if not the constant itself: a C expression, `%` standing for the name. */
  readonly expression?: string;
  /** Separated by white space. Of two names with one value the first is printed. */
  readonly names: string;
  /** What the headers that are read here do not tell, and why. */
  readonly overrides?: { readonly reason: string; readonly differs: readonly NameDifference[] };
}
