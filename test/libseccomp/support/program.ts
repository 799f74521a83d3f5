/**
 * Programs of this folder, run as processes of their own: what may crash or load a filter is not done in the test's.
 * @module
 */
import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { rolldown } from 'rolldown';
import { projectRoot } from '../../../tools/debian-cache.ts';
import { HANGS_AFTER } from '../../support/patience.ts';

export interface Program {
  /** Runs it to its end in a folder of its own, which is removed. */
  readonly run: (args: readonly string[], options?: RunOptions) => SpawnSyncReturns<string>;
  readonly remove: () => void;
}

export interface RunOptions {
  /** Flags of node. */
  readonly flags?: readonly string[];
  readonly timeout?: number;
}

/**
 * Bundles a TypeScript file of this folder for the node that runs the tests; Node 20 cannot strip types itself.
 *
 * @param name - without `.ts`
 */
export async function buildProgram(name: string): Promise<Program> {
  const root = projectRoot();
  // Inside the project, so that packages are found.
  const cache = join(root, '.cache', 'programs');
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, `${name}-`));
  const file = join(folder, `${name}.mjs`);
  const bundle = await rolldown({
    input: join(root, 'test', 'libseccomp', 'support', `${name}.ts`),
    platform: 'node',
    external: (id) => !/^[./]/.test(id),
    logLevel: 'warn',
  });
  await bundle.write({ file, format: 'esm', codeSplitting: false });
  await bundle.close();
  return {
    run: (args, { flags = [], timeout = HANGS_AFTER } = {}) => {
      const cwd = mkdtempSync(join(folder, 'run-'));
      // NODE_OPTIONS of the test runner's process is not meant for it.
      const { NODE_OPTIONS: _, ...env } = process.env;
      const options = {
        cwd,
        env,
        encoding: 'utf8',
        timeout,
        killSignal: 'SIGKILL',
        maxBuffer: 1 << 28,
      } as const;
      const result = spawnSync(process.execPath, [...flags, file, ...args], options);
      rmSync(cwd, { recursive: true, force: true });
      return result;
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
