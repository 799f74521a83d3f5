/**
 * What releases of systemd print of their sets: this machine's, and those of fetched packages, each run as a plain program with
 * the libraries of its suite.
 * @module
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { debianCache, findUnpacked, readManifest } from './debian-cache.ts';
import type { PrintedSets } from './systemd-sets.ts';

export function ownSets(): PrintedSets {
  return print('systemd-analyze', []);
}

/** The sets of the fetched packages, as far as these are still there. */
export function fetchedSets(): readonly PrintedSets[] {
  const roots = readManifest()
    .filter((entry) => entry.package === 'systemd')
    .map(({ directory }) => join(debianCache(), directory));
  return roots.filter((root) => existsSync(root)).map(printUnpacked);
}

function printUnpacked(root: string): PrintedSets {
  const program = findUnpacked(root, 'systemd-analyze');
  const loader = findUnpacked(root, /^ld-linux[-.].*\.so\.\d+$/);
  const library = findUnpacked(root, /^libc\.so\.6$/);
  if (program === undefined || loader === undefined || library === undefined) {
    throw new Error(`${root} lacks systemd-analyze or its C library`);
  }
  // libsystemd-shared stands in a folder of its own.
  const folders = [dirname(library)];
  for (const lib of [join(root, 'usr/lib'), dirname(library)]) {
    for (const name of existsSync(lib) ? readdirSync(lib) : [])
      if (name === 'systemd') folders.push(join(lib, name));
  }
  return print(loader, ['--library-path', folders.join(':'), program]);
}

function print(command: string, words: readonly string[]): PrintedSets {
  const run = (word: string): string =>
    execFileSync(command, [...words, word], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  return { version: run('--version'), listing: run('syscall-filter') };
}
