/**
 * Where fetched Debian packages live and what the manifest beside them says: `.cache/debian/manifest.json`, written by
 * tools/fetch-debian.ts, read by the generators and by test/oracle/libraries.ts.
 * @module
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

export interface FetchedPackage {
  readonly package: string;
  readonly suite: string;
  /** The full Debian version, `2.6.1-1+b2`. */
  readonly version: string;
  /** Below the cache directory; a root file system of the package and, for programs, all it needs. */
  readonly directory: string;
}

/** Finds the checkout: the nearest folder upwards that holds a package.json. */
export function projectRoot(): string {
  let folder = import.meta.dirname;
  while (!existsSync(join(folder, 'package.json'))) {
    if (dirname(folder) === folder) throw new Error(`no package.json above ${import.meta.dirname}`);
    folder = dirname(folder);
  }
  return folder;
}

/** The folder all fetched packages are below. */
export function debianCache(): string {
  return join(projectRoot(), '.cache', 'debian');
}

/** Reads what has been fetched and is still there; empty if nothing was. */
export function readManifest(): readonly FetchedPackage[] {
  const cache = debianCache();
  const file = join(cache, 'manifest.json');
  if (!existsSync(file)) return [];
  const entries = JSON.parse(readFileSync(file, 'utf8')) as FetchedPackage[];
  return entries.filter((entry) => existsSync(join(cache, entry.directory)));
}

/** The upstream part of a Debian version: `1:2.6.1+ds1-1+b2` is `2.6.1`. */
export function upstreamVersion(version: string): string {
  return version.replace(/^\d+:/, '').replace(/[-+~].*$/, '');
}

/**
 * Finds a file in an unpacked package by its name in the places Debian puts programs and libraries.
 *
 * @param root - the package's folder
 * @param name - a whole file name, or a pattern for one
 */
export function findUnpacked(root: string, name: string | RegExp): string | undefined {
  const folders = ['usr/sbin', 'usr/bin', 'sbin', 'bin', 'lib64', 'usr/lib64'];
  for (const lib of ['usr/lib', 'lib']) {
    if (existsSync(join(root, lib)))
      folders.push(...readdirSync(join(root, lib)).map((entry) => `${lib}/${entry}`));
  }
  for (const folder of folders) {
    let entries: string[];
    try {
      entries = readdirSync(join(root, folder));
    } catch {
      // Not every entry of lib/ is a folder.
      continue;
    }
    const found = entries.find((entry) => (typeof name === 'string' ? entry === name : name.test(entry)));
    if (found !== undefined) return join(root, folder, found);
  }
  return undefined;
}
