import { execFileSync, spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  closeSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ioReason, readBounded, readFileBounded, writeWhole } from '../../src/pipeline/files.ts';
import { describeWith } from '../oracle/support/require.ts';

const folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-files-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string): string => join(folder, name);
const leftovers = (): readonly string[] => readdirSync(folder).filter((name) => name.endsWith('.tmp'));

describe('readBounded', () => {
  it.each([
    [0, 0],
    [1, 1],
    [65_536, 65_536],
    [65_537, 65_537],
    [200_000, 200_000],
    [200_001, 200_000],
  ])('returns at most %i bytes of 200,000', (limit, length) => {
    writeFileSync(at('long'), Buffer.alloc(200_000, 'x'));
    expect(readFileBounded(at('long'), limit).length).toBe(length);
  });

  it('ends on endless input', () => {
    expect(readFileBounded('/dev/zero', 100_000).length).toBe(100_000);
  });

  it('collects what a pipe brings in pieces', () => {
    const script = `import { readBounded } from ${JSON.stringify(join(import.meta.dirname, '../../src/pipeline/files.ts'))};
      process.stdout.write(String(readBounded(0, 1 << 20).length));`;
    // Types are stripped by the tool that runs our own TypeScript programs.
    writeFileSync(at('read.ts'), script);
    const command = `(head -c 70000 /dev/zero; sleep 0.1; head -c 5 /dev/zero) | "${process.execPath}" tools/run.mjs "${at('read.ts')}"`;
    expect(execFileSync('sh', ['-c', command], { encoding: 'utf8' })).toBe('70005');
  });

  it('refuses a named pipe that nobody writes, and waits for one that somebody does', async () => {
    expect(spawnSync('mkfifo', [at('pipe')]).status).toBe(0);
    expect(() => readFileBounded(at('pipe'), 10)).toThrow(expect.objectContaining({ code: 'ENXIO' }));
    // Open for both, which waits for nobody; it writes more than a pipe holds, in pieces.
    const script =
      'exec 3<>"$0"; echo ready; sleep 0.2; head -c 70000 /dev/zero >&3; sleep 0.2; echo end >&3';
    const writer = spawn('sh', ['-c', script, at('pipe')], { stdio: ['ignore', 'pipe', 'inherit'] });
    await new Promise((resolve) => writer.stdout.once('data', resolve));
    const bytes = readFileBounded(at('pipe'), 1 << 20);
    expect([bytes.length, Buffer.from(bytes.subarray(-4)).toString()]).toEqual([70_004, 'end\n']);
  });

  it('throws what the kernel says', () => {
    expect(() => readFileBounded(folder, 10)).toThrow(expect.objectContaining({ code: 'EISDIR' }));
    expect(() => readFileBounded(at('absent'), 10)).toThrow(expect.objectContaining({ code: 'ENOENT' }));
    const fd = openSync('/dev/null', 'w');
    expect(() => readBounded(fd, 10)).toThrow(expect.objectContaining({ code: 'EBADF' }));
    closeSync(fd);
  });
});

describe('writeWhole', () => {
  it('makes a file that all may read, within the umask', () => {
    writeWhole(at('new'), 'text');
    expect(readFileSync(at('new'), 'utf8')).toBe('text');
    expect(statSync(at('new')).mode & 0o7777).toBe(0o644 & ~process.umask());
  });

  it.each([0o600, 0o640, 0o2644, 0o4755])('keeps the mode %o', (mode) => {
    writeFileSync(at('mode'), 'old');
    chmodSync(at('mode'), mode);
    writeWhole(at('mode'), new Uint8Array([1, 2]));
    expect([...readFileSync(at('mode'))]).toEqual([1, 2]);
    expect(statSync(at('mode')).mode & 0o7777).toBe(mode);
  });

  it('leaves the old file to those who have it open', () => {
    writeFileSync(at('kept'), 'old');
    linkSync(at('kept'), at('second-name'));
    writeWhole(at('kept'), 'new');
    expect(readFileSync(at('second-name'), 'utf8')).toBe('old');
  });

  it('goes through a symbolic link, which stays one', () => {
    writeFileSync(at('target'), 'old');
    symlinkSync(at('target'), at('link'));
    writeWhole(at('link'), 'new');
    expect(lstatSync(at('link')).isSymbolicLink()).toBe(true);
    expect(readFileSync(at('target'), 'utf8')).toBe('new');
  });

  it('leaves a symbolic link that leads nowhere', () => {
    symlinkSync(at('none'), at('broken'));
    expect(() => writeWhole(at('broken'), 'new')).toThrow(expect.objectContaining({ code: 'ENOLINK' }));
    expect(lstatSync(at('broken')).isSymbolicLink()).toBe(true);
    expect(leftovers()).toEqual([]);
  });

  it.each(['new', 'old'])('follows `..` after a symbolic link as the kernel does: a %s file', (kind) => {
    const [inner, named] = [at(`${kind}-inner`), `${at(`${kind}-link`)}/../${kind}-file`];
    mkdirSync(join(inner, 'deep'), { recursive: true });
    symlinkSync(join(inner, 'deep'), at(`${kind}-link`));
    if (kind === 'old') writeFileSync(join(inner, 'old-file'), 'old');
    writeWhole(named, 'text');
    expect(readFileSync(join(inner, `${kind}-file`), 'utf8')).toBe('text');
    expect(readdirSync(folder)).not.toContain(`${kind}-file`);
    expect(readdirSync(inner).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  it('writes into a device as it is', () => {
    writeWhole('/dev/null', 'text');
    expect(statSync('/dev/null').isCharacterDevice()).toBe(true);
  });

  it('leaves the old file and nothing beside it where the disk takes no more', () => {
    writeFileSync(at('full'), 'old');
    const script = `import { writeWhole } from ${JSON.stringify(join(import.meta.dirname, '../../src/pipeline/files.ts'))};
      process.on('SIGXFSZ', () => {});
      try { writeWhole(${JSON.stringify(at('full'))}, 'x'.repeat(5_000_000)); } catch (error) { process.stdout.write(error.code); }`;
    writeFileSync(at('write.ts'), script);
    // A file may grow to 1 MiB (units of 512 bytes in sh): the kernel refuses more with EFBIG, as it does ENOSPC.
    const command = `ulimit -f 2048; exec "${process.execPath}" tools/run.mjs "${at('write.ts')}"`;
    expect(execFileSync('sh', ['-c', command], { encoding: 'utf8' })).toBe('EFBIG');
    expect(readFileSync(at('full'), 'utf8')).toBe('old');
    expect(leftovers()).toEqual([]);
  });
});

describeWith(['root'], 'writeWhole as root', () => {
  it('keeps the owner and, after it, the mode', () => {
    writeFileSync(at('owned'), 'old');
    chownSync(at('owned'), 65_534, 65_534);
    chmodSync(at('owned'), 0o4711);
    writeWhole(at('owned'), 'new');
    const { uid, gid, mode } = statSync(at('owned'));
    expect({ uid, gid, mode: mode & 0o7777 }).toEqual({ uid: 65_534, gid: 65_534, mode: 0o4711 });
  });

  it('replaces a file of a user whom its user namespace does not have', () => {
    writeFileSync(at('foreign'), 'old');
    chownSync(at('foreign'), 1000, 1000);
    chmodSync(at('foreign'), 0o640);
    const script = `import { writeWhole } from ${JSON.stringify(join(import.meta.dirname, '../../src/pipeline/files.ts'))};
      writeWhole(${JSON.stringify(at('foreign'))}, 'new');`;
    writeFileSync(at('foreign.ts'), script);
    const words = ['--user', '--map-root-user', process.execPath, 'tools/run.mjs', at('foreign.ts')];
    expect(spawnSync('unshare', words, { encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
    expect(readFileSync(at('foreign'), 'utf8')).toBe('new');
    const { uid, mode } = statSync(at('foreign'));
    expect({ uid, mode: mode & 0o7777 }).toEqual({ uid: 0, mode: 0o640 });
    expect(leftovers()).toEqual([]);
  });
});

describeWith(['strace'], 'writeWhole in system calls', () => {
  it('has the bytes on the disk before the name, and the name before it returns', () => {
    const script = `import { writeWhole } from ${JSON.stringify(join(import.meta.dirname, '../../src/pipeline/files.ts'))};
      writeWhole(${JSON.stringify(at('traced'))}, 'text');`;
    writeFileSync(at('trace.ts'), script);
    const { stderr } = spawnSync(
      'strace',
      ['-f', '-qq', '-e', 'trace=fsync,rename,renameat2', process.execPath, 'tools/run.mjs', at('trace.ts')],
      { encoding: 'utf8' },
    );
    const calls = stderr.split('\n').flatMap((line) => /(fsync|rename)\w*\(/.exec(line)?.[1] ?? []);
    // The runner's own files may be renamed before.
    expect(calls.slice(-3)).toEqual(['fsync', 'rename', 'fsync']);
  });
});

describe('ioReason', () => {
  it('has words for what the kernel says, and the code or text of anything else', () => {
    expect(ioReason(Object.assign(new Error('x'), { code: 'ENOENT' }))).toBe('no such file or directory');
    expect(ioReason(Object.assign(new Error('x'), { code: 'EXDEV' }))).toBe('EXDEV');
    expect(ioReason('odd')).toBe('odd');
    // As Node 20 gives EDQUOT.
    expect(ioReason(Object.assign(new Error('x'), { code: 'Unknown system error -122' }))).toBe(
      'the quota is used up',
    );
  });
});
