/**
 * `record`: what it sees, compared with strace(1), and what runs under the profile that it writes.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ociSeccomp, root, searchPath } from '../cli/run.ts';
import { describeWith } from './support/require.ts';

const folder = mkdtempSync(join(tmpdir(), 'record-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** As ociSeccomp() has them: what a program calls depends on its environment and its standard input. */
const surroundings = { cwd: root, input: '', env: { PATH: searchPath } };

/** Deterministic commands: what they print depends on nothing that changes between two runs. */
const commands: Readonly<Record<string, readonly string[]>> = {
  true: ['true'],
  shell: ['sh', '-c', 'for i in 1 2 3; do echo $i; done | sort -r; (exit 3)'],
  coreutils: [
    'sh',
    '-c',
    'ls /etc/passwd; stat -c %F /etc; date -u -d @0; sleep 0.01; head -c 8 /dev/zero | wc -c',
  ],
  python: [
    'python3',
    '-c',
    'import threading, hashlib; t = threading.Thread(target=print, args=(1,)); t.start(); t.join()',
  ],
};

function stracedNames(words: readonly string[]): readonly string[] {
  const log = join(folder, 'strace.txt');
  spawnSync('strace', ['-f', '-qq', '-o', log, ...words], surroundings);
  const names = readFileSync(log, 'utf8').matchAll(/^\d+ +(?:<\.\.\. )?([a-z0-9_]+)[( ]/gm);
  return [...new Set([...names].map(([, name = '']) => name))].sort();
}

describeWith(['strace', 'built'], 'record', () => {
  it.each(Object.entries(commands))('sees what strace sees: %s', (_, words) => {
    const recorded = ociSeccomp(['record', '-q', '--list', '-o', join(folder, 'list'), '--', ...words]);
    const names = readFileSync(join(folder, 'list'), 'utf8').trim().split('\n');
    // A thread that must wait for another calls futex, and need not.
    const without = (all: readonly string[]): readonly string[] => all.filter((name) => name !== 'futex');
    expect(without(names)).toEqual(without(stracedNames(words)));
    expect(recorded.stderr).toBe('');
  });

  it.each(Object.entries(commands))('writes a profile under which it does the same: %s', (_, words) => {
    const profile = join(folder, 'profile.json');
    const recorded = ociSeccomp(['record', '-q', '-o', profile, '--', ...words]);
    const [program = '', ...args] = words;
    const plain = spawnSync(program, args, { ...surroundings, encoding: 'utf8' });
    expect(recorded).toMatchObject({ stdout: plain.stdout, status: plain.status });
    const under = ociSeccomp(['run', '--profile', profile, '--', ...words]);
    expect(under).toMatchObject({ stdout: plain.stdout, stderr: plain.stderr, status: plain.status });
  });
});

describe('record', () => {
  it('says what it cannot run, as shells do', () => {
    expect(ociSeccomp(['record', '--', '/nonexistent/program'])).toMatchObject({ status: 127, stdout: '' });
    expect(ociSeccomp(['record', '--', '/etc'])).toMatchObject({ status: 126, stdout: '' });
    expect(ociSeccomp(['record'])).toMatchObject({ status: 2 });
  });
});
