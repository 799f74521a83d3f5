/**
 * The folder of the agent's socket: whoever can write it can put another socket in the place of the agent's.
 * @module
 */
import { lstatSync } from 'node:fs';
import { OciSeccompError } from '../../errors.ts';
import { isAbsolutePath } from '../absolute-path.ts';
import { attempt, requireTrusted, trustWalk } from '../trusted-path.ts';

const WHAT = "the folder of the agent's socket";

/**
 * Checks it. A sticky folder such as /tmp is not enough: while no agent runs, anybody could make the socket there.
 *
 * @param folder - absolute
 * @returns its path without links
 * @throws OciSeccompError `ERR_HOOK` if others than root and the own user can write it; `ERR_IO` if it is not there
 */
export function requireTrustedSocketFolder(folder: string): string {
  const real = trustWalk()(folder, WHAT);
  const { uid, mode } = attempt(real, WHAT, () => lstatSync(real));
  requireTrusted(real, { uid, mode: mode & ~0o1000 }, WHAT, [0, process.geteuid?.() ?? 0]);
  return real;
}

/** @throws OciSeccompError `ERR_USAGE` for what cannot be the path of a socket */
export function requireSocketPath(path: string, maximum: number): void {
  if (isAbsolutePath(path) && Buffer.byteLength(path) <= maximum) return;
  throw new OciSeccompError(
    'ERR_USAGE',
    `the socket of the agent is named by an absolute path of at most ${maximum} bytes, not '${path}'`,
  );
}
