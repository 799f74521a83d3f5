/**
 * Test programs that run in a process of their own.
 * @module
 */
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { rolldown } from 'rolldown';
import { projectRoot } from '../../../tools/debian-cache.ts';

export interface Bundle {
  readonly file: string;
  readonly remove: () => void;
}

/**
 * Bundles a TypeScript file for the node that runs the tests, readable for every user; Node 20 cannot strip types.
 *
 * @param path - from the project's root
 */
export async function bundleProgram(path: string): Promise<Bundle> {
  const root = projectRoot();
  // Inside the project, so that packages are found.
  const cache = join(root, '.cache', 'programs');
  mkdirSync(cache, { recursive: true });
  const name = basename(path, '.ts');
  const folder = mkdtempSync(join(cache, `${name}-`));
  chmodSync(folder, 0o755);
  const file = join(folder, `${name}.mjs`);
  const external = (id: string): boolean => !/^[./]/.test(id);
  const bundle = await rolldown({ input: join(root, path), platform: 'node', external, logLevel: 'warn' });
  await bundle.write({ file, format: 'esm', codeSplitting: false });
  await bundle.close();
  return { file, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
