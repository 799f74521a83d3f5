/**
 * `--timeout` of the commands that have libseccomp build a filter.
 * @module
 */
import { OciSeccompError } from '../../errors.ts';

/** Reads `--timeout`, in seconds. @returns milliseconds @throws OciSeccompError `ERR_USAGE` */
export function parseTimeout(seconds: string): number {
  const value = Number(seconds);
  if (Number.isFinite(value) && value > 0 && value <= 3600) return Math.ceil(value * 1000);
  throw new OciSeccompError('ERR_USAGE', `--timeout takes seconds above 0 and up to 3600, not '${seconds}'`);
}
