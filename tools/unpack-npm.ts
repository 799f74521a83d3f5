/**
 * Packages of npm, unpacked and not installed.
 * @module
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './debian-apt.ts';
import { projectRoot } from './debian-cache.ts';

/**
 * Downloads a package and unpacks it into a folder. Of several versions that a range names, it takes the newest.
 *
 * @param name - `name@version`, or `name@range`
 * @param parts - what is taken out of the package; all if there is none
 */
export function unpackNpm(name: string, target: string, parts: readonly string[]): void {
  mkdirSync(target, { recursive: true });
  const packed = run('npm', ['pack', name, '--json', '--pack-destination', target], projectRoot());
  const versions = JSON.parse(packed) as { filename: string; version: string }[];
  const { filename } = versions
    .toSorted((a, b) => a.version.localeCompare(b.version, 'en', { numeric: true }))
    .at(-1) as { filename: string };
  const members = parts.map((part) => `package/${part}`);
  execFileSync('tar', ['-xzf', join(target, filename), '-C', target, '--strip-components=1', ...members]);
  for (const each of versions) rmSync(join(target, each.filename));
}
