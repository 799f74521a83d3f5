/**
 * Filter flags of seccomp(2) as profiles name them: one row a flag.
 *
 * Sources: Linux 6.18 include/uapi/linux/seccomp.h (`SECCOMP_FILTER_FLAG_*`), runtime-spec 1.3 (names).
 * @module
 */

interface FilterFlagInfo {
  readonly ociFlag: OciFlag;
  /** Bit for `seccomp(SECCOMP_SET_MODE_FILTER, flags, …)`. */
  readonly bit: number;
}

/** Flags of seccomp(2) that programs set themselves and profiles cannot name. */
export type InternalFlag = 'SECCOMP_FILTER_FLAG_NEW_LISTENER' | 'SECCOMP_FILTER_FLAG_TSYNC_ESRCH';

/**
 * A flag of seccomp(2) that a profile can set. `LOG` since Linux 4.14, `SPEC_ALLOW` since 4.17,
 * `WAIT_KILLABLE_RECV` since 5.19.
 */
export type OciFlag =
  | 'SECCOMP_FILTER_FLAG_TSYNC'
  | 'SECCOMP_FILTER_FLAG_LOG'
  | 'SECCOMP_FILTER_FLAG_SPEC_ALLOW'
  | 'SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV';

export const filterFlags = {
  SECCOMP_FILTER_FLAG_TSYNC: { ociFlag: 'SECCOMP_FILTER_FLAG_TSYNC', bit: 1 },
  SECCOMP_FILTER_FLAG_LOG: { ociFlag: 'SECCOMP_FILTER_FLAG_LOG', bit: 2 },
  SECCOMP_FILTER_FLAG_SPEC_ALLOW: { ociFlag: 'SECCOMP_FILTER_FLAG_SPEC_ALLOW', bit: 4 },
  SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV: {
    ociFlag: 'SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV',
    bit: 32,
  },
} as const satisfies Record<OciFlag, FilterFlagInfo>;

/** Bits of the {@link InternalFlag}s. */
export const internalFlagBits = {
  SECCOMP_FILTER_FLAG_NEW_LISTENER: 8,
  SECCOMP_FILTER_FLAG_TSYNC_ESRCH: 16,
} as const satisfies Record<InternalFlag, number>;

/** Flags that the kernel takes only together with something else; without it, every kernel answers EINVAL. */
export type FlagConflict = 'killable-without-listener' | 'tsync-with-listener';

/**
 * Why seccomp(2) refuses flags that it knows, or `undefined`. Not covered: WAIT_KILLABLE_RECV and TSYNC_ESRCH on kernels
 * that lack them.
 *
 * Source: Linux 6.18 kernel/seccomp.c, `seccomp_set_mode_filter`; a test asks the kernel about all combinations.
 */
export function conflictOfFlags(flags: ReadonlySet<OciFlag | InternalFlag>): FlagConflict | undefined {
  const listens = flags.has('SECCOMP_FILTER_FLAG_NEW_LISTENER');
  // Both return a number: a descriptor, or a thread that cannot follow. With TSYNC_ESRCH, a number is always a descriptor.
  if (listens && flags.has('SECCOMP_FILTER_FLAG_TSYNC') && !flags.has('SECCOMP_FILTER_FLAG_TSYNC_ESRCH'))
    return 'tsync-with-listener';
  if (!listens && flags.has('SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV')) return 'killable-without-listener';
  return undefined;
}

/** All runtime-spec flag names. */
export const ociFlags: readonly string[] = Object.keys(filterFlags);
