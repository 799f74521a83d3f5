/**
 * libseccomp's own Python tests, run twice: with its own Python module, and with one whose calls are made by the binding
 * (support/python/module/seccomp.py). Programs and pseudo filter code must be the same bytes, and what the tests expect of calls
 * (their `bpf-sim` tables) must be what our programs answer. The builtin compiler's programs of the same rules are proven equal to
 * libseccomp's. The tests are fetched, from Debian's source package.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import type { Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeProgram } from '../../src/bpf/program.ts';
import { proveProgram } from '../../src/compile/prove.ts';
import { debianCache, projectRoot, readManifest } from '../../tools/debian-cache.ts';
import { buildProgram, faultOf } from '../compile/builtin/support.ts';
import { fetchedLibraries, skipUnless } from '../oracle/libraries.ts';
import { type Draft, policyOfDraft, tableWithNumbers } from './support/drafts.ts';
import { servePython } from './support/python-server.ts';
import { simRows, wrongAnswers } from './support/sim-tables.ts';

const PYTHON = '/usr/bin/python3';
/** The release that Debian 12's python3-seccomp is linked with. */
const MODULE = '2.5.4';
const support = join(projectRoot(), 'test/libseccomp/support/python');
const hasModule = spawnSync(PYTHON, ['-c', 'import seccomp'], { stdio: 'ignore' }).status === 0;
const suites = readManifest()
  .filter((entry) => entry.package === 'src:libseccomp')
  .map((entry) => ({ version: entry.version, folder: join(debianCache(), entry.directory) }));
const libraries = fetchedLibraries();

interface Outcome {
  readonly name: string;
  readonly status: number;
  readonly output: string;
}

/** Tests that print a filter, and those that only succeed or fail; `live` ones filter themselves. */
function namesOf(folder: string, kind: 'sim' | 'basic'): readonly string[] {
  return readdirSync(folder)
    .filter((file) => new RegExp(`^\\d+-${kind}-.*\\.py$`).test(file))
    .map((file) => file.replace(/\.py$/, ''))
    .filter((name) => !/\.load\(/.test(readFileSync(join(folder, `${name}.py`), 'utf8')));
}

async function runTests(
  folder: string,
  way: string,
  names: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<ReadonlyMap<string, Outcome>> {
  const child = spawn(PYTHON, [join(support, 'run-tests.py'), folder, way, ...names], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { PATH: process.env.PATH ?? '', PYTHONDONTWRITEBYTECODE: '1', ...env },
  });
  const outcomes = new Map<string, Outcome>();
  for await (const line of createInterface({ input: child.stdout })) {
    const outcome = JSON.parse(line) as Outcome;
    outcomes.set(outcome.name, outcome);
  }
  return outcomes;
}

const present = hasModule && suites.length > 0 && libraries.length > 0 && process.arch === 'x64';
const needs = present ? '' : ' [skipped, needs apt-get install python3-seccomp, npm run fetch, x86_64]';

describe.skipIf(skipUnless(present))(`libseccomp's own Python tests${needs}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-python-'));
  let server: Server | undefined;
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('were fetched', () => {
    expect(suites.map(({ version }) => version)).toContain('2.5.4');
    for (const suite of suites) expect(namesOf(suite.folder, 'sim').length).toBeGreaterThan(35);
  });

  describe.each(libraries)('with libseccomp $version', ({ version, path }) => {
    const socket = join(folder, `${version}.sock`);
    const ours = { PYTHONPATH: join(support, 'module'), OCI_SECCOMP_PYTHON_SERVER: socket };
    const exported: (readonly [Draft, Uint8Array])[] = [];
    beforeAll(async () => {
      server = servePython(socket, path, (draft, bytes) => void exported.push([draft, bytes]));
      await once(server, 'listening');
    });
    afterAll(() => void server?.close());

    // Debian's module is linked statically with the libseccomp of its release.
    const oldest = suites.find((suite) => suite.version === MODULE) ?? { folder: '' };

    const itsOwn = version === MODULE ? [['-b'], ['-p']] : [];
    it.each(itsOwn)('%s: the same bytes', async (way) => {
      const names = namesOf(oldest.folder, 'sim');
      const expected = await runTests(oldest.folder, way, names, {});
      const found = await runTests(oldest.folder, way, names, ours);
      const printed = [...expected.values()].filter(({ output }) => output !== '').length;
      expect(printed).toBeGreaterThan(35);
      expect([...found.values()]).toEqual([...expected.values()]);
    });

    it.each(itsOwn.slice(0, 1))('%s: the tests without a filter end alike', async () => {
      const names = namesOf(oldest.folder, 'basic');
      const expected = await runTests(oldest.folder, '', names, {});
      const found = await runTests(oldest.folder, '', names, ours);
      expect(names.length).toBeGreaterThan(4);
      expect([...found.values()]).toEqual([...expected.values()]);
    });

    it.each(suites.filter((suite) => suite.version <= version))(
      'calls get what the tables of $version say',
      async (suite) => {
        const names = namesOf(suite.folder, 'sim');
        const found = await runTests(suite.folder, '-b', names, ours);
        expect([...found.values()].filter(({ status }) => status !== 0)).toEqual([]);
        const rows = names.flatMap((name) =>
          simRows(name, readFileSync(join(suite.folder, `${name}.tests`), 'utf8')),
        );
        const programOf = (name: string): Uint8Array => Buffer.from(found.get(name)?.output ?? '', 'hex');
        const { wrong, asked } = wrongAnswers(suite.version, rows, programOf, path);
        expect(asked).toBeGreaterThan(4_500);
        expect(wrong).toEqual([]);
      },
    );

    // What a policy cannot say is left out: rules for some architectures of a filter only, and the number -1.
    const newest = version === libraries.at(-1)?.version ? [version] : [];
    it.each(newest)('the builtin compiler means what %s does, proven', () => {
      const faults: object[] = [];
      const table = tableWithNumbers(path);
      let proven = 0;
      for (const [draft, bytes] of exported) {
        const work = policyOfDraft(draft, table);
        if (work === undefined) continue;
        proven += 1;
        const made = buildProgram(work);
        const theirs = decodeProgram(bytes, made.endian);
        const proof = proveProgram({ ...work, table, program: theirs, endian: made.endian });
        const fault = faultOf(work, made) ?? proof.counterexample;
        if (fault !== undefined) faults.push({ rules: draft.rules, fault });
      }
      expect(exported.length).toBeGreaterThan(35);
      expect(exported.length - proven).toBeLessThan(6);
      expect(faults).toEqual([]);
    });
  });
});
