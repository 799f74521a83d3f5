/**
 * Files of the program that are replaced or removed, as an update does it: no run takes chunks of two builds.
 */
import { spawnSync } from 'node:child_process';
import {
  closeSync,
  constants,
  cpSync,
  mkdtempSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { chunkLoader } from '../../src/cli/start/load-chunks.ts';
import { HANGS_AFTER } from '../support/patience.ts';
import { root, searchPath } from './run.ts';

const { O_RDWR, O_NONBLOCK } = constants;

const home = mkdtempSync('/tmp/oci-seccomp-replaced-');
afterAll(() => rmSync(home, { recursive: true, force: true }));
const bin = join(home, 'bin');
beforeEach(() => cpSync(join(root, 'dist/bin'), bin, { recursive: true, preserveTimestamps: true }));

function run(words: readonly string[]) {
  const { stdout, stderr, status } = spawnSync(process.execPath, [join(bin, 'main.cjs'), ...words], {
    cwd: root,
    encoding: 'utf8',
    env: { PATH: searchPath, HOME: home },
  });
  return { stdout, stderr, status };
}

const misspelt = ['explain', 'docker-default', 'ptrase', '--arch', 'x86_64', '--kernel', '6.1'];

const changes: Readonly<Record<string, (file: string) => void>> = {
  'is of another build': (file) =>
    writeFileSync(file, readFileSync(file, 'utf8').replace(/\w+$/, '0'.repeat(16))),
  'is gone': (file) => rmSync(file),
};

describe.each(Object.entries(changes))('a chunk that %s', (what, change) => {
  it.each([
    ['that is loaded first', 'run-program.cjs'],
    ['that others start with', 'base.cjs'],
    ['that tells of a problem', 'seldom.cjs'],
  ])('ends the run, for one %s', (_, chunk) => {
    // With kept code and without.
    for (const before of [0, 2]) {
      cpSync(join(root, 'dist/bin'), bin, { recursive: true, preserveTimestamps: true });
      for (let i = 0; i < before; i += 1) expect(run(misspelt).stderr).toContain('ptrace');
      change(join(bin, chunk));
      expect(run(misspelt)).toEqual({
        stdout: '',
        stderr: `error: oci-seccomp was replaced while it ran: ${join(bin, chunk)} ${what} [ERR_IO]\n  hint: run it again; if that does not help, install it again\n`,
        status: 3,
      });
    }
  });
});

it('ends a hook whose first chunk is gone, although nobody reads standard error', () => {
  rmSync(join(bin, 'run-program.cjs'));
  const pipe = join(home, 'pipe');
  spawnSync('mkfifo', [pipe]);
  const [filler, end] = [openSync(pipe, O_RDWR | O_NONBLOCK), openSync(pipe, O_RDWR)];
  try {
    for (let i = 0; i < 16; i += 1) writeSync(filler, Buffer.alloc(4096));
    const words = [join(bin, 'main.cjs'), 'hook', 'createRuntime'];
    const how = { stdio: ['ignore', 'ignore', end], timeout: HANGS_AFTER } as const;
    expect(spawnSync(process.execPath, words, { ...how, stdio: [...how.stdio] })).toMatchObject({
      status: 3,
    });
  } finally {
    for (const fd of [filler, end]) closeSync(fd);
  }
});

describe('the loader', () => {
  const folder = mkdtempSync('/tmp/oci-seccomp-chunks-');
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const write = (name: string, body: string): void =>
    writeFileSync(join(folder, name), `(function (exports, require) { ${body} })//ID`);

  it('loads a chunk whole after it could not', () => {
    const load = chunkLoader({ folder, id: 'ID', isReadAhead: false }, undefined);
    write('one.cjs', "exports.early = 1; require('./two.cjs'); exports.late = 2;");
    for (let i = 0; i < 2; i += 1) expect(() => load('one.cjs')).toThrow(/two.cjs is gone/);
    write('two.cjs', '');
    expect(load('one.cjs')).toEqual({ early: 1, late: 2 });
  });

  it('goes on with what it has read ahead', () => {
    write('three.cjs', 'exports.build = 1;');
    const load = chunkLoader({ folder, id: 'ID', isReadAhead: true }, undefined);
    write('three.cjs', 'exports.build = 2;');
    renameSync(join(folder, 'three.cjs'), join(folder, 'four.cjs'));
    expect(load('three.cjs')).toEqual({ build: 1 });
  });
});
