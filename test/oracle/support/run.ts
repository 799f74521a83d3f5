/**
 * Starts commands directly and through `oci-seccomp run`, in the same way.
 * @module
 */
import { type SpawnSyncOptions, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { actions } from '../../../src/abi/actions.ts';
import { ociSeccomp, program } from '../../cli/run.ts';
import { HANGS_AFTER } from '../../support/patience.ts';

/** What the wrapper's words in front of a command look like. */
export type Wrap = (...command: readonly string[]) => readonly [string, ...string[]];

export const directly: Wrap = (...command) => command as unknown as readonly [string, ...string[]];

/** `oci-seccomp run OPTIONS -- command` */
export function underRun(...options: readonly string[]): Wrap {
  return (...command) => [process.execPath, program, 'run', ...options, '--', ...command];
}

export interface Ended {
  readonly stdout: string;
  readonly stderr: string;
  readonly status: number | null;
  readonly signal: string | null;
}

/** Runs a command to its end. */
export function end(command: readonly [string, ...string[]], options: SpawnSyncOptions = {}): Ended {
  const all = { timeout: HANGS_AFTER, maxBuffer: 1 << 28, input: '', ...options };
  const { stdout, stderr, status, signal, error } = spawnSync(command[0], command.slice(1), all);
  if (error !== undefined) throw error;
  return { stdout: String(stdout ?? ''), stderr: String(stderr ?? ''), status, signal };
}

/** A folder with a compiled filter, so that many runs need not compile. */
export interface Filters {
  readonly folder: string;
  readonly dockerDefault: string;
  /** Writes a profile. @returns its path */
  readonly profile: (name: string, content: unknown) => string;
  readonly remove: () => void;
}

/** Nothing is made before it is asked for: a suite of which no test is selected leaves nothing behind. */
export function makeFilters(): Filters {
  let made: string | undefined;
  const filters: Filters = {
    get folder() {
      made ??= mkdtempSync(join(tmpdir(), 'oci-seccomp-run-'));
      return made;
    },
    get dockerDefault() {
      const path = join(filters.folder, 'docker-default.bpf');
      if (existsSync(path)) return path;
      const { status, stderr } = ociSeccomp(['compile', 'docker-default', '-q', '-o', path]);
      if (status !== 0) throw new Error(stderr);
      return path;
    },
    profile: (name, content) => {
      const path = join(filters.folder, name);
      writeFileSync(path, JSON.stringify(content));
      return path;
    },
    remove: () => {
      if (made !== undefined) rmSync(made, { recursive: true, force: true });
    },
  };
  return filters;
}

/** All calls allowed but some. */
export function denying(
  names: readonly string[],
  action: 'errno' | 'killProcess' = 'errno',
): Record<string, unknown> {
  const { ociAction } = actions[action];
  return { defaultAction: 'SCMP_ACT_ALLOW', syscalls: [{ names, action: ociAction }] };
}
