/**
 * A store's folder and files: who may write them, what is read of them, what is left behind.
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { openStore } from '../../src/hook/store/filter-store.ts';
import { MAX_ENTRY_SIZE } from '../../src/hook/store/store-entry.ts';
import { MAX_ENTRIES } from '../../src/hook/store/store-folder.ts';
import { ociSeccomp, program } from '../cli/run.ts';
import { describeWith } from '../oracle/support/require.ts';

const home = realpathSync(mkdtempSync(join(tmpdir(), 'oci-seccomp-store-')));
chmodSync(home, 0o755);
afterAll(() => rmSync(home, { recursive: true, force: true }));

const NOBODY = 65534;
const KEY = 'what a program depends on';
const content = Uint8Array.from({ length: 64 }, (_, i) => 7 * i);

let count = 0;
let folder = '';
beforeEach(() => {
  folder = join(home, `store-${count++}`);
});

const open = (path = folder, version = '1.0.0') => openStore({ path, version });
const namesIn = (path: string): readonly string[] => readdirSync(path).sort();

/** A store with one program. @returns the program's file */
function filled(): string {
  open().keep(KEY, content);
  const [name = ''] = namesIn(folder);
  return join(folder, name);
}

/** What a store says of a file that was changed: it finds nothing and gives one reason. */
function reasonFor(path = folder): string {
  const store = open(path);
  expect(store.find(KEY)).toBeUndefined();
  const { result, reasons } = store.report() ?? {};
  expect(result).toBe('passed over');
  expect(reasons).toHaveLength(1);
  return reasons?.[0] ?? '';
}

describe('a store', () => {
  it('gives back what it keeps, and says so', () => {
    const first = open();
    expect(first.find(KEY)).toBeUndefined();
    expect(first.report()).toBeUndefined();
    expect(existsSync(folder)).toBe(false);
    first.keep(KEY, content);
    expect(first.report()).toEqual({ result: 'kept', reasons: [] });
    const second = open();
    expect(second.find(KEY)).toEqual(Buffer.from(content));
    expect(second.describe()).toBe('used');
    expect(open().find(`${KEY}.`)).toBeUndefined();
  });

  it('does not give what another version kept', () => {
    filled();
    expect(open(folder, '1.0.1').find(KEY)).toBeUndefined();
  });

  it('is for its user alone, whatever the umask', () => {
    const before = process.umask(0);
    try {
      const file = filled();
      expect((lstatSync(folder).mode & 0o7777).toString(8)).toBe('700');
      expect((lstatSync(file).mode & 0o7777).toString(8)).toBe('600');
      expect(namesIn(folder)).toHaveLength(1);
    } finally {
      process.umask(before);
    }
  });
});

describe('a file of a store', () => {
  it('is passed over whichever of its bytes is changed', () => {
    const file = filled();
    const bytes = readFileSync(file);
    for (let at = 0; at < bytes.length; at++) {
      for (const bit of [0, 3, 7]) {
        const changed = Uint8Array.from(bytes);
        changed[at] = (changed[at] ?? 0) ^ (1 << bit);
        writeFileSync(file, changed);
        const store = open();
        expect(store.find(KEY), `byte ${at}`).toBeUndefined();
        expect(store.report()?.result, `byte ${at}`).toBe('passed over');
      }
    }
    expect(bytes.length).toBe(content.length + 152);
  });

  it('is passed over wherever it is cut off, and with more behind it', () => {
    const file = filled();
    const bytes = readFileSync(file);
    for (let length = 0; length < bytes.length; length++) {
      writeFileSync(file, bytes.subarray(0, length));
      reasonFor();
    }
    writeFileSync(file, Buffer.concat([bytes, Buffer.from('\n')]));
    expect(reasonFor()).toMatch(/changed/);
  });

  it('is passed over under the name of another', () => {
    const other = filled();
    open().keep('another', content);
    const own = namesIn(folder).find((name) => join(folder, name) !== other) ?? '';
    renameSync(join(folder, own), other);
    expect(reasonFor()).toMatch(/another name/);
  });

  it('is not read to the end if it is long', () => {
    const file = filled();
    truncateSync(file, 2 ** 40);
    expect(reasonFor()).toMatch(/longer than any program/);
    expect(MAX_ENTRY_SIZE).toBeLessThan(40_000);
  });

  const instead: Readonly<Record<string, readonly [(file: string) => void, RegExp]>> = {
    'a folder': [(file) => mkdirSync(file), /not a regular file/],
    'a pipe that nobody writes to': [(file) => execFileSync('mkfifo', [file]), /not a regular file/],
    'a link to a program': [
      (file) => {
        writeFileSync(join(home, 'elsewhere'), 'x');
        symlinkSync(join(home, 'elsewhere'), file);
      },
      /symbolic link/,
    ],
    'a link to nothing': [(file) => symlinkSync('nothing', file), /symbolic link/],
  };
  it.each(Object.entries(instead))('is passed over and replaced if it is %s', (name, [make, reason]) => {
    const file = filled();
    rmSync(file);
    make(file);
    expect(reasonFor()).toMatch(reason);
    const store = open();
    store.find(KEY);
    store.keep(KEY, content);
    const { result, reasons } = store.report() ?? {};
    // rename(2) does not put a file in the place of a folder.
    expect(result).toBe(name === 'a folder' ? 'not kept' : 'kept');
    expect(reasons).toHaveLength(name === 'a folder' ? 2 : 1);
    expect(namesIn(folder)).toHaveLength(1);
    if (name !== 'a folder') expect(open().find(KEY)).toEqual(Buffer.from(content));
    if (name === 'a link to a program') expect(readFileSync(join(home, 'elsewhere'), 'utf8')).toBe('x');
  });

  it('is passed over if others can write it', () => {
    chmodSync(filled(), 0o620);
    expect(reasonFor()).toMatch(/others can write .* \(mode 0620\)/);
  });
});

describe('the folder of a store', () => {
  const refusal = (path = folder): string => {
    try {
      open(path);
    } catch (error) {
      expect(error).toMatchObject({ code: 'ERR_STORE' });
      return (error as Error).message;
    }
    return 'opened';
  };

  it.each(['store', './store', '', '/', '/tmp/..', '/tmp/.'])(
    'is named by an absolute path, not %j',
    (path) => {
      expect(refusal(path)).toMatch(/absolute path of a folder/);
    },
  );

  it('is a folder, on a disk', () => {
    writeFileSync(folder, '');
    expect(refusal()).toMatch(/is not a folder/);
    expect(refusal('/proc/self/store')).toMatch(/proc file system/);
  });

  it('is done without where it cannot be looked at', () => {
    writeFileSync(folder, '');
    for (const [path, reason] of [
      [join(folder, 'below'), /not a directory/],
      [join(home, 'absent', 'below'), /no such file/],
    ] as const) {
      const store = open(path);
      expect(store.find(KEY)).toBeUndefined();
      store.keep(KEY, content);
      expect(store.report()).toEqual({ result: 'not kept', reasons: [expect.stringMatching(reason)] });
    }
    expect(existsSync(join(home, 'absent'))).toBe(false);
  });

  it.each([0o770, 0o707, 0o777, 0o1777, 0o720])('is refused with mode %o', (mode) => {
    filled();
    chmodSync(folder, mode);
    expect(refusal()).toMatch(/others can write/);
  });

  it('is refused below one that others can write', () => {
    mkdirSync(folder);
    chmodSync(folder, 0o777);
    expect(refusal(join(folder, 'below'))).toMatch(/others can write/);
    mkdirSync(join(folder, 'there'), 0o700);
    expect(refusal(join(folder, 'there'))).toMatch(/others can write/);
    symlinkSync(join(folder, 'there'), join(home, 'way'));
    expect(refusal(join(home, 'way'))).toMatch(/others can write/);
  });

  it('is found through links of its own user', () => {
    filled();
    symlinkSync(folder, `${folder}-link`);
    expect(open(`${folder}-link`).find(KEY)).toEqual(Buffer.from(content));
  });

  it('keeps a program among others that a wrong clock made newer', () => {
    mkdirSync(folder, 0o700);
    const year2100 = 4_102_444_800;
    for (let i = 0; i < MAX_ENTRIES; i++) {
      const file = join(folder, `${i.toString(16).padStart(64, '0')}.program`);
      writeFileSync(file, '');
      utimesSync(file, year2100, year2100);
    }
    open().keep(KEY, content);
    expect(open().find(KEY)).toEqual(Buffer.from(content));
    expect(namesIn(folder)).toHaveLength(MAX_ENTRIES);
  });

  it('holds a limited number of programs: the oldest go, other files stay', () => {
    filled();
    const [own = ''] = namesIn(folder);
    const name = (i: number): string => `${i.toString(16).padStart(64, '0')}.program`;
    for (let i = 0; i < MAX_ENTRIES + 5; i++) {
      writeFileSync(join(folder, name(i)), '');
      utimesSync(join(folder, name(i)), 1_000 + i, 1_000 + i);
    }
    for (const other of ['notes.txt', '.hidden', `${name(0)}.old`, `.${'0'.repeat(16)}.tmp`]) {
      writeFileSync(join(folder, other), '');
      utimesSync(join(folder, other), 1, 1);
    }
    open().keep('one more', content);
    const left = namesIn(folder);
    expect(left.filter((each) => /^[0-9a-f]{64}\.program$/.test(each))).toHaveLength(MAX_ENTRIES);
    expect(left).toEqual(expect.arrayContaining(['notes.txt', '.hidden', `${name(0)}.old`, own]));
    // What a killed process leaves, and the oldest programs.
    expect(left.filter((each) => each.endsWith('.tmp'))).toEqual([]);
    expect(left).not.toContain(name(5));
    expect(left).toContain(name(MAX_ENTRIES + 4));
  });
});

/** Rules for which no program is shipped, and for which libseccomp needs a child process: both backends keep it. */
const condition = (index: number, op: string, value: number) => ({ index, op: `SCMP_CMP_${op}`, value });
const rule = (names: readonly string[], ...args: readonly object[]) => ({
  names,
  action: 'SCMP_ACT_ERRNO',
  args,
});
const profile = join(home, 'own.json');
writeFileSync(
  profile,
  JSON.stringify({
    defaultAction: 'SCMP_ACT_ALLOW',
    syscalls: [
      rule(['mkdir', 'mkdirat']),
      rule(['kcmp'], condition(0, 'NE', 1), condition(1, 'EQ', 1)),
      rule(['kcmp'], condition(0, 'EQ', 2), condition(1, 'NE', 7), condition(2, 'EQ', 1)),
      rule(['kcmp'], condition(0, 'GT', 4), condition(1, 'EQ', 3)),
    ],
  }),
);
chmodSync(profile, 0o644);
const run = (...options: readonly string[]): readonly string[] => [
  ...[program, 'run', '--profile', profile, ...options],
  ...['--', 'sh', '-c', 'mkdir /tmp/never-made 2>/dev/null || echo denied'],
];
const start = (...options: readonly string[]) => ociSeccomp(run(...options).slice(1));

describeWith(['built'], 'run --store', () => {
  it('keeps a program and uses it', () => {
    const found = [start('-v', '--store', folder), start('-v', '--store', folder)];
    expect(found.map(({ stdout }) => stdout)).toEqual(['denied\n', 'denied\n']);
    expect(found[0]?.stderr).toContain(`now kept in the store ${folder}`);
    expect(found[1]?.stderr).toContain(`found in the store ${folder} and proven again`);
    expect(found[1]?.stderr).toContain('proven: for every call the program does what the profile says');
  });

  it('goes on without what it cannot use, and says why', () => {
    start('--store', folder);
    const [name = ''] = namesIn(folder);
    writeFileSync(join(folder, name), 'x');
    const { stdout, stderr, status } = start('--store', folder);
    expect([stdout, status]).toEqual(['denied\n', 0]);
    expect(stderr).toBe(
      `warning: the store ${folder}: ${name}: it is not a kept program, or only a part of one\n`,
    );
    expect(start('-q', '--store', folder).stderr).toBe('');
  });

  it('stops where others can write the store', () => {
    mkdirSync(folder);
    chmodSync(folder, 0o777);
    const { stdout, stderr, status } = start('--store', folder);
    expect([stdout, status]).toEqual(['', 2]);
    expect(stderr).toBe(
      `error: the store cannot be trusted: others can write ${folder} (mode 0777) [ERR_STORE]\n  hint: chmod go-w ${folder}\n`,
    );
  });

  it('starts where the folder of the store is gone', () => {
    const gone = join(home, 'gone', 'store');
    const { stdout, stderr, status } = start('--store', gone);
    expect([stdout, status]).toEqual(['denied\n', 0]);
    expect(stderr).toMatch(/^warning: the store .*\/gone\/store: .*there is no such file\n$/);
  });

  it('takes a relative path as the shell means it', () => {
    mkdirSync(join(home, 'deep', 'er'), { recursive: true });
    symlinkSync(join(home, 'deep', 'er'), join(home, 'short'));
    const { stdout } = ociSeccomp(run('--store', 'short/../relative').slice(1), { cwd: home });
    expect(stdout).toBe('denied\n');
    expect(namesIn(join(home, 'deep', 'relative'))).toHaveLength(1);
  });

  it('works for many starts at once', async () => {
    const children = Array.from({ length: 12 }, () => spawn(process.execPath, run('--store', folder)));
    const outputs = children.map(async (child) => {
      let text = '';
      child.stdout.on('data', (chunk: Buffer) => {
        text += chunk.toString();
      });
      child.stderr.on('data', (chunk: Buffer) => {
        text += chunk.toString();
      });
      await once(child, 'close');
      return text;
    });
    expect(await Promise.all(outputs)).toEqual(Array.from({ length: 12 }, () => 'denied\n'));
    expect(namesIn(folder)).toHaveLength(1);
    expect(start('-v', '--store', folder).stderr).toContain('proven again');
  });

  it('is not stopped by a limit on the size of files', () => {
    const words = [process.execPath, ...run('--store', folder)].map((word) => `'${word}'`).join(' ');
    const { stdout, stderr, status } = spawnSync('sh', ['-c', `ulimit -f 0; exec ${words}`], {
      encoding: 'utf8',
    });
    expect([stdout, status]).toEqual(['denied\n', 0]);
    expect(stderr).toBe(
      `warning: the store ${folder}: it would be longer than the limit of this process (RLIMIT_FSIZE)\n`,
    );
    expect(namesIn(folder)).toEqual([]);
  });
});

describeWith(['root', 'built', 'a checkout open to all'], 'a store and its owner', () => {
  const asNobody = ['--reuid=65534', '--regid=65534', '--clear-groups'];
  const startAsNobody = (...options: readonly string[]) =>
    spawnSync('setpriv', [...asNobody, process.execPath, ...run(...options)], { encoding: 'utf8' });

  it("is root's: another user's folder is refused, also by a link", () => {
    mkdirSync(folder, 0o700);
    chownSync(folder, NOBODY, NOBODY);
    const refused = start('--store', folder);
    expect([refused.stdout, refused.status]).toEqual(['', 2]);
    expect(refused.stderr).toContain(`the store cannot be trusted: ${folder} belongs to user 65534`);
    symlinkSync(folder, `${folder}-link`);
    expect(start('--store', `${folder}-link`).stderr).toContain('belongs to user 65534');
    expect(start('--store', join(folder, 'below')).stderr).toContain('belongs to user 65534');
    expect(namesIn(folder)).toEqual([]);
  });

  it("passes over another user's file, and one that is linked into it", () => {
    start('--store', folder);
    const [name = ''] = namesIn(folder);
    chownSync(join(folder, name), NOBODY, NOBODY);
    const passed = start('--store', folder);
    expect(passed.stdout).toBe('denied\n');
    expect(passed.stderr).toMatch(/it cannot be trusted: .* belongs to user 65534/);
    expect(lstatSync(join(folder, name)).uid).toBe(0);
    linkSync(join(folder, name), join(home, 'second-name'));
    expect(start('-v', '--store', folder).stderr).toContain('proven again');
  });

  it("lets a user read root's store where root does, and go on where root does not", () => {
    start('--store', folder);
    const closed = startAsNobody('--store', folder);
    expect([closed.stdout, closed.status]).toEqual(['denied\n', 0]);
    expect(closed.stderr.match(/permission denied/g)).toHaveLength(2);
    chmodSync(folder, 0o755);
    const [name = ''] = namesIn(folder);
    chmodSync(join(folder, name), 0o644);
    expect(startAsNobody('-v', '--store', folder).stderr).toContain('proven again');
  });

  it.each([
    ['a folder', (path: string) => mkdirSync(path, { mode: 0o777 })],
    ['a link', (path: string) => symlinkSync(home, path)],
  ])('is not written where somebody else made %s in a sticky folder meanwhile', (_, make) => {
    mkdirSync(folder);
    chmodSync(folder, 0o1777);
    const path = join(folder, 'store');
    const store = open(path);
    const before = namesIn(home);
    const own = process.geteuid?.() ?? 0;
    process.seteuid?.(NOBODY);
    try {
      make(path);
    } finally {
      process.seteuid?.(own);
    }
    store.keep(KEY, content);
    expect(store.report()?.result).toBe('not kept');
    expect(store.describe()).toContain('belongs to user 65534');
    expect(namesIn(home)).toEqual(before);
    if (lstatSync(path).isDirectory()) expect(namesIn(path)).toEqual([]);
    expect(store.find(KEY)).toBeUndefined();
    expect(() => open(path)).toThrow(/belongs to user 65534/);
  });

  it("is a user's own where the user made it", () => {
    mkdirSync(folder, 0o700);
    chownSync(folder, NOBODY, NOBODY);
    expect(startAsNobody('-v', '--store', join(folder, 'own')).stderr).toContain('now kept');
    expect(startAsNobody('-v', '--store', join(folder, 'own')).stderr).toContain('proven again');
    expect(lstatSync(join(folder, 'own')).mode & 0o7777).toBe(0o700);
  });

  it('is refused in a user namespace where it belongs to somebody outside', () => {
    mkdirSync(folder, 0o755);
    const inside = (path: string) =>
      spawnSync('unshare', ['--user', '--map-root-user', process.execPath, ...run('-v', '--store', path)], {
        encoding: 'utf8',
      });
    // Root of the machine is who made the namespace: root in it.
    expect(inside(folder).stderr).toContain('now kept');
    for (const uid of [NOBODY, 1000]) {
      chownSync(folder, uid, uid);
      const { stdout, stderr, status } = inside(folder);
      expect([stdout, status]).toEqual(['', 2]);
      expect(stderr).toContain('belongs to user 65534');
    }
  });

  it('is refused by a process that acts for another user than its own', () => {
    const before = process.geteuid?.() ?? 0;
    process.seteuid?.(NOBODY);
    try {
      expect(() => open('/tmp/oci-seccomp-never')).toThrow(/set-user-ID/);
    } finally {
      process.seteuid?.(before);
    }
  });

  it.each([
    ['is full', 'size=64k', 'head -c 65536 /dev/zero >store/fill 2>/dev/null', /no space left/],
    ['has no inodes left', 'nr_inodes=1', 'true', /no space left/],
    ['is read-only', 'size=64k', 'mount -o remount,ro store', /read-only/],
  ])('goes on where the disk %s', (_, options, fill, reason) => {
    mkdirSync(join(folder, 'store'), { recursive: true });
    const words = [process.execPath, ...run('--store', join(folder, 'store'))].map((word) => `'${word}'`);
    const script = `cd '${folder}' && mount -t tmpfs -o mode=700,${options} none store && { ${fill}; ls -A store >before; ${words.join(' ')}; ls -A store >after; }`;
    const { stdout, stderr } = spawnSync('unshare', ['--mount', 'sh', '-c', script], { encoding: 'utf8' });
    expect(stdout).toBe('denied\n');
    expect(stderr).toMatch(/^warning: the store /);
    expect(stderr).toMatch(reason);
    expect(readFileSync(join(folder, 'after'), 'utf8')).toBe(readFileSync(join(folder, 'before'), 'utf8'));
  });
});
