/**
 * What the library reports about itself.
 * @module
 */
import { actions } from '../abi/actions.ts';
import type { ArchName } from '../abi/architectures.ts';
import { describe } from '../abi/check-values.ts';
import { OciSeccompError } from '../errors.ts';
import { type LibraryOption, type LibraryVersion, libraryOf, nativeArch, requireVersion } from './library.ts';
import { checkResult } from './result.ts';

const MAX_API_LEVEL = 7;

/**
 * The library's version, as numbers. Wraps seccomp_version(3).
 *
 * @throws OciSeccompError `ERR_USAGE` for a wrong option; as `openLibrary`
 */
export function version(options: LibraryOption = {}): LibraryVersion {
  return libraryOf('version', options).version;
}

/**
 * The highest level of features that library and kernel have together, 1..7. Wraps seccomp_api_get(3).
 *
 * The library asks the kernel once in a process and keeps the answer, so ask before you load a filter that refuses
 * seccomp(2). It also keeps a level that {@link setApiLevel} has set.
 *
 * @throws OciSeccompError `ERR_USAGE` for a wrong option; as `openLibrary`
 * @see seccomp_api_get(3): 2 TSYNC, 3 LOG and KILL_PROCESS, 4 SSB, 5 NOTIFY, 6 TSYNC with NOTIFY, 7 WAITKILL
 */
export function apiLevel(options: LibraryOption = {}): number {
  return libraryOf('apiLevel', options).call('seccomp_api_get')() as number;
}

/**
 * Sets the level that the library takes for supported, for all filters of this process. It is meant for tests: the library no
 * longer asks the kernel. At level 1 filters are loaded by prctl(2). Wraps seccomp_api_set(3).
 *
 * @param level - 1..7; see {@link apiLevel}
 * @throws OciSeccompError `ERR_USAGE` for another level; `ERR_LIBSECCOMP` (EINVAL) if this release lacks it
 */
export function setApiLevel(level: number, options: LibraryOption = {}): void {
  if (!Number.isInteger(level) || level < 1 || level > MAX_API_LEVEL) {
    throw new OciSeccompError('ERR_USAGE', `an API level is 1..${MAX_API_LEVEL}, not ${describe(level)}`);
  }
  const library = libraryOf('setApiLevel', options);
  // It looks up the number of seccomp(2) when it asks the kernel. Without that number no filter can be loaded.
  library.call('seccomp_api_get')();
  checkResult(library.call('seccomp_api_set')(level) as number, 'seccomp_api_set', level);
}

/**
 * The architecture the library was built for. Wraps seccomp_arch_native(3).
 *
 * @throws OciSeccompError `ERR_USAGE` for a wrong option; as `openLibrary`
 */
export function systemArch(options: LibraryOption = {}): ArchName {
  return nativeArch(libraryOf('systemArch', options));
}

/**
 * Clears what the library knows about the kernel, and closes its listener, so that a second filter with NOTIFY
 * rules can get one. A child of fork(2) needs it too. {@link apiLevel} stays what it was. Wraps seccomp_reset(3) without a
 * filter.
 *
 * NOTE: a caller that waits for an answer through the closed listener gets ENOSYS, unless another process holds a copy
 * of it.
 *
 * @throws OciSeccompError `ERR_USAGE` for a wrong option; `ERR_LIBSECCOMP_TOO_OLD` before libseccomp 2.5.1; as `openLibrary`
 */
export function resetGlobalState(options: LibraryOption = {}): void {
  const library = libraryOf('resetGlobalState', options);
  requireVersion(library, 'resetGlobalState', '2.5.1');
  checkResult(library.call('seccomp_reset')(null, 0) as number, 'seccomp_reset');
  // It asks the kernel about NOTIFY only for such an action, and refuses all calls about listeners until then.
  const context = library.call('seccomp_init')(actions.notify.word) as bigint | null;
  if (context !== null && context !== 0n) library.call('seccomp_release')(context);
}
