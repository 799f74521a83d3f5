/**
 * libseccomp's own C tests: each call that they make of libseccomp is recorded, and made again through the binding. Results, programs
 * and pseudo filter code must be the same. What the tests' tables expect of calls must be what libseccomp's programs answer,
 * and the builtin compiler's of the same rules.
 *
 * Three tests of 2.6.1 make other filters than the Python tests of the same names, which python-tests.test.ts runs: 36, 42 and 45.
 */
import { spawnSync } from 'node:child_process';
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { encodeProgram } from '../../src/bpf/program.ts';
import { apiLevel, setApiLevel } from '../../src/libseccomp/index.ts';
import { buildProgram } from '../compile/builtin/support.ts';
import { fetchedLibraries } from '../oracle/libraries.ts';
import { describeWithClone } from '../oracle/support/clones.ts';
import { describeWith } from '../oracle/support/require.ts';
import { type Answer, answer, bindingCalls } from './support/calls-by-name.ts';
import { type Draft, policyOfDraft, tableWithNumbers } from './support/drafts.ts';
import { simRows, wrongAnswers } from './support/sim-tables.ts';

/** What is made of a release's tests, at least. */
const releases = [
  { release: '2.5.4', least: { tests: 59, calls: 38_000, bytes: 240_000, builtin: 37 } },
  { release: '2.6.1', least: { tests: 62, calls: 43_000, bytes: 280_000, builtin: 40 } },
] as const;
const CONTEXT_IS_NULL = -1;

/** A call that a test made, and what C answered. */
interface Recorded {
  readonly call: readonly [string, ...unknown[]];
  readonly result: number;
  readonly value?: string | number;
  readonly output?: string;
}

/** A test's program as its `-b` writes it, and the rules in it. */
interface Exported {
  readonly bytes: Uint8Array;
  readonly draft: Draft;
}

function run(program: string, words: readonly string[], options: object = {}): void {
  const { status, stderr } = spawnSync(program, words, { encoding: 'utf8', ...options });
  if (status !== 0) throw new Error(`${program} ${words.join(' ')}: ${status} ${stderr}`);
}

/** Builds the tests of a release. */
function buildTests(clone: string, folder: string, release: string, library: string): readonly string[] {
  mkdirSync(folder);
  run('sh', ['-c', `git -C "$0" archive v${release} tests include | tar x -C "$1"`, clone, folder]);
  const [major = '', minor = '', micro = ''] = release.split('.');
  const header = readFileSync(join(folder, 'include/seccomp.h.in'), 'utf8')
    .replace('@VERSION_MAJOR@', major)
    .replace('@VERSION_MINOR@', minor)
    .replace('@VERSION_MICRO@', micro);
  writeFileSync(join(folder, 'include/seccomp.h'), header);
  const cc = (...words: readonly string[]): void =>
    run('cc', ['-w', '-I../include', ...words], { cwd: join(folder, 'tests') });
  cc('-c', 'util.c');
  const names = readdirSync(join(folder, 'tests'))
    .filter((file) => /^\d.*\.c$/.test(file))
    .map((file) => file.replace(/\.c$/, ''));
  for (const name of names)
    cc('-o', name, `${name}.c`, 'util.o', library, `-Wl,-rpath,${join(library, '..')}`);
  return names;
}

/** Runs a test to its end, or to where it loads its filter. `way` is -b for its program, -p for pseudo filter code. */
function recordCalls(folder: string, name: string, way: string, recorder: string): readonly Recorded[] {
  const file = join(folder, 'record');
  const fd = openSync(file, 'w');
  spawnSync(`./${name}`, [way], {
    ...{ cwd: join(folder, 'tests'), env: { LD_PRELOAD: recorder, RECORD_FD: '3' } },
    stdio: ['ignore', 'ignore', 'ignore', fd],
  });
  closeSync(fd);
  const lines = readFileSync(file, 'utf8').trimEnd();
  return lines === '' ? [] : lines.split('\n').map((line) => JSON.parse(line) as Recorded);
}

/** What a test that filters itself takes: the action that its table ends with. */
function wayOf(tests: string, name: string): readonly string[] {
  if (!name.includes('-live-')) return ['-b', '-p'];
  const text = readFileSync(join(tests, `${name}.tests`), 'utf8');
  return [new RegExp(`^${name}\\s+\\d+\\s+(\\S+)`, 'm').exec(text)?.[1] ?? ''];
}

/** Whether the binding answers what C does: it may refuse, with an error of its own, what libseccomp refuses. */
function isSame({ call: [name, filter], result, value, output }: Recorded, ours: Answer): boolean {
  if (ours.usage !== undefined) return result < 0 || (filter === CONTEXT_IS_NULL && name === 'release');
  if (ours.errno !== undefined) return ours.errno === -result || (name === 'init' && result < 0);
  if (result < 0) return name === 'exist_arch' && ours.value === false;
  if (output !== undefined) {
    const hex = name === 'export_pfc' ? Buffer.from(String(ours.value)).toString('hex') : ours.value;
    return hex === output;
  }
  if (value === undefined) return name === 'exist_arch' ? ours.value === true : true;
  // C has an empty text or -1 for what it does not find.
  return ours.value === undefined || ours.value === null
    ? value === '' || value === -1
    : ours.value === value;
}

const libraries = fetchedLibraries();

for (const { release, least } of releases) {
  describeWith(['x86_64', 'cc', `libseccomp ${release}`], `libseccomp ${release}`, () => {
    const library = libraries.find(({ version }) => version === release)?.path ?? '';
    describeWithClone('seccomp/libseccomp', 'its own C tests', (_, clone) => {
      const folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-c-tests-'));
      const recorder = join(folder, 'record-calls.so');
      const source = join(folder, 'source');
      const exported = new Map<string, Exported>();
      let names: readonly string[] = [];

      beforeAll(() => {
        const code = join(import.meta.dirname, 'support/record-calls.c');
        run('cc', ['-Wall', '-Wextra', '-Werror', '-shared', '-fPIC', '-o', recorder, code, '-ldl']);
        names = buildTests(clone, source, release, library);
      });
      afterAll(() => rmSync(folder, { recursive: true, force: true }));

      it('make calls that the binding answers alike, and export the same bytes', () => {
        const level = apiLevel({ library });
        const different: string[] = [];
        let made = 0;
        let bytes = 0;
        for (const name of names) {
          for (const way of wayOf(join(source, 'tests'), name)) {
            const calls = bindingCalls(library, (draft, program) => {
              if (way === '-b') exported.set(name, { draft: { ...draft }, bytes: program });
            });
            for (const each of recordCalls(source, name, way, recorder)) {
              made += 1;
              bytes += (each.output?.length ?? 0) / 2;
              const ours = answer(calls, each.call);
              if (!isSame(each, ours))
                different.push(`${name} ${way}: ${JSON.stringify([each, ours])}`.slice(0, 400));
            }
            setApiLevel(level, { library });
          }
        }
        expect(different).toEqual([]);
        expect(names.length).toBe(least.tests);
        expect(made).toBeGreaterThan(least.calls);
        expect(bytes).toBeGreaterThan(least.bytes);
      });

      it('make filters that answer what the tables say, by libseccomp and by the builtin compiler', () => {
        const tests = [...exported.keys()].filter((name) => name.includes('-sim-'));
        const rows = tests.flatMap((name) =>
          simRows(name, readFileSync(join(source, 'tests', `${name}.tests`), 'utf8')),
        );
        const theirs = wrongAnswers(release, rows, (name) => exported.get(name)?.bytes, library);
        const table = tableWithNumbers(library);
        const made = new Map(
          tests.flatMap((name) => {
            const { draft } = exported.get(name) as Exported;
            const work = policyOfDraft(draft, table);
            if (work === undefined) return [];
            const { program, endian } = buildProgram(work);
            return [[name, encodeProgram(program, endian)] as const];
          }),
        );
        // Nested ranges with an action each contradict each other: the builtin compiler answers with another rule that matches.
        const clear = rows.filter(({ test, syscall }) => test !== '43-sim-a2_order' || syscall !== 'write');
        const ours = wrongAnswers(release, clear, (name) => made.get(name), library);
        expect([...theirs.wrong, ...ours.wrong]).toEqual([]);
        expect(Math.min(theirs.asked, ours.asked)).toBeGreaterThan(4_700);
        expect(made.size).toBe(least.builtin);
      });
    });
  });
}
