/**
 * Options of `run` and of hooks that cannot be given together.
 * @module
 */
import type { BackendName } from '../../compile/compile-policy.ts';
import { OciSeccompError } from '../../errors.ts';

/** The error for `--store` with libseccomp: another release of the library could compile the rules otherwise. */
export function noStoreOfLibseccomp(): OciSeccompError {
  return new OciSeccompError(
    'ERR_USAGE',
    '--store keeps programs of the builtin compiler, not of libseccomp',
    { hint: 'leave --backend libseccomp out, or leave --store out' },
  );
}

/**
 * Refuses a trial (--observe) beside an option that asks for something else.
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
