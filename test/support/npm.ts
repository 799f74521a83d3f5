/**
 * npm, which may ask its registry: the only program of the tests that talks to the world.
 * @module
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HANGS_AFTER } from './patience.ts';

/** Runs npm in a folder; its answer as text. */
export function npm(folder: string, ...words: readonly string[]): string {
  const { OCI_SECCOMP_TEST_CA_CERTS: certificates } = process.env;
  const env = certificates === undefined ? {} : { NODE_EXTRA_CA_CERTS: certificates };
  return execFileSync('npm', words, {
    cwd: folder,
    encoding: 'utf8',
    stdio: 'pipe',
    env: { ...process.env, ...env },
  });
}

/**
 * Packs a package and installs it into an empty folder, whose package.json has these keys. Without scripts: no
 * dependency may need one. That is done once in a run: other folders get links to the same files, which no test changes.
 */
export function installPacked(root: string, folder: string, manifest: object): void {
  const installed = once('installed-package', (made) => {
    const packed = npm(made, 'pack', root, '--ignore-scripts', '--json');
    const [{ filename }] = JSON.parse(packed) as [{ filename: string }];
    writeFileSync(join(made, 'package.json'), JSON.stringify({ private: true }));
    npm(made, 'install', `./${filename}`, '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund');
  });
  execFileSync('cp', ['-al', join(installed, 'node_modules'), folder]);
  const { dependencies } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')) as {
    dependencies: object;
  };
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, ...manifest, dependencies }));
}

/** A folder of the run (test/built-from.ts), which whoever asks first fills while others wait. */
function once(name: string, fill: (folder: string) => void): string {
  const folder = join(tmpdir(), name);
  const [done, failed] = [`${folder}.done`, `${folder}.failed`];
  try {
    mkdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    const end = Date.now() + HANGS_AFTER;
    while (!existsSync(done)) {
      if (existsSync(failed) || Date.now() > end)
        throw new Error(`${name} could not be made, as another test says`);
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
    }
    return folder;
  }
  try {
    fill(folder);
  } catch (error) {
    writeFileSync(failed, '');
    throw error;
  }
  writeFileSync(done, '');
  return folder;
}
