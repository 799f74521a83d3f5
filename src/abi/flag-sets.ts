/**
 * Arguments of which some flags are known and the other bits are not: `any:CLONE_NEWUSER,CLONE_NEWNS`.
 * @module
 */

/** All values of an argument in which some flags are set, or are not; other bits may be anything. */
export interface FlagSet {
  /** `any`: at least one of the flags is set. `all`: each is. `none`: none is. */
  readonly how: 'any' | 'all' | 'none';
  /** The bits of each flag, within the lower 32; most have one. */
  readonly flags: readonly bigint[];
  /** As it was written. */
  readonly text: string;
}

/** What is known of an argument: its value, or flags of it; `undefined`: nothing. */
export type KnownArgument = bigint | FlagSet | undefined;

/** Whether a value stands for flags, and not for one number. */
export function isFlagSet(value: KnownArgument): value is FlagSet {
  return typeof value === 'object';
}

/** The value, if one number is known. */
export function exactValue(value: KnownArgument): bigint | undefined {
  return isFlagSet(value) ? undefined : value;
}
