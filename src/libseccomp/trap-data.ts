/**
 * Data of TRAP (`SCMP_ACT_TRAPX`). Releases up to 2.6.1 refuse it.
 * @module
 */
import { actions } from '../abi/actions.ts';
import { OciSeccompError } from '../errors.ts';
import type { Action } from './action.ts';
import { formatVersion, type Library } from './library.ts';

const answers = new WeakMap<Library, boolean>();

/** Asks the library by starting a filter with such an action; releases up to 2.6.1 refuse it. */
function takesTrapData(library: Library): boolean {
  const known = answers.get(library);
  if (known !== undefined) return known;
  const context = library.call('seccomp_init')(actions.trap.word | 1) as bigint | null;
  const takes = context !== null && context !== 0n;
  if (takes) library.call('seccomp_release')(context);
  answers.set(library, takes);
  return takes;
}

/** @throws OciSeccompError `ERR_LIBSECCOMP_TOO_OLD` for TRAP with data where the library does not take it */
export function requireTrapData(library: Library, action: Action): void {
  if (action.kind !== 'trap' || action.data === 0 || takesTrapData(library)) return;
  const found = formatVersion(library.version);
  throw new OciSeccompError('ERR_LIBSECCOMP_TOO_OLD', `libseccomp ${found} takes no data with TRAP`, {
    hint: 'use trap() without data, or a library that has SCMP_ACT_TRAPX',
    details: { asked: 'SCMP_ACT_TRAPX', minimum: 'a release after 2.6.1', found },
  });
}
