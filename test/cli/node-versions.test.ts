/**
 * The built program on other releases of Node (tools/fetch-node.ts).
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
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
