/**
 * What a trial of a profile (--observe) cannot be used with.
 * @module
 */
import type { BackendName } from '../compile/compile-policy.ts';
import { OciSeccompError } from '../errors.ts';

/**
 * Refuses a trial beside an option that asks for something else.
 *
 * @throws OciSeccompError `ERR_USAGE`
 */
export function requireTrial(strict: boolean, backend: BackendName | undefined): void {
  if (strict) {
    throw new OciSeccompError('ERR_USAGE', '--strict and --observe exclude each other', {
      hint: '--observe denies nothing, so there is nothing to be strict about; try the profile first, then use --strict',
    });
  }
  if (backend === 'libseccomp') {
    throw new OciSeccompError(
      'ERR_USAGE',
      '--observe is for the builtin compiler: libseccomp refuses rules that have the default action',
      { hint: 'leave --backend libseccomp out' },
    );
  }
}
