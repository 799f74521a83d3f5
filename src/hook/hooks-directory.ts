/**
 * The file that a hooks directory holds: whether Podman and CRI-O read it, and whether others can change it.
 *
 * Source: oci-hooks(5); what Podman 4.3.1 does with files and links of all kinds is in test/oracle/hook-podman.test.ts.
 * @module
 */
import { existsSync, lstatSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { OciSeccompError } from '../errors.ts';
import { attempt, trustWalk } from './trusted-path.ts';

const WHAT = 'the configuration of the hook';

/**
 * Checks the place of a hook's configuration before it is written. A device or a pipe, such as /dev/stdout, is no place
 * that is read from later.
 *
 * @param path - relative to the working folder or absolute; folders that are not there will be made
 * @throws OciSeccompError `ERR_USAGE` for a name that Podman passes over without a word: containers would run without
 *   the hook; `ERR_HOOK` for a symbolic link, which it passes over as soon as it leads nowhere, and for a place that
 *   others can write; `ERR_IO`
 */
export function requireHooksFile(path: string): void {
  const whole = path.startsWith('/') ? path : `${process.cwd()}/${path}`;
  const found = attempt(whole, WHAT, () => lstatSync(whole, { throwIfNoEntry: false }));
  const end = attempt(whole, WHAT, () => statSync(whole, { throwIfNoEntry: false }));
  if (end?.isFIFO() === true || path.startsWith('/dev/')) return;
  if (!path.endsWith('.json')) {
    const name = path === '' || end?.isDirectory() === true ? 'oci-seccomp' : '';
    throw new OciSeccompError('ERR_USAGE', `Podman ignores '${path}': the name does not end in .json`, {
      hint: `-o ${name === '' || /^$|\/$/.test(path) ? path : `${path}/`}${name}.json`,
    });
  }
  if (found?.isSymbolicLink() === true) {
    throw new OciSeccompError(
      'ERR_HOOK',
      `${path} is a symbolic link: if its target is missing, Podman starts containers without the hook`,
      { hint: 'remove the link, so that the file itself is in the hooks directory' },
    );
  }
  trustWalk()(found === undefined ? nearestFolder(whole) : whole, WHAT);
}

/** The folder that is there already, of those above a file. */
function nearestFolder(path: string): string {
  for (let at = dirname(path); ; at = dirname(at)) if (at === '/' || existsSync(at)) return at;
}
