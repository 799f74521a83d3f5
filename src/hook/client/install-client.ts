/**
 * Puts the static client into a folder: whole or not at all, and only if it runs there.
 * @module
 */
import {
  closeSync,
  fchmodSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
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
import { USAGE } from './client-program.ts';
import { emitClient, emitRuntimeClient } from './emit-client.ts';
import type { RuntimeClientPaths } from './runtime-program.ts';

const WHAT = 'the static client';
const MODE = 0o755;
/** Of a path that stands in a client, in bytes: with it, the client stays below 4 kB. */
const MAX_PATH = 255;

/**
 * Checks the place of a client. It runs as root, so only root may be able to write it.
 *
 * @throws OciSeccompError `ERR_USAGE` for a path that is not absolute; `ERR_HOOK` for a symbolic link, something that is
 *   not a file, or a folder that others can write
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
  trustWalk()(found === undefined ? nearestThatIsThere(dirname(path)) : path, WHAT);
}

/** A folder that is not there is made in this one. */
function nearestThatIsThere(folder: string): string {
  const found = attempt(folder, WHAT, () => lstatSync(folder, { throwIfNoEntry: false }));
  return found === undefined ? nearestThatIsThere(dirname(folder)) : folder;
}

/**
 * Writes the client of hooks for this machine, mode 0755, and owned by who runs this. A folder that is not there is made.
 *
 * @throws OciSeccompError `ERR_IO` if it cannot be written; `ERR_HOOK` if it does not run there, or if the
 *   project has no client for this architecture. The file that was there is unchanged then
 */
export function installClient(path: string): void {
  install(path, emitClient(machineArch()).file, (program) => {
    // Without arguments it says how it is used.
    const { status, stderr, error } = call(program);
    return status === 1 && stderr === USAGE ? undefined : reasonOf(error);
  });
}

/**
 * Writes the static runtime wrapper in the same way.
 *
 * @returns its size in bytes
 * @throws OciSeccompError as {@link installClient}; `ERR_USAGE` for a path that is too long for it
 */
export function installRuntimeClient(path: string, paths: RuntimeClientPaths): number {
  for (const [what, each] of [
    ['the configuration', paths.configuration],
    ['the real runtime', paths.runtime],
  ] as const) {
    if (Buffer.byteLength(each) <= MAX_PATH) continue;
    throw new OciSeccompError('ERR_USAGE', `the path of ${what} is longer than ${MAX_PATH} bytes: ${each}`);
  }
  const { file } = emitRuntimeClient(machineArch(), paths);
  install(path, file, (program) => {
    const [own, real] = [program, paths.runtime].map((each) => call(each, '--version'));
    const isSame = own?.status === real?.status && own?.stdout === real?.stdout;
    return isSame ? undefined : reasonOf(own?.error);
  });
  return file.length;
}

/** @param tryOut - says why a program does not run; `undefined`: it does */
function install(path: string, file: Uint8Array, tryOut: (program: string) => string | undefined): void {
  const temporary = `${dirname(path)}/.oci-seccomp-${Math.random().toString(36).slice(2)}.tmp`;
  try {
    mkdirSync(dirname(path), { recursive: true, mode: MODE });
    // In a folder such as /tmp somebody else can have made it meanwhile.
    trustWalk()(dirname(path), WHAT);
    const fd = openSync(temporary, 'wx', 0o700);
    try {
      writeFileSync(fd, file);
      fchmodSync(fd, MODE);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    const reason = tryOut(temporary);
    if (reason !== undefined) throw doesNotRun(path, reason);
    renameSync(temporary, path);
  } catch (cause) {
    rmSync(temporary, { force: true });
    if (cause instanceof OciSeccompError) throw cause;
    throw new OciSeccompError('ERR_IO', `${WHAT} ${path} cannot be written: ${ioReason(cause)}`, { cause });
  }
}

function call(program: string, ...args: readonly string[]) {
  const { spawnSync } = process.getBuiltinModule('node:child_process');
  return spawnSync(program, args, { stdio: ['ignore', 'pipe', 'pipe'], env: {}, encoding: 'latin1' });
}

function reasonOf(error: Error | undefined): string {
  const { code } = (error ?? {}) as NodeJS.ErrnoException;
  return code === 'EACCES' ? 'the file system permits no programs (noexec)' : (code ?? 'it does not run');
}

function doesNotRun(path: string, reason: string): OciSeccompError {
  return new OciSeccompError('ERR_HOOK', `${WHAT} cannot be executed as ${path}: ${reason}`, {
    hint: 'name a file in another folder with --client, for instance /usr/local/libexec/oci-seccomp-hook',
  });
}
