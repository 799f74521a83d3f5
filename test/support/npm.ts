/**
 * npm, which may ask its registry: the only program of the tests that talks to the world.
 * @module
 */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

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
 * dependency may need one.
 */
export function installPacked(root: string, folder: string, manifest: object): void {
  const packed = npm(folder, 'pack', root, '--ignore-scripts', '--json');
  const [{ filename }] = JSON.parse(packed) as [{ filename: string }];
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, ...manifest }));
  npm(folder, 'install', `./${filename}`, '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund');
}
