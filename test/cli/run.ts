/**
 * Runs the built program as a user does.
 */
import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, resolve } from 'node:path';
import { HANGS_AFTER } from '../support/patience.ts';

export const root = resolve(import.meta.dirname, '../..');
export const program = resolve(root, 'dist/bin/main.cjs');

/**
 * PATH without the folders that this user may not search: execvp(3) answers EACCES because of one of them for a command
 * that is nowhere.
 */
export const searchPath: string = (process.env.PATH ?? '')
  .split(delimiter)
  .filter(isSearchable)
  .join(delimiter);

function isSearchable(folder: string): boolean {
  try {
    accessSync(folder, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

export interface Outcome {
  readonly stdout: string;
  readonly stderr: string;
  readonly status: number | null;
  readonly bytes: Buffer;
}

export interface RunOptions {
  readonly input?: string | Uint8Array;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly node?: string;
  /** Another copy of the program. */
  readonly main?: string;
}

/** Where the program keeps compiled code while tests run (test/built-from.ts). */
const { OCI_SECCOMP_TEST_CACHES } = process.env;
const caches = OCI_SECCOMP_TEST_CACHES === undefined ? {} : { XDG_CACHE_HOME: OCI_SECCOMP_TEST_CACHES };

/** Runs `oci-seccomp` with a clean environment and no terminal. */
export function ociSeccomp(parameters: readonly string[], options: RunOptions = {}): Outcome {
  const { input = '', env = {}, cwd = root, node = process.execPath, main = program } = options;
  const { stdout, stderr, status, error } = spawnSync(node, [main, ...parameters], {
    cwd,
    input,
    env: { PATH: searchPath, ...caches, ...env },
    timeout: HANGS_AFTER,
    maxBuffer: 64 * 1024 * 1024,
  });
  // EPIPE: the program had its answer before it read all of its input.
  if (error !== undefined && (error as NodeJS.ErrnoException).code !== 'EPIPE') throw error;
  return { stdout: stdout.toString('utf8'), stderr: stderr.toString('utf8'), status, bytes: stdout };
}
