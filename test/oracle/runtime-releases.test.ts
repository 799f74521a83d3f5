/**
 * The table of docs/runtimes.md names the releases that the tests find here and on the emulated machines, no more and no
 * fewer.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readManifest, upstreamVersion } from '../../tools/debian-cache.ts';
import { machines } from '../../tools/machines/machine-list.ts';
import { root } from '../cli/run.ts';
import { fetchedPrograms, installedRuntimes, requireAll, skipUnless } from './libraries.ts';

interface Row {
  readonly runtime: string;
  readonly release: string;
  readonly suite: string;
  readonly libseccomp: string;
  readonly machines: readonly string[];
}

const text = readFileSync(join(root, 'docs/runtimes.md'), 'utf8');
const rows: readonly Row[] = [...text.matchAll(/^\| (runc|crun) \| (.*) \|$/gm)].map(
  ([, runtime = '', rest = '']) => {
    const [release = '', suite = '', libseccomp = '', names = ''] = rest
      .split('|')
      .map((cell) => cell.trim());
    return { runtime, release, suite, libseccomp, machines: names === '' ? [] : names.split(', ') };
  },
);

describe.skipIf(skipUnless(fetchedPrograms().length > 0))('docs/runtimes.md (needs npm run fetch)', () => {
  it('names the fetched releases with their suites', () => {
    const fetched = readManifest()
      .filter((entry) => entry.package === 'runc' || entry.package === 'crun')
      .map(
        (entry) => `${entry.package} ${upstreamVersion(entry.version).replace(/\+.*/, '')} ${entry.suite}`,
      );
    const written = rows
      .filter(({ suite }) => suite === 'trixie' || suite === 'sid')
      .map(({ runtime, release, suite }) => `${runtime} ${release} ${suite}`);
    expect(written.toSorted()).toEqual(fetched.toSorted());
  });

  it('names what each program says of itself', () => {
    const found = requireAll()
      ? installedRuntimes().filter(({ origin }) => origin !== 'named')
      : fetchedPrograms();
    for (const { name, version, libseccomp } of found) {
      const row = rows.find(({ runtime, release }) => runtime === name && release === version);
      expect(row, `${name} ${version} has no row in docs/runtimes.md`).toBeDefined();
      if (libseccomp !== 'unknown') expect(row?.libseccomp, `${name} ${version}`).toBe(libseccomp);
    }
  });
});

describe('docs/runtimes.md', () => {
  it.each(rows.map((row) => [`${row.runtime} ${row.release}`, row] as const))(
    'names the machines that start containers with %s',
    (_, row) => {
      const started = machines.filter(({ programs, suite }) => (programs ?? suite) === row.suite);
      expect(row.machines.toSorted()).toEqual(started.map(({ name }) => name).toSorted());
    },
  );

  it('and docs/machines.md name the same releases', () => {
    const machine = readFileSync(join(root, 'docs/machines.md'), 'utf8');
    for (const [, name = '', runc, crun] of machine.matchAll(
      /^\| `([^`]+)` .*runc ([\d.~rc]+), crun ([\d.]+)/gm,
    )) {
      const own = rows.filter((row) => row.machines.includes(name));
      expect(own.map(({ runtime, release }) => `${runtime} ${release}`)).toEqual([
        `runc ${runc}`,
        `crun ${crun}`,
      ]);
    }
  });
});
