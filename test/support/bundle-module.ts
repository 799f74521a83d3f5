/**
 * One module of src/ with all that it imports, as a file that Node runs: for tests that look at another process.
 * @module
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { rolldown } from 'rolldown';
import { afterAll } from 'vitest';

const root = resolve(import.meta.dirname, '../..');

/**
 * Bundles a module; the file is removed after the tests of the file that asked.
 *
 * @param source - its path below src/
 * @returns the path of the bundle, which lies in the package, where its packages are found
 */
export async function bundleModule(source: string): Promise<string> {
  const folder = mkdtempSync(join(root, 'dist', '.module-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const build = await rolldown({
    input: join(root, 'src', source),
    platform: 'node',
    external: (id) => !/^[./]/.test(id),
    logLevel: 'silent',
  });
  const file = join(folder, 'module.mjs');
  await build.write({ file, format: 'esm', codeSplitting: false });
  await build.close();
  return file;
}
