/**
 * Puts the static client into a folder: whole or not at all, and only if it runs there.
 * @module
 */
import {
  closeSync,
  fchmodSync,
  fsyncSync,
  lstatSync,
  openSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { OciSeccompError } from '../../errors.ts';
import { machineArch } from '../../kernel/this-machine.ts';
import { ioReason } from '../../pipeline/files.ts';
import { attempt, trustWalk } from '../trusted-path.ts';
import { messageBytes } from './client-program.ts';
import { emitClient } from './emit-client.ts';

const WHAT = 'the static client';
const MODE = 0o755;

/**
 * Checks the place of a client. It runs as root, so only root may be able to write it.
 *
 * @throws OciSeccompError `ERR_USAGE` for a path that is not absolute; `ERR_HOOK` for a symbolic link, something that is
 *   not a file, or a folder that others can write; `ERR_IO` if the folder is not there
 */
export function requireClientPlace(path: string): void {
  if (!path.startsWith('/') || path.endsWith('/')) {
    throw new OciSeccompError('ERR_USAGE', `--client takes the absolute path of a file, not '${path}'`);
  }
  const found = attempt(path, WHAT, () => lstatSync(path, { throwIfNoEntry: false }));
  if (found !== undefined && !found.isFile()) {
    throw new OciSeccompError('ERR_HOOK', `${path} is there already, and is not a file`, {
      hint: 'remove it, or name another file with --client',
    });
  }
  trustWalk()(found === undefined ? dirname(path) : path, WHAT);
}

/**
 * Writes the client for this machine, mode 0755, and owned by who runs this.
 *
 * @throws OciSeccompError `ERR_IO` if it cannot be written; `ERR_HOOK` if it does not run there, or if the
 *   project has no client for this architecture. The file that was there is unchanged then
 */
export function installClient(path: string): void {
  const { file } = emitClient(machineArch());
  const temporary = `${dirname(path)}/.oci-seccomp-${Math.random().toString(36).slice(2)}.tmp`;
  try {
    const fd = openSync(temporary, 'wx', 0o700);
    try {
      writeFileSync(fd, file);
      fchmodSync(fd, MODE);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    requireRuns(temporary, path);
    renameSync(temporary, path);
  } catch (cause) {
    rmSync(temporary, { force: true });
    if (cause instanceof OciSeccompError) throw cause;
    throw new OciSeccompError('ERR_IO', `${WHAT} ${path} cannot be written: ${ioReason(cause)}`, { cause });
  }
}

/** Without arguments it says how it is used. */
function requireRuns(program: string, path: string): void {
  const { spawnSync } = process.getBuiltinModule('node:child_process');
  const { error, status, stderr } = spawnSync(program, [], { stdio: ['ignore', 'ignore', 'pipe'], env: {} });
  if (status === 1 && stderr.equals(messageBytes('usage'))) return;
  const { code } = (error ?? {}) as NodeJS.ErrnoException;
  const reason =
    code === 'EACCES' ? 'the file system permits no programs (noexec)' : (code ?? 'it does not run');
  throw new OciSeccompError('ERR_HOOK', `${WHAT} cannot be executed as ${path}: ${reason}`, {
    hint: 'name a file in another folder with --client, for instance /usr/local/libexec/oci-seccomp-hook',
  });
}
