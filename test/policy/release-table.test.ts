/** The names of releases of libseccomp, held against the libraries and the tables that the releases have. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { allArchitectures, architectures } from '../../src/abi/architectures.ts';
import { allSyscallNames } from '../../src/abi/syscall-numbers.ts';
import { openLibrary } from '../../src/libseccomp/library.ts';
import { librarySyscallTable } from '../../src/libseccomp/syscall.ts';
import { releaseTable, tableReleases } from '../../src/policy/release-table.ts';
import { projectRoot, readManifest } from '../../tools/debian-cache.ts';
import { renderTableReleases } from '../../tools/table-releases.ts';
import { fetchedLibraries, skipUnless } from '../oracle/libraries.ts';

/** Debian's 2.5.4 knows more names than the release. */
const nameOf = (version: string) => (version === '2.5.4' ? '2.5.4-1+deb12u1' : version);
const libraries = fetchedLibraries();

describe.skipIf(skipUnless(libraries.length > 0))('the table of a release (needs npm run fetch)', () => {
  it.each(libraries)(
    '$version: gives each name the number that the library gives it',
    ({ version, path }) => {
      const [own, theirs] = [releaseTable(nameOf(version)), librarySyscallTable(openLibrary(path))];
      for (const { name: arch } of allArchitectures) {
        if (newerThan(architectures[arch].since, version)) {
          for (const table of [own, theirs]) {
            expect(() => table.resolve('read', arch)).toThrowError(
              expect.objectContaining({ code: 'ERR_LIBSECCOMP_TOO_OLD' }),
            );
          }
          continue;
        }
        const answers = (table: typeof own) =>
          Object.fromEntries(allSyscallNames().map((name) => [name, table.resolve(name, arch)]));
        expect(answers(own), arch).toEqual(answers(theirs));
      }
    },
  );

  it('takes the version of Debian’s package as the one that was fetched', () => {
    const bookworm = readManifest().find(
      ({ package: name, suite }) => name === 'libseccomp2' && suite === 'bookworm',
    );
    expect(tableReleases).toContain(bookworm?.version);
  });
});

describe('a release', () => {
  it.each([
    ['close_range', '2.5.1', '2.5.2'],
    ['set_mempolicy_home_node', '2.5.3', '2.5.4'],
    ['fchmodat2', '2.5.4', '2.5.5'],
    ['mseal', '2.5.5', '2.5.6'],
    ['listns', '2.6.0', '2.6.1'],
  ])('knows %s not in %s but in %s', (name, before, since) => {
    expect(releaseTable(before).resolve(name, 'x86_64')).toBeUndefined();
    expect(releaseTable(since).resolve(name, 'x86_64')).toBeGreaterThan(0);
  });

  it.each(['2.4.4', '2.7.0', 'newest', '', 'constructor'])('%j is not known', (release) => {
    expect(() => releaseTable(release)).toThrowError(expect.objectContaining({ code: 'ERR_USAGE' }));
  });
});

const clone =
  process.env.OCI_SECCOMP_LIBSECCOMP_CLONE ?? join(projectRoot(), '.cache/repositories/libseccomp');

describe.skipIf(!existsSync(clone))('the stored tables and the releases', () => {
  it('are what tools/generate-table-releases.ts writes, but for its form', () => {
    const stored = readFileSync(join(projectRoot(), 'src/abi/table-releases.generated.ts'), 'utf8');
    const values = (text: string) =>
      text
        .replace(/'\s*\+\s*'|\s+/g, ' ')
        .replace(/ +/g, ' ')
        .replaceAll(' ', '');
    expect(values(stored)).toBe(values(renderTableReleases(clone)));
    expect(execFileSync('git', ['-C', clone, 'tag', '-l', 'v2.6.1'], { encoding: 'utf8' })).toBe('v2.6.1\n');
  });
});

function newerThan(since: string, version: string): boolean {
  return since.localeCompare(version, 'en', { numeric: true }) > 0;
}
