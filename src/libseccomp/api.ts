/**
 * What the library reports about itself.
 * @module
 */
import type { ArchName } from '../abi/architectures.ts';
import { describe } from '../abi/check-values.ts';
import { OciSeccompError } from '../errors.ts';
import { type LibraryOption, type LibraryVersion, libraryOf, nativeArch } from './library.ts';
import { checkResult } from './result.ts';

const MAX_API_LEVEL = 7;

/** The library's version, as numbers. Wraps seccomp_version(3). */
export function version(options: LibraryOption = {}): LibraryVersion {
  return libraryOf('version', options).version;
}

/**
 * The highest level of features that library and kernel have together, 1..7. Wraps seccomp_api_get(3).
 *
 * @see seccomp_api_get(3): 2 TSYNC, 3 LOG and KILL_PROCESS, 4 SSB, 5 NOTIFY, 6 TSYNC with NOTIFY, 7 WAITKILL
 */
export function apiLevel(options: LibraryOption = {}): number {
  return libraryOf('apiLevel', options).call('seccomp_api_get')() as number;
}

/**
 * Sets the level that the library takes for supported, for all filters of this process. It is meant for tests: the library no
 * longer asks the kernel. Wraps seccomp_api_set(3).
 *
 * @param level - 1..7; see {@link apiLevel}
 * @throws OciSeccompError `ERR_USAGE` for another level; `ERR_LIBSECCOMP` (EINVAL) if this release lacks it
 */
export function setApiLevel(level: number, options: LibraryOption = {}): void {
  if (!Number.isInteger(level) || level < 1 || level > MAX_API_LEVEL) {
    throw new OciSeccompError('ERR_USAGE', `an API level is 1..${MAX_API_LEVEL}, not ${describe(level)}`);
  }
  checkResult(
    libraryOf('setApiLevel', options).call('seccomp_api_set')(level) as number,
    'seccomp_api_set',
    level,
  );
}

/** The architecture the library was built for. Wraps seccomp_arch_native(3). */
export function systemArch(options: LibraryOption = {}): ArchName {
  return nativeArch(libraryOf('systemArch', options));
}

/**
 * Clears what the library knows about the kernel, and closes its listener, so that a second filter with NOTIFY
 * rules can get one. Wraps seccomp_reset(3) without a filter, since libseccomp 2.5.1.
 *
 * NOTE: a caller that waits for an answer through the closed listener gets ENOSYS, unless another process holds a copy
 * of it.
 */
export function resetGlobalState(options: LibraryOption = {}): void {
  checkResult(
    libraryOf('resetGlobalState', options).call('seccomp_reset')(null, 0) as number,
    'seccomp_reset',
  );
}
