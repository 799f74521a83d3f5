/**
 * Filter flags of seccomp(2) as profiles name them: one row a flag.
 *
 * Sources: Linux 6.18 include/uapi/linux/seccomp.h (`SECCOMP_FILTER_FLAG_*`), runtime-spec 1.3 (names).
 * @module
 */

export interface FilterFlagInfo {
  readonly ociFlag: OciFlag;
  /** Bit for `seccomp(SECCOMP_SET_MODE_FILTER, flags, …)`. */
  readonly bit: number;
}

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

/** All runtime-spec flag names. */
export const ociFlags: readonly string[] = Object.keys(filterFlags);
