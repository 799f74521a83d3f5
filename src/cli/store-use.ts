/**
 * What a store cannot be used with.
 * @module
 */
import { OciSeccompError } from '../errors.ts';

/** What libseccomp makes of rules only libseccomp can say, so nothing of it is kept. */
export function noStoreOfLibseccomp(): OciSeccompError {
  return new OciSeccompError(
    'ERR_USAGE',
    '--store keeps programs of the builtin compiler, not of libseccomp',
    {
      hint: 'leave --backend libseccomp out, or leave --store out',
    },
  );
}
