/**
 * The cache of compiled code (SECURITY.md): it changes no answer, and it is taken only from where nobody else can write.
 */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { program, root, searchPath } from './run.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync('/tmp/oci-seccomp-code-');
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const isRoot = process.getuid?.() === 0;
const cache = (): string => join(home, '.cache/oci-seccomp');

function run(words: readonly string[], env: Readonly<Record<string, string>> = {}, main = program) {
  const { stdout, stderr, status, signal } = spawnSync(process.execPath, [main, ...words], {
    cwd: root,
    encoding: 'utf8',
    env: { PATH: searchPath, HOME: home, ...env },
  });
  return { stdout, stderr, status, signal };
}

const words = ['resolve', 'docker-default', '--kernel', '6.1', '--arch', 'x86_64'];
/** No program of it comes with the package: V8's settings change before one is made (cli/start/optimize-later.ts). */
const making = [
  'compile',
  'fixtures/profiles/good/oci-alternatives.json',
  '--backend',
  'builtin',
  '--format',
  'asm',
  '-q',
];
const files = (): readonly string[] => (existsSync(cache()) ? readdirSync(cache()).sort() : []);
/** What the file says of itself. */
const chunksOf = (file: string): readonly string[] =>
  [...readFileSync(join(cache(), file), 'latin1').matchAll(/"([\w-]+\.c?js)":\{"size"/g)].map(
    ([, name = '']) => name,
  );
const runsOf = (file: string): number =>
  Number(/"runs":(\d+)/.exec(readFileSync(join(cache(), file), 'latin1'))?.[1]);

describe('compiled code', () => {
  it('imports packages as code does that Node loads, without a warning', () => {
    const folder = ['validate', 'fixtures/profiles/good'];
    const first = run(folder);
    expect(first.status).toBe(0);
    expect(first.stderr).not.toMatch(/warning/i);
    for (let again = 0; again < 3; again++) expect(run(folder)).toEqual(first);
    expect(files()).toEqual([expect.stringMatching(/^validate-/)]);
  });

  it.each([
    ['resolve', words, /^resolve-[0-9a-f]{8}\.code$/],
    ['compile', making, /^compile-file-[0-9a-f]{8}\.code$/],
  ])('is kept for %s, for the user alone, and changes no answer', (_, words, name) => {
    const first = run(words);
    const [file = ''] = files();
    expect(files()).toEqual([expect.stringMatching(name)]);
    expect(statSync(cache()).mode & 0o777).toBe(0o700);
    expect(statSync(join(cache(), file)).mode & 0o777).toBe(0o600);
    expect(runsOf(file)).toBe(1);
    // More runs only add to it if V8 took what was there; then the file is left.
    expect(run(words)).toEqual(first);
    expect(runsOf(file)).toBe(2);
    run(words);
    const written = statSync(join(cache(), file)).ino;
    expect(run(words)).toEqual(first);
    expect(statSync(join(cache(), file)).ino).toBe(written);
  });

  it('keeps the chunks of other options', () => {
    run(words);
    const [file = ''] = files();
    const chunks = chunksOf(file);
    expect(chunks.length).toBeGreaterThan(5);
    run([...words, '--format', 'nonsense']);
    run(['resolve', '--json', ...words.slice(1)]);
    // Not their bytes: V8 keeps what it has compiled by then, and that differs from run to run.
    expect(chunksOf(file)).toEqual(expect.arrayContaining([...chunks]));
  });

  it('is not used for a chunk that was changed since', () => {
    const bin = join(home, 'bin');
    cpSync(join(root, 'dist/bin'), bin, { recursive: true });
    const first = run(words, {}, join(bin, 'main.cjs'));
    expect(chunksOf(files()[0] ?? '')).toContain('run-program.cjs');
    const chunk = join(bin, 'run-program.cjs');
    const source = readFileSync(chunk, 'utf8');
    writeFileSync(chunk, source.replace('{', '{process.stderr.write("changed\\n");'));
    expect(run(words, {}, join(bin, 'main.cjs'))).toEqual({ ...first, stderr: `changed\n${first.stderr}` });
  });

  it.each(['a byte of the code', 'its end', 'everything'])('is not used if %s is damaged', (what) => {
    const first = run(words);
    const [file = ''] = files();
    const path = join(cache(), file);
    for (let i = 0; i < (what === 'a byte of the code' ? 12 : 1); i += 1) {
      const bytes = readFileSync(path);
      const at = Math.floor((bytes.length * (i + 0.5)) / 12);
      if (what === 'a byte of the code') bytes.writeUInt8(bytes.readUInt8(at) ^ 0x10, at);
      const cut = what === 'its end' ? bytes.subarray(0, bytes.length - 8) : bytes;
      writeFileSync(path, what === 'everything' ? Buffer.alloc(bytes.length) : cut);
      expect(run(words)).toEqual(first);
      expect(runsOf(file), `byte ${at}`).toBe(1);
    }
  });

  it('loses what a killed writer left, but not what another may still write', () => {
    mkdirSync(cache(), { recursive: true, mode: 0o700 });
    const left = (name: string, hours: number): void => {
      const time = Date.now() / 1000 - hours * 3600;
      writeFileSync(join(cache(), name), '');
      utimesSync(join(cache(), name), time, time);
    };
    left('.lint-0.code.x.tmp', 2);
    left('.lint-0.code.y.tmp', 0);
    left('lint-0.code', 29 * 24);
    left('lint-1.code', 31 * 24);
    run(words);
    expect(files()).toEqual(['.lint-0.code.y.tmp', 'lint-0.code', expect.stringMatching(/^resolve-/)]);
  });

  it('is not kept where it is turned off, for a hook, or after a mistake', () => {
    expect(run(words, { OCI_SECCOMP_NO_COMPILE_CACHE: '1' }).status).toBe(0);
    expect(run(words, { NODE_DISABLE_COMPILE_CACHE: '1' }).status).toBe(0);
    expect(run(['resolve', '--nonsense']).status).toBe(2);
    expect(run(['hook', 'createRuntime', '--profile', 'docker-default']).status).not.toBe(0);
    expect(files()).toEqual([]);
  });

  it('is kept nowhere without a folder for caches, in a home that is not there, or below a relative path', () => {
    expect(run(words, { HOME: '' }).status).toBe(0);
    expect(run(words, { HOME: 'home', XDG_CACHE_HOME: 'cache' }).status).toBe(0);
    expect(existsSync(join(root, 'cache'))).toBe(false);
    // Debian's users without a home have one that must not be there: /nonexistent.
    expect(run(words, { HOME: join(home, 'none') }).status).toBe(0);
    expect(existsSync(join(home, 'none'))).toBe(false);
    // The root folder is the home of processes that have none.
    const atRoot = existsSync('/.cache/oci-seccomp');
    expect(run(words, { HOME: '/' }).status).toBe(0);
    expect(existsSync('/.cache/oci-seccomp')).toBe(atRoot);
    expect(run(words, { XDG_CACHE_HOME: join(home, 'xdg') }).status).toBe(0);
    expect(existsSync(join(home, 'xdg/oci-seccomp'))).toBe(true);
  });
});

/** Ways in which somebody else could have put code there; each is made after a run that wrote a good cache. */
const attacks: Readonly<Record<string, () => void>> = {
  'the folder can be written by all': () => chmodSync(cache(), 0o777),
  'the folder can be written by a group': () => chmodSync(cache(), 0o770),
  'a folder above can be written by all': () => chmodSync(join(home, '.cache'), 0o777),
  'the home can be written by a group': () => chmodSync(home, 0o775),
  'the file can be written by all': () => chmodSync(join(cache(), files()[0] ?? ''), 0o666),
};
const attacksOfOwners: Readonly<Record<string, () => void>> = {
  'the folder belongs to another user': () => chownSync(cache(), 12345, 12345),
  'the home belongs to another user': () => chownSync(home, 12345, 12345),
  'the file belongs to another user': () => chownSync(join(cache(), files()[0] ?? ''), 12345, 12345),
  'the folder is a link of another user': () => {
    const real = join(home, 'real');
    mkdirSync(real);
    for (const file of files()) writeFileSync(join(real, file), readFileSync(join(cache(), file)));
    rmSync(cache(), { recursive: true });
    symlinkSync(real, cache());
    spawnSync('chown', ['-h', '12345', cache()]);
  },
};

describe('compiled code is not read if', () => {
  const cases = { ...attacks, ...(isRoot ? attacksOfOwners : {}) };
  it.each(Object.keys(cases))('%s', (name) => {
    const first = run(words);
    const [file = ''] = files();
    run(words);
    expect(runsOf(file)).toBe(2);
    cases[name]?.();
    expect(run(words)).toEqual(first);
    // Read, it would be at 3 now. A file that is not trusted is replaced in a folder that is: then it is at 1.
    const isOfFile = name.startsWith('the file');
    expect(runsOf(file)).toBe(isOfFile ? 1 : 2);
  });
});
