/**
 * Since which kernel seccomp has each feature: one table for all callers.
 *
 * Sources: seccomp(2), seccomp_unotify(2) and prctl(2) of man-pages 6.03 ("since Linux ..."), which a test compares with
 * this table where the pages are installed. Not in those pages: TSYNC came with seccomp(2) itself (VERSIONS: 3.17);
 * TSYNC_ESRCH is commit 51891498f2da of Linux 5.7, WAIT_KILLABLE_RECV commit c2aa2dfef243 of Linux 5.19.
 * @module
 */
import type { ActionKind } from './actions.ts';
import type { InternalFlag, OciFlag } from './flags.ts';
import { frozen } from './frozen.ts';
import type { KernelVersion } from './kernel-version.ts';

function linux(kernel: number, major: number): KernelVersion {
  return { kernel, major };
}

/** The newest kernel that the tables here know: its system calls, actions and flags. */
export const NEWEST_KERNEL = frozen(linux(6, 18));

/** The first kernel with filters: prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER) on x86; other architectures came later. */
export const FILTERS_SINCE = linux(3, 5);

/** The first kernel with seccomp(2), without which there are no flags. */
export const SECCOMP_CALL_SINCE = linux(3, 17);

/** The first kernel that takes each action as what it is. */
export const actionsSince: Readonly<Record<ActionKind, KernelVersion>> = {
  killProcess: linux(4, 14),
  killThread: FILTERS_SINCE,
  trap: FILTERS_SINCE,
  errno: FILTERS_SINCE,
  notify: linux(5, 0),
  trace: FILTERS_SINCE,
  log: linux(4, 14),
  allow: FILTERS_SINCE,
};

/** The first kernel that takes each flag; older ones refuse the filter with EINVAL. */
export const flagsSince: Readonly<Record<OciFlag | InternalFlag, KernelVersion>> = {
  SECCOMP_FILTER_FLAG_TSYNC: SECCOMP_CALL_SINCE,
  SECCOMP_FILTER_FLAG_LOG: linux(4, 14),
  SECCOMP_FILTER_FLAG_SPEC_ALLOW: linux(4, 17),
  SECCOMP_FILTER_FLAG_NEW_LISTENER: linux(5, 0),
  SECCOMP_FILTER_FLAG_TSYNC_ESRCH: linux(5, 7),
  SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV: linux(5, 19),
};
