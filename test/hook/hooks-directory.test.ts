/**
 * Where a hook's configuration may be written: what Podman would pass over, or others could change, is refused. That
 * Podman does pass over it is tried in test/oracle/hook-podman.test.ts.
 */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { requireHooksFile } from '../../src/hook/hooks-directory.ts';
import { root } from '../cli/run.ts';
import { describeWith } from '../oracle/support/require.ts';
import { HANGS_AFTER } from '../support/patience.ts';

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'oci-seccomp-hooks-d-')));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const at = (...names: readonly string[]): string => join(folder, ...names);

for (const [name, mode] of [
  ['safe', 0o755],
  ['open', 0o777],
  ['sticky', 0o1777],
  ['sub', 0o755],
] as const) {
  mkdirSync(at(name));
  chmodSync(at(name), mode);
}
writeFileSync(at('safe/old.json'), '{}');
writeFileSync(at('safe/open.json'), '{}');
chmodSync(at('safe/open.json'), 0o666);
symlinkSync(at('safe/old.json'), at('safe/link.json'));
symlinkSync('nowhere', at('safe/dangling.json'));
symlinkSync('self.json', at('safe/self.json'));
symlinkSync(at('open'), at('safe/to-open'));
spawnSync('mkfifo', [at('safe/pipe.json')]);

describe('requireHooksFile', () => {
  it.each([
    'safe/new.json',
    'safe/old.json',
    'safe/not/there/yet.json',
    'safe/.hidden.json',
    'sticky/new.json',
  ])('takes %s', (name) => {
    expect(() => requireHooksFile(at(name))).not.toThrow();
  });

  it.each(['/dev/stdout', '/dev/null'])('takes %s, which nobody reads later', (path) => {
    expect(() => requireHooksFile(path)).not.toThrow();
  });

  it.each([
    ['a name that Podman does not read', 'safe/new', /does not end in \.json/, at('safe/new.json')],
    ['letters in capitals', 'safe/new.JSON', /does not end in \.json/, 'new.JSON.json'],
    ['a folder', 'safe', /does not end in \.json/, at('safe/oci-seccomp.json')],
    ['a link to a good file', 'safe/link.json', /is a symbolic link/, 'remove the link'],
    ['a link that leads nowhere', 'safe/dangling.json', /is a symbolic link/, 'remove the link'],
    ['a link to itself', 'safe/self.json', /./, ''],
    [
      'a folder that all can write',
      'open/new.json',
      /others can write \S+\/open \(mode 0777\)/,
      'chmod go-w',
    ],
    ['a new folder in one that all can write', 'open/a/b.json', /others can write \S+\/open /, 'chmod go-w'],
    ['such a folder behind a link', 'safe/to-open/new.json', /others can write \S+\/open /, 'chmod go-w'],
    ['a file that all can write', 'safe/open.json', /others can write \S+\/open\.json/, 'chmod go-w'],
    ['a file in the place of a folder', 'safe/old.json/new.json', /is not a directory/, ''],
  ])('refuses %s', (_, name, message, hint) => {
    expect(() => requireHooksFile(at(name))).toThrow(
      expect.objectContaining({
        message: expect.stringMatching(message),
        ...(hint === '' ? {} : { hint: expect.stringContaining(hint) }),
      }),
    );
  });
});

const cli = join(root, 'dist/bin/main.cjs');
const words = [cli, 'hook', 'config', '--profile', 'docker-default', '-o'];

describeWith(['root', 'built'], 'hook config -o', () => {
  it('ends at a pipe that nobody reads', () => {
    const { status, stderr } = spawnSync(process.execPath, [...words, at('safe/pipe.json')], {
      encoding: 'utf8',
      timeout: HANGS_AFTER,
    });
    expect(stderr).toMatch(/cannot write .*pipe\.json: it is a pipe that nobody has opened.* \[ERR_IO\]/);
    expect(status).toBe(3);
  });
});

describeWith(['root', 'built', 'strace'], 'hook config -o, killed', () => {
  const file = at('sub/hook.json');
  const names = (): readonly string[] => readdirSync(at('sub'));

  it.each([
    ['fchown', 1, 'old'],
    ['fchmod', 1, 'old'],
    ['fsync', 1, 'old'],
    ['rename', 1, 'old'],
    ['fsync', 2, 'new'],
  ])('leaves a whole file: at %s %i the %s one', (call, nth, expected) => {
    rmSync(at('sub'), { recursive: true, force: true });
    expect(spawnSync(process.execPath, [...words, file]).status).toBe(0);
    const whole = readFileSync(file, 'utf8');
    writeFileSync(file, 'old');
    const kill = ['-f', '-qq', '-o', '/dev/null', '-e', `inject=${call}:signal=KILL:when=${nth}`];
    spawnSync('strace', [...kill, process.execPath, ...words, file], { timeout: HANGS_AFTER });
    expect(readFileSync(file, 'utf8')).toBe(expected === 'old' ? 'old' : whole);
    // What it leaves is not read as a hook, and is in nobody's way.
    expect(names().filter((name) => name !== 'hook.json')).toEqual(
      expected === 'old' ? [expect.stringMatching(/^\.oci-seccomp-.*\.tmp$/)] : [],
    );
    expect(spawnSync(process.execPath, [...words, file]).status).toBe(0);
    expect(readFileSync(file, 'utf8')).toBe(whole);
  });
});
