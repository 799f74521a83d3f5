/**
 * `--timeout`: of commands that have libseccomp build a filter, and of those that ask a registry.
 * @module
 */
import type { BackendName } from '../../compile/compile-policy.ts';
import { OciSeccompError } from '../../errors.ts';

const LIBSECCOMP_TIMEOUT_MS = 10_000;

/** Reads `--timeout`, in seconds. @returns milliseconds @throws OciSeccompError `ERR_USAGE` */
export function parseTimeout(seconds: string): number {
  const value = /^\d+(?:\.\d+)?$/.test(seconds) ? Number(seconds) : 0;
  if (value > 0 && value <= 3600) return Math.ceil(value * 1000);
  throw new OciSeccompError('ERR_USAGE', `--timeout takes seconds above 0 and up to 3600, not '${seconds}'`);
}

/**
 * The time for libseccomp, in milliseconds.
 *
 * @param seconds - `undefined`: `--timeout` was not given
 * @throws OciSeccompError `ERR_USAGE` for another number, and beside the builtin compiler
 */
export function timeoutFor(seconds: string | undefined, backend: BackendName): number {
  if (seconds === undefined) return LIBSECCOMP_TIMEOUT_MS;
  if (backend === 'libseccomp') return parseTimeout(seconds);
  throw new OciSeccompError('ERR_USAGE', '--timeout is for --backend libseccomp', {
    hint: 'leave --timeout out: the builtin compiler counts its work, and always ends',
  });
}
