/**
 * The built program on other releases of Node (tools/fetch-node.ts).
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { skipUnless } from '../oracle/libraries.ts';
import { ociSeccomp, program, root, searchPath } from './run.ts';

const cache = join(root, '.cache/node');
const majors = existsSync(cache) ? readdirSync(cache).filter((name) => /^\d+$/.test(name)) : [];

describe('this Node', () => {
  it('is one the package supports', () => {
    expect(Number(process.versions.node.split('.')[0])).toBeGreaterThanOrEqual(20);
  });

  it('is told apart from a broken installation where it forbids native code', () => {
    const explain = (...options: readonly string[]) =>
      spawnSync(process.execPath, [...options, program, 'explain', 'docker-default', 'clone'], {
        encoding: 'utf8',
        env: { PATH: searchPath },
      });
    expect(explain().status).toBe(0);
    const { status, stderr } = explain('--no-addons');
    expect([status, stderr]).toEqual([
      3,
      'error: koffi, which calls C libraries from Node, cannot be loaded [ERR_FFI]\n' +
        '  hint: Node forbids native code here: leave --no-addons out, or give --allow-addons with --permission\n',
    ]);
  });
});

// As Debian 12's 18.20.4 is, of which npm only warns.
describe('a Node that is too old', () => {
  const folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-old-node-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const preload = join(folder, 'old.cjs');
  writeFileSync(preload, 'delete process.getBuiltinModule;');
  const onOld = (file: string, words: readonly string[], env = {}) =>
    spawnSync(process.execPath, ['-r', preload, file, ...words], {
      encoding: 'utf8',
      env: { PATH: searchPath, ...env },
    });

  it.each([[['doctor']], [['compile', 'docker-default']], [['run', '--', 'true']]])(
    '%j says which one is needed, and no defect',
    (words) => {
      const { status, stdout, stderr } = onOld(program, words);
      expect({ status, stdout }).toEqual({ status: 3, stdout: '' });
      expect(stderr).toBe(
        `error: oci-seccomp needs Node 20.19, or 22.12 and newer: this is ${process.version}, ${process.execPath}\n`,
      );
    },
  );

  it('keeps a hook from letting a container start, and says so', () => {
    const { status, stderr } = onOld(program, ['hook', 'precreate', '--profile', 'docker-default']);
    expect(status).not.toBe(0);
    expect(stderr).not.toContain('defect');
  });
});

describe.skipIf(skipUnless(majors.length > 0))('another Node (needs npm run fetch)', () => {
  it('was fetched', () => expect(majors.length).toBeGreaterThan(0));

  it.each(majors)('%s gives the same programs and messages', (major) => {
    const node = join(cache, major, 'bin/node');
    for (const command of [
      ['compile', 'docker-default', '--kernel', '6.1', '-q'],
      ['compile', 'podman-default', '--kernel', '6.1', '-q', '--runtime', 'crun', '--format', 'asm'],
      ['compile', 'fixtures/cli/endless.json', '--timeout', '0.5'],
      ['resolve', 'podman-default', '--kernel', '6.1'],
      ['validate', 'fixtures/cli/mistakes.json', '--format', 'json'],
      ['syscalls', 'openat'],
      ['diff', 'docker-default', 'podman-default'],
    ]) {
      const here = ociSeccomp(command);
      const there = ociSeccomp(command, { node });
      expect({ ...there, bytes: there.bytes.toString('hex') }).toEqual({
        ...here,
        bytes: here.bytes.toString('hex'),
      });
    }
  });
});
