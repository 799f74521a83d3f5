/**
 * The form of the tables of names in this folder.
 * @module
 */
import type { ArchName } from '../architectures.ts';

/** Names that belong together because one argument takes them. */
export interface NameSet {
  /** Headers that define the names: of the kernel (include/uapi), or of the C library. */
  readonly headers: readonly string[];
  /** The kernel does not export these names; the headers are the C library's. */
  readonly libc?: true;
  /** The only architectures that have these names; all by default. */
  readonly archs?: readonly ArchName[];
  /** What is stored if not the constant itself: a C expression, `%` standing for the name. */
  readonly expression?: string;
  /** Values on x86_64, as C integers. Of two names with one value the first is printed. */
  readonly values: Readonly<Record<string, number>>;
  readonly differs?: readonly NameDifference[];
}

export interface NameDifference {
  readonly archs: readonly ArchName[];
  /** The values these architectures have instead; null for names that they lack. */
  readonly values: Readonly<Record<string, number | null>>;
}
