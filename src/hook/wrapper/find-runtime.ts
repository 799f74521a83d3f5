/**
 * Where the runtime behind the wrapper is.
 * @module
 */
import { accessSync, constants, existsSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { OciSeccompError } from '../../errors.ts';

/** The configuration of the wrapper, if nobody names another one. */
export const DEFAULT_CONFIGURATION = '/etc/oci-seccomp/config.json';

/** Where programs are if nobody says: Podman, for one, calls `delete` without an environment. */
const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/**
 * Finds the real runtime.
 *
 * @param runtime - an absolute path, or a name
 * @param self - path of the wrapper, which is never the answer
 * @throws OciSeccompError `ERR_HOOK` if no runtime is found
 */
export function findRuntime(runtime: string, path: string | undefined, self: string): string {
  // The static wrapper may not be there yet.
  const own = existsSync(self) ? realpathSync(self) : self;
  const candidates = runtime.startsWith('/')
    ? [runtime]
    : (path || DEFAULT_PATH).split(':').map((folder) => join(folder === '' ? '.' : folder, runtime));
  const programs = candidates.filter(isProgram);
  const found = programs.find((candidate) => realpathSync(candidate) !== own);
  if (found !== undefined) return found;
  const what = programs.length > 0 ? 'is the wrapper itself' : 'cannot be found or executed';
  throw new OciSeccompError('ERR_HOOK', `the real runtime, '${runtime}', ${what}`, {
    hint: 'name it by its absolute path in the configuration, for instance "runtime": "/usr/bin/runc"',
  });
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
