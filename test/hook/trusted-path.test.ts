/**
 * Paths as they are written: every folder and every link on the way decides where they lead.
 */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  lchownSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readTrustedFile } from '../../src/hook/trusted-file.ts';
import { requireTrusted, trustWalk } from '../../src/hook/trusted-path.ts';
import { helperPath } from '../oracle/support/native.ts';
import { describeWith } from '../oracle/support/require.ts';
import { bundleModule } from '../support/bundle-module.ts';
import { HANGS_AFTER } from '../support/patience.ts';

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'oci-seccomp-path-')));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const at = (...names: readonly string[]): string => join(folder, ...names);
const open = 0o777;
const sticky = 0o1777;

for (const [name, mode] of [
  ['safe', 0o755],
  ['safe/below', 0o755],
  ['open', open],
  ['sticky', sticky],
] as const) {
  mkdirSync(at(name));
  chmodSync(at(name), mode);
}
writeFileSync(at('safe/p.json'), '{}', { mode: 0o644 });
writeFileSync(at('open/p.json'), '{}', { mode: 0o644 });
writeFileSync(at('sticky/p.json'), '{}', { mode: 0o644 });
const links: Readonly<Record<string, string>> = {
  'safe/link.json': 'p.json',
  'safe/absolute.json': at('safe/p.json'),
  'safe/up.json': '../safe/below/../p.json',
  'safe/twice.json': 'link.json',
  'safe/folder': '.',
  'safe/to-open.json': at('open/p.json'),
  'safe/through-open.json': at('open/link.json'),
  'safe/dangling.json': 'none.json',
  'safe/loop.json': 'loop.json',
  'safe/proc.json': '/proc/self/cmdline',
  'open/link.json': at('safe/p.json'),
  'open/folder': at('safe'),
  'sticky/link.json': at('safe/p.json'),
  'sticky/folder': at('safe'),
};
for (const [name, target] of Object.entries(links)) symlinkSync(target, at(name));
// 40 links lead to the file, one more does not.
for (let n = 0; n <= 40; n++) symlinkSync(n === 0 ? 'p.json' : `chain-${n - 1}`, at(`safe/chain-${n}`));

const walk = (path: string): string => trustWalk()(path, 'the profile');

describe('a path', () => {
  it.each([
    'safe/p.json',
    'safe/link.json',
    'safe/absolute.json',
    'safe/up.json',
    'safe/twice.json',
    'safe/folder/folder/p.json',
    'safe/chain-39',
    'sticky/link.json',
    'sticky/folder/p.json',
  ])('leads to the file: %s', (name) => {
    expect(walk(at(name))).toBe(at('safe/p.json'));
  });

  it.each([
    ['through a folder that others can write', 'open/p.json', /others can write \S*open \(mode 0777\)/],
    ['through a link in such a folder', 'open/link.json', /others can write \S*open /],
    ['through a link to a folder, in such a folder', 'open/folder/p.json', /others can write \S*open /],
    ['by a link into such a folder', 'safe/to-open.json', /others can write \S*open /],
    ['by a link to a link in such a folder', 'safe/through-open.json', /others can write \S*open /],
    ['into /proc, by a link', 'safe/proc.json', /\/proc is in a proc file system/],
    ['nowhere', 'safe/dangling.json', /\S*\/dangling\.json cannot be read: there is no such file: \S+$/],
    [
      'through a folder that is not there',
      'none/p.json',
      /\/none\/p\.json cannot be read: there is no such file: \S+\/none$/,
    ],
    ['in a circle', 'safe/loop.json', /too many symbolic links/],
    ['through more links than the kernel follows', 'safe/chain-40', /too many symbolic links/],
    ['through a file', 'safe/p.json/x', /not a directory/],
    ['to a folder that is a file', 'safe/p.json/', /not a directory/],
    ['up out of a file', 'safe/p.json/../p.json', /not a directory/],
  ])('is refused that leads %s', (_, name, message) => {
    // Not join(), which would take the way up itself.
    expect(() => walk(`${folder}/${name}`)).toThrow(message);
  });

  it.each([
    '/proc/self/cmdline',
    `/proc/${process.pid}/root/etc/passwd`,
    `/proc/self/cwd/package.json`,
    '/dev/fd/0',
    '/dev/stdin',
  ])('is refused in /proc: %s', (path) => {
    expect(() => readTrustedFile(path, 'the profile')).toThrow(
      /in a proc file system|belongs to user|others can write/,
    );
  });

  it('is refused that ends at one of several names, in a folder where all may add some', () => {
    writeFileSync(at('safe/elsewhere.json'), '{}', { mode: 0o644 });
    linkSync(at('safe/elsewhere.json'), at('sticky/added.json'));
    linkSync(at('safe/elsewhere.json'), at('safe/added.json'));
    expect(() => walk(at('sticky/added.json'))).toThrow(/it has 3 \(hard links\)/);
    expect(walk(at('safe/added.json'))).toBe(at('safe/added.json'));
  });

  it('costs one look at a folder, however many paths go through it', () => {
    const one = trustWalk();
    one(at('safe/p.json'), 'x');
    chmodSync(at('safe'), open);
    try {
      expect(one(at('safe/link.json'), 'x')).toBe(at('safe/p.json'));
      expect(() => walk(at('safe/link.json'))).toThrow(/others can write/);
    } finally {
      chmodSync(at('safe'), 0o755);
    }
  });
});

describe('what stands on the way', () => {
  const file = 0o100000;
  const directory = 0o040000;
  const link = 0o120000;
  it.each([
    ['a file', 0, file | 0o644],
    ["a folder of the own user's", 1000, directory | 0o755],
    ['a sticky folder', 0, directory | 0o1777],
    ['a link, whose mode says nothing', 0, link | 0o777],
  ])('is trusted: %s', (_, uid, mode) => {
    expect(() => requireTrusted('/x', { uid, mode }, 'the profile', [0, 1000])).not.toThrow();
  });

  it.each([
    ['a file that all can write', 0, file | 0o646],
    ['a file that the group can write', 0, file | 0o664],
    ['a sticky file, which is a file like others', 0, file | 0o1666],
    ['a folder that all can write', 0, directory | 0o757],
    ['a folder that the group can write', 0, directory | 0o775],
    ["somebody else's file", 1001, file | 0o600],
    ["somebody else's folder", 1001, directory | 0o755],
    ["somebody else's sticky folder", 1001, directory | 0o1777],
    ["somebody else's link", 1001, link | 0o777],
  ])('is not trusted: %s', (_, uid, mode) => {
    expect(() => requireTrusted('/x', { uid, mode }, 'the profile', [0, 1000])).toThrow(
      /the profile cannot be trusted: .*\/x /,
    );
  });
});

describeWith(['root'], 'a path with parts of others', () => {
  const other = 1234;

  it.each([
    [
      "somebody else's link in a sticky folder",
      'sticky/theirs.json',
      /link \S*theirs\.json belongs to user 1234/,
    ],
    ["a link in somebody else's folder", 'theirs/link.json', /theirs belongs to user 1234/],
    ["a file behind somebody else's folder", 'theirs/p.json', /theirs belongs to user 1234/],
    [
      'a sticky file that all can write',
      'safe/sticky.json',
      /others can write \S*sticky\.json \(mode 1666\)/,
    ],
  ])('is refused: %s', (_, name, message) => {
    mkdirSync(at('theirs'), { recursive: true });
    rmSync(at('sticky/theirs.json'), { force: true });
    symlinkSync(at('safe/p.json'), at('sticky/theirs.json'));
    lchownSync(at('sticky/theirs.json'), other, other);
    rmSync(at('theirs/link.json'), { force: true });
    symlinkSync(at('safe/p.json'), at('theirs/link.json'));
    writeFileSync(at('theirs/p.json'), '{}');
    chownSync(at('theirs'), other, other);
    writeFileSync(at('safe/sticky.json'), '{}');
    chmodSync(at('safe/sticky.json'), 0o1666);
    expect(() => readTrustedFile(at(name), 'the profile')).toThrow(message);
  });
});

const module = await bundleModule('hook/trusted-file.ts');

describeWith(['root', 'built', 'cc'], 'a file of another file system, mounted over one', () => {
  const program = `
const { readTrustedFile } = await import(${JSON.stringify(module)});
try {
  console.log(Buffer.from(readTrustedFile(process.argv[1], 'the profile')).toString());
} catch ({ message }) {
  console.log(message);
}`;
  /** What reading says, in a mount namespace of its own, where `source` lies over the file. */
  const readMounted = (source: string): string => {
    const path = at('safe/mounted.json');
    writeFileSync(path, '{}');
    const script = 'mount --bind "$1" "$2" && exec "$3" --input-type=module -e "$4" -- "$2"';
    const words = ['-m', 'sh', '-c', script, 'sh', source, path, process.execPath, program];
    const { stdout, stderr } = spawnSync('unshare', words, { encoding: 'utf8', timeout: HANGS_AFTER });
    expect(stderr).toBe('');
    return stdout.trim();
  };

  it('is refused from a proc file system, whoever owns it', () => {
    expect(readMounted('/proc/version')).toMatch(/mounted\.json is in a proc file system/);
  });

  it('is read from a disk', () => {
    expect(readMounted(at('safe/p.json'))).toBe('{}');
  });

  /** Not in most containers. */
  const canServe = existsSync('/dev/fuse');
  it.runIf(canServe)("is refused where another user's program serves it, and says that it is root's", () => {
    mkdirSync(at('safe/served'));
    const readServed = (user: string): string => {
      const file = at('safe/served/p.json');
      const words = ['-m', helperPath('serves-files'), at('safe/served'), user, process.execPath];
      const all = [...words, '--input-type=module', '-e', program, '--', file];
      const { stdout, stderr } = spawnSync('unshare', all, { encoding: 'utf8', timeout: HANGS_AFTER });
      expect(stderr).toBe('');
      return stdout.trim();
    };
    expect(readServed('0')).toMatch(/^\/nowhere/);
    expect(readServed('65534')).toMatch(/served is in a file system that a program of user 65534 serves/);
  });
});
