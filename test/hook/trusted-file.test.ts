import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readTrustedFile, readTrustedFileIn } from '../../src/hook/trusted-file.ts';
import { describeWith } from '../oracle/support/require.ts';

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'oci-seccomp-trusted-')));
const home = join(folder, 'profiles');

beforeAll(() => {
  mkdirSync(join(home, 'web'), { recursive: true });
  mkdirSync(join(folder, 'profiles-other'));
  mkdirSync(join(home, 'open'));
  for (const path of [
    'a.json',
    'web/b.json',
    'open/c.json',
    'writable.json',
    '../outside.json',
    '../profiles-other/o.json',
    '.hidden',
  ])
    writeFileSync(join(home, path), path, { mode: 0o644 });
  chmodSync(join(home, 'writable.json'), 0o664);
  chmodSync(join(home, 'open'), 0o757);
  symlinkSync('a.json', join(home, 'within.json'));
  symlinkSync('../outside.json', join(home, 'out.json'));
  symlinkSync('../profiles-other', join(home, 'other'));
  symlinkSync('loop.json', join(home, 'loop.json'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();

describe('a file of a trusted folder', () => {
  it.each([
    ['a.json', 'a.json'],
    ['web/b.json', 'web/b.json'],
    ['within.json', 'a.json'],
  ])('%s is read', (name, content) => {
    expect(text(readTrustedFileIn(home, name, 'the profile').bytes)).toBe(content);
  });

  it.each([
    ['../outside.json', 'ERR_HOOK'],
    ['web/../../outside.json', 'ERR_HOOK'],
    ['/etc/passwd', 'ERR_HOOK'],
    ['./a.json', 'ERR_HOOK'],
    ['web//b.json', 'ERR_HOOK'],
    ['.hidden', 'ERR_HOOK'],
    ['', 'ERR_HOOK'],
    ['a.json\n', 'ERR_HOOK'],
    ['a.json\0', 'ERR_HOOK'],
    ['a json', 'ERR_HOOK'],
    ['a'.repeat(300), 'ERR_HOOK'],
    [`${'a/'.repeat(100_000)}a`, 'ERR_HOOK'],
    ['out.json', 'ERR_HOOK'],
    ['other/o.json', 'ERR_HOOK'],
    ['writable.json', 'ERR_HOOK'],
    ['open/c.json', 'ERR_HOOK'],
    ['web', 'ERR_HOOK'],
    ['absent.json', 'ERR_IO'],
    ['loop.json', 'ERR_IO'],
    ['a.json/b', 'ERR_IO'],
  ])('%j is refused', (name, code) => {
    expect(() => readTrustedFileIn(home, name, 'the profile')).toThrow(expect.objectContaining({ code }));
  });
});

describe('a trusted file', () => {
  it('is named by an absolute path', () => {
    expect(() => readTrustedFile('a.json', 'the profile')).toThrow(
      expect.objectContaining({ code: 'ERR_HOOK' }),
    );
  });

  it.each(['/dev/null', folder])('is a file, not %s', (path) => {
    expect(() => readTrustedFile(path, 'the profile')).toThrow(expect.objectContaining({ code: 'ERR_HOOK' }));
  });

  it('is not read if it is huge', () => {
    const path = join(folder, 'huge.json');
    writeFileSync(path, Buffer.alloc(1024 * 1024 + 1));
    expect(() => readTrustedFile(path, 'the profile')).toThrow(/at most 1048576/);
  });
});

describeWith(['root'], 'a trusted file', () => {
  it('belongs to root or the own user', () => {
    const path = join(folder, 'owned.json');
    writeFileSync(path, '{}');
    chownSync(path, 1234, 0);
    expect(() => readTrustedFile(path, 'the profile')).toThrow(/belongs to user 1234/);
    const inside = join(folder, 'owned');
    mkdirSync(inside);
    writeFileSync(join(inside, 'p.json'), '{}');
    chownSync(inside, 1234, 0);
    expect(() => readTrustedFile(join(inside, 'p.json'), 'the profile')).toThrow(
      /owned belongs to user 1234/,
    );
  });
});
