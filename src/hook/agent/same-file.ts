/**
 * Does a path name the same file for a client as for the agent? With the same root folder it mostly does. But a runtime
 * can be in a mount namespace of its own, where something else is mounted on a part of the path.
 *
 * The namespaces themselves cannot be compared: the unit gives the agent one of its own.
 *
 * Below /proc a path can mean another file for each process, although the parts are the same files: `self` is a link that
 * the kernel answers by who asks. No path leads through there, so that the agent never looks at itself for a client.
 *
 * Source: proc(5).
 * @module
 */
import { type BigIntStats, lstatSync } from 'node:fs';
import { OciSeccompError } from '../../errors.ts';
import { isInProc } from '../../kernel/proc-file-system.ts';
import { attempt, walkPath } from '../trusted-path.ts';

/**
 * Looks at each part of a path from both sides.
 *
 * @param pid - of a process that lives and has the same root folder
 * @param path - absolute
 * @param what - what the file is to the reader of a message: `the profile`
 * @returns the path without symbolic links
 * @throws OciSeccompError `ERR_HOOK` for two files, or a path through /proc; `ERR_IO` if the path does not lead anywhere
 */
export function requireSameFile(pid: number, path: string, what: string): string {
  return walkPath(path, what, (part): BigIntStats => {
    const ours = attempt(part, what, () => lstatSync(part, { bigint: true }));
    if (ours.isDirectory() && attempt(part, what, () => isInProc(part))) {
      throw new OciSeccompError(
        'ERR_HOOK',
        `${what} ${path} cannot be looked at by the agent: it is below ${part}, where paths mean another file for each process`,
        { hint: 'name it by a path that does not lead through /proc' },
      );
    }
    // All parts in front are the same folders: there is no link on the way.
    const theirs = seenBy(pid, part);
    if (theirs?.ino === ours.ino && theirs.dev === ours.dev) return ours;
    throw new OciSeccompError(
      'ERR_HOOK',
      `${what} ${path} is another file for the runtime than for the agent: they see different mounts at ${part}`,
      {
        hint: 'start an agent where the runtime runs, or use the hook or oci-seccomp-runtime without an agent',
      },
    );
  });
}

function seenBy(pid: number, path: string): BigIntStats | undefined {
  try {
    return lstatSync(`/proc/${pid}/root${path}`, { bigint: true });
  } catch {
    return undefined;
  }
}
