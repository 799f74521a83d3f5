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
import { askProgram, INTERRUPTED, type ProgramResult } from '../ask-program.ts';
import { attempt, trustWalk } from '../trusted-path.ts';
import { USAGE } from './client-program.ts';
import { emitClient, emitRuntimeClient } from './emit-client.ts';
import type { RuntimeClientPaths } from './runtime-program.ts';

const WHAT = 'the static client';
const MODE = 0o755;
/** The longest path that a client holds, in bytes: the client stays below 4 kB. */
const MAX_PATH = 255;
/** How much of a program's message an error quotes, in characters. */
const MAX_TOLD = 200;

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
export async function installClient(path: string): Promise<void> {
  await install(path, emitClient(machineArch()).file, async (program) => {
    // Without arguments it says how it is used.
    const ended = await askProgram(program, [], {});
    return ended.status === 1 && ended.stderr === USAGE ? undefined : reasonOf(ended);
  });
}

/**
 * Writes the static runtime wrapper in the same way, if it answers to `--version` as the real runtime does.
 *
 * The time that the real runtime may take has no limit: none is right for every machine, and one that waits does no work
 * that could be counted. `signal` ends it.
 *
 * @param signal - when it is aborted, nothing is written
 * @returns its size in bytes
 * @throws OciSeccompError as {@link installClient}; `ERR_USAGE` for a path that is too long for it; `ERR_HOOK` if the real
 *   runtime does not run, or does not end before `signal` is aborted
 */
export async function installRuntimeClient(
  path: string,
  paths: RuntimeClientPaths,
  signal?: AbortSignal,
): Promise<number> {
  const { configuration, runtime } = paths;
  requireShort('the configuration', configuration);
  requireShort('the real runtime', runtime);
  const { file } = emitRuntimeClient(machineArch(), paths);
  await install(path, file, async (program) => {
    const real = await askProgram(runtime, ['--version'], {}, signal);
    if (real.failure !== undefined) throw runtimeFails(runtime, real.failure);
    const own = await askProgram(program, ['--version'], {}, signal);
    if (signal?.aborted === true) throw runtimeFails(runtime, INTERRUPTED);
    return own.status === real.status && own.stdout === real.stdout ? undefined : reasonOf(own);
  });
  return file.length;
}

function requireShort(what: string, path: string): void {
  if (Buffer.byteLength(path) <= MAX_PATH) return;
  throw new OciSeccompError('ERR_USAGE', `the path of ${what} is longer than ${MAX_PATH} bytes: ${path}`);
}

/** @param tryOut - says why a program does not run; `undefined`: it does */
async function install(
  path: string,
  file: Uint8Array,
  tryOut: (program: string) => Promise<string | undefined>,
): Promise<void> {
  const temporary = `${dirname(path)}/.oci-seccomp-${Math.random().toString(36).slice(2)}.tmp`;
  try {
    mkdirSync(dirname(path), { recursive: true, mode: MODE });
    // In a folder such as /tmp somebody else can have made it meanwhile.
    trustWalk()(dirname(path), WHAT);
    writeProgram(temporary, file);
    const reason = await tryOut(temporary);
    if (reason !== undefined) throw doesNotRun(path, reason);
    renameSync(temporary, path);
  } catch (cause) {
    rmSync(temporary, { force: true });
    if (cause instanceof OciSeccompError) throw cause;
    throw new OciSeccompError('ERR_IO', `${WHAT} ${path} cannot be written: ${ioReason(cause)}`, { cause });
  }
}

function writeProgram(path: string, file: Uint8Array): void {
  const fd = openSync(path, 'wx', 0o700);
  try {
    writeFileSync(fd, file);
    fchmodSync(fd, MODE);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

function reasonOf({ failure, code, stderr }: ProgramResult): string {
  if (code === 'EACCES') return 'the file system permits no programs (noexec)';
  const [told = ''] = stderr.split('\n');
  return failure ?? (told === '' ? 'it does not run' : told.slice(0, MAX_TOLD));
}

function runtimeFails(runtime: string, how: string): OciSeccompError {
  return new OciSeccompError(
    'ERR_HOOK',
    `${runtime} --version ${how}, so the static wrapper was not tried and is not written`,
    {
      hint: 'name a runtime that answers to --version as "runtime" in the configuration',
    },
  );
}

function doesNotRun(path: string, reason: string): OciSeccompError {
  return new OciSeccompError('ERR_HOOK', `${WHAT} cannot be executed as ${path}: ${reason}`, {
    hint: 'name a file in another folder with --client, for instance /usr/local/libexec/oci-seccomp-hook',
  });
}
