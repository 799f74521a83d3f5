/**
 * What importing the package costs: in modules and bytes that Node compiles, as V8 counts them, not in time. And that its
 * entry points share their modules, so that an error of one is an error of all.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { root } from './cli/run.ts';

const folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-import-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Coverage {
  readonly result: readonly { readonly url: string }[];
}

/** The files that Node compiles for a program: V8's own account, which it writes when the process ends. */
function filesOf(program: string): readonly string[] {
  const to = mkdtempSync(join(folder, 'report-'));
  execFileSync(process.execPath, ['--input-type=module', '-e', program], {
    cwd: root,
    env: { NODE_V8_COVERAGE: to },
  });
  const [report = ''] = readdirSync(to);
  const { result } = JSON.parse(readFileSync(join(to, report), 'utf8')) as Coverage;
  const files = result.flatMap(({ url }) => (url.startsWith('file:') ? [fileURLToPath(url)] : []));
  return files
    .filter((file) => file.startsWith(`${root}/`) && !file.endsWith('[eval1]'))
    .map((file) => file.slice(root.length + 1))
    .sort();
}

const sizeOf = (files: readonly string[]): number =>
  files.reduce((sum, file) => sum + readFileSync(join(root, file)).length, 0);

const ROOT_FILES = ['dist/index.js', 'dist/lib/core.js', 'dist/lib/facts.js', 'dist/lib/machine.js'];

describe('importing the root', () => {
  it('compiles four files, and no package', () => {
    const files = filesOf("await import('oci-seccomp')");
    expect(files.filter((file) => file !== 'dist/lib/rolldown-runtime.js')).toEqual(ROOT_FILES);
    expect(sizeOf(files)).toBeLessThan(464_000);
  });

  it('loads no part of Node that a program must not pay for', () => {
    const builtins = (program: string): readonly string[] =>
      execFileSync(
        process.execPath,
        ['--input-type=module', '-e', `${program}\nconsole.log(process.moduleLoadList.join('\\n'))`],
        { cwd: root, encoding: 'utf8' },
      ).split('\n');
    const before = new Set(builtins(''));
    const added = builtins("await import('oci-seccomp');").filter((each) => !before.has(each));
    expect(added.filter((each) => /child_process|crypto|worker|net|http|inspector/.test(each))).toEqual([]);
  });

  it('leaves the rest to the calls that need it', () => {
    const files = filesOf("await (await import('oci-seccomp')).lintProfile('{}')");
    expect(files).toContain('dist/lib/rules.js');
    expect(files.some((file) => file.includes('momoa'))).toBe(true);
    expect(files).not.toContain('dist/lib/native.js');
  });

  it('leaves the readers of other languages to texts in them', () => {
    const languages = (text: string) =>
      filesOf(`await (await import('oci-seccomp')).validateProfile(${JSON.stringify(text)})`).filter((file) =>
        file.endsWith('/languages.js'),
      );
    expect(languages('{"defaultAction": "SCMP_ACT_ALLOW"}')).toEqual([]);
    expect(languages('2\nallowlist\nread\n')).toEqual(['dist/lib/languages.js']);
  });
});

it('importing the compilers brings no rules of lint', () => {
  const files = filesOf("await import('oci-seccomp/compile')");
  expect(files).toContain('dist/lib/builtin.js');
  expect(files).not.toContain('dist/lib/rules.js');
});

describe('importing what needs no machine', () => {
  const pure = ['pure', 'abi', 'bpf', 'compose', 'decision', 'lint', 'oci', 'policy'];
  it.each(pure)('oci-seccomp/%s imports nothing of Node', (entry) => {
    const files = filesOf(`await import('oci-seccomp/${entry}')`);
    const own = files.filter((file) => file.startsWith('dist/'));
    expect(own.length).toBeGreaterThan(1);
    for (const file of own) {
      expect(readFileSync(join(root, file), 'utf8'), file).not.toMatch(/(?:from|import) ?["']node:/);
    }
  });

  // A bundler follows what is imported on use too: one import of Node there, and a bundle for browsers cannot be made.
  it.each(pure)('oci-seccomp/%s leads a bundler to nothing of Node', (entry) => {
    const first = join(root, 'dist', entry === 'pure' ? 'pure.js' : `${entry}/index.js`);
    const found = new Set([first]);
    for (const file of found) {
      for (const [, specifier = ''] of readFileSync(file, 'utf8').matchAll(
        /(?:from|import)\s*\(?"([^"]+)"/g,
      )) {
        expect(specifier, file).not.toMatch(/^node:|^koffi$/);
        if (specifier.startsWith('.')) found.add(join(dirname(file), specifier));
      }
    }
    expect(found.size).toBeGreaterThan(1);
  });
});

interface WithError {
  readonly OciSeccompError: new (code: string, message: string) => Error;
}

describe('an error', () => {
  const entry = (name: string): Promise<WithError> =>
    import(pathToFileURL(join(root, 'dist', name)).href) as Promise<WithError>;

  it('is of one class in every entry point that has it', async () => {
    const [first, ...others] = await Promise.all(['index.js', 'pure.js', 'libseccomp/index.js'].map(entry));
    for (const { OciSeccompError } of others) expect(OciSeccompError).toBe(first?.OciSeccompError);
  });

  it('is of that class wherever it is thrown', () => {
    const program = `
      const { OciSeccompError, compileProfile, lintProfile } = await import('oci-seccomp');
      const { readProgram } = await import('oci-seccomp/bpf');
      const { parseRuntime } = await import('oci-seccomp/policy');
      const { compilePolicy } = await import('oci-seccomp/compile');
      const { Filter, allow } = await import('oci-seccomp/libseccomp');
      const { readProcessFilters } = await import('oci-seccomp/kernel');
      const required = (await import('node:module')).createRequire(process.cwd() + '/x.js')('oci-seccomp');
      const isOurs = async (run) => {
        try { await run(); return 'nothing thrown'; } catch (error) { return error instanceof OciSeccompError; }
      };
      console.log(JSON.stringify(await Promise.all([
        isOurs(() => compileProfile('{')),
        isOurs(() => lintProfile('{}', { levels: { x: 'off' } })),
        isOurs(() => readProgram(new Uint8Array(3), { name: 'x' })),
        isOurs(() => parseRuntime('x')),
        isOurs(() => new Filter(allow(), { library: '/absent' })),
        isOurs(() => compilePolicy({ rules: [], architectures: ['x86_64'], flags: [], runtime: parseRuntime('plain') }, { library: '/absent' })),
        isOurs(() => readProcessFilters(-1)),
        required.OciSeccompError === OciSeccompError,
      ])));`;
    const stdout = execFileSync(process.execPath, ['--no-warnings', '--input-type=module', '-e', program], {
      cwd: root,
      encoding: 'utf8',
    });
    expect(JSON.parse(stdout)).toEqual(Array.from({ length: 8 }, () => true));
  });
});
