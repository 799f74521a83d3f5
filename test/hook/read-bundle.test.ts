/**
 * A bundle's config.json that is no file, or cannot be read: an engine's user may have made the bundle.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readBundle } from '../../src/hook/read-bundle.ts';

const folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-bundles-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const IN_PROC =
  process.geteuid?.() === 0 ? 'leads into a proc file system' : /proc file system|cannot be read/;
const kinds: readonly (readonly [kind: string, make: (path: string) => void, message: string | RegExp])[] = [
  ['a pipe', (path) => execFileSync('mkfifo', [path]), 'is not a regular file'],
  ['a folder', (path) => mkdirSync(path), 'is not a regular file'],
  ['a link to a device', (path) => symlinkSync('/dev/zero', path), 'is not a regular file'],
  ['a link to nothing', (path) => symlinkSync('nothing', path), 'there is no such file'],
  ['a link to itself', (path) => symlinkSync('config.json', path), 'cannot be read: too many symbolic links'],
  // Regular files to stat(2).
  ['memory of this process', (path) => symlinkSync('/proc/self/mem', path), IN_PROC],
  // Whoever reads it waits for the next message, and nobody else gets what was read.
  ['the messages of the kernel', (path) => symlinkSync('/proc/kmsg', path), IN_PROC],
  [
    'more than is read',
    (path) => {
      writeFileSync(path, '');
      truncateSync(path, 2 ** 31);
    },
    'is longer than 16777216 bytes',
  ],
];

describe('a config.json', () => {
  it('may be longer than a profile: runtimes take any length', async () => {
    const bundle = join(folder, 'long');
    mkdirSync(bundle);
    const env = Array.from({ length: 20_000 }, (_, i) => `V${i}=${'x'.repeat(200)}`);
    const text = JSON.stringify({ process: { env }, annotations: { last: 'seen' } });
    expect(text.length).toBeGreaterThan(2 * 1024 * 1024);
    writeFileSync(join(bundle, 'config.json'), text);
    const { annotations } = await readBundle(bundle);
    expect(annotations.get('last')).toBe('seen');
  });

  it.each(kinds)('that is %s is refused, and not waited for', async (kind, make, message) => {
    const bundle = join(folder, kind);
    mkdirSync(bundle);
    make(join(bundle, 'config.json'));
    await expect(readBundle(bundle)).rejects.toMatchObject({
      name: 'OciSeccompError',
      message: expect.stringMatching(message),
    });
  });
});
