import { describe, expect, it } from 'vitest';
import {
  fetchedBinary,
  fetchedLibraries,
  fetchedPrograms,
  installedLibraries,
  installedRuntimes,
  libraryByVersion,
  skipUnless,
} from './libraries.ts';

const libraries = fetchedLibraries();
const programs = fetchedPrograms();

describe('what tools/fetch-debian.ts fetched (needs npm run fetch)', () => {
  it.skipIf(skipUnless(libraries.length > 0))(
    'holds libseccomp 2.5, 2.6.0 and a newer one, and each loads',
    () => {
      const versions = libraries.map((library) => library.version);
      expect(versions.slice(0, 2)).toEqual(['2.5.4', '2.6.0']);
      expect(versions.length).toBe(3);
      for (const library of libraries)
        expect(libraryByVersion(library.version)?.version).toBe(library.version);
    },
  );

  it.skipIf(skipUnless(programs.length > 0)).each([
    ['runc', '1.1.15'],
    ['runc', '1.'],
    ['crun', '1.21'],
    ['crun', '1.'],
  ] as const)('holds %s %s… and it runs', (name, version) => {
    const found = fetchedBinary(name, version);
    expect(found?.version).toMatch(new RegExp(`^${version.replaceAll('.', '\\.')}`));
    if (name === 'runc') expect(found?.libseccomp).toMatch(/^2\.6\./);
  });
});

describe('installedLibraries and installedRuntimes', () => {
  it.skipIf(skipUnless(installedLibraries().length > 0))('answer the same when asked again', () => {
    expect(installedLibraries()).toEqual(installedLibraries());
    expect(new Set(installedLibraries().map(({ path }) => path)).size).toBe(installedLibraries().length);
  });

  it.skipIf(skipUnless(installedRuntimes().length > 0))(
    'list this machine’s own first (needs apt-get install runc crun)',
    () => {
      const origins = installedRuntimes().map(({ origin }) => origin);
      expect(origins).toEqual([...origins].sort().reverse());
    },
  );
});
