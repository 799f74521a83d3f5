/**
 * Runs the built program as a user does.
 */
import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { HANGS_AFTER } from '../support/patience.ts';

export const root = resolve(import.meta.dirname, '../..');
export const program = resolve(root, 'dist/bin/main.cjs');

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
}

/** Runs `oci-seccomp` with a clean environment and no terminal. */
export function ociSeccomp(parameters: readonly string[], options: RunOptions = {}): Outcome {
  const { input = '', env = {}, cwd = root, node = process.execPath } = options;
  const { PATH = '' } = process.env;
  const { stdout, stderr, status, error } = spawnSync(node, [program, ...parameters], {
    cwd,
    input,
    env: { PATH, ...env },
    timeout: HANGS_AFTER,
    maxBuffer: 64 * 1024 * 1024,
  });
  if (error !== undefined) throw error;
  return { stdout: stdout.toString('utf8'), stderr: stderr.toString('utf8'), status, bytes: stdout };
}
