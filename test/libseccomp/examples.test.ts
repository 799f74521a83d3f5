/**
 * The programs of examples/libseccomp/ do what their opening comments say. Each runs in a process of its own, on this
 * Node and on those that tools/fetch-node.ts brought.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeWith } from '../oracle/support/require.ts';
import { HANGS_AFTER } from '../support/patience.ts';

const root = join(import.meta.dirname, '../..');
const examples = join(root, 'examples/libseccomp');

const cache = join(root, '.cache/node');
const fetched = existsSync(cache) ? readdirSync(cache).map((major) => join(cache, major, 'bin/node')) : [];
const nodes = [process.execPath, ...fetched.filter((path) => existsSync(path))];

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-examples-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function run(node: string, example: string, parameters: readonly string[] = [], input = '') {
  const options = { cwd: folder, encoding: 'utf8', input, timeout: HANGS_AFTER } as const;
  const { stdout, stderr, status, signal } = spawnSync(
    node,
    [resolve(examples, example), ...parameters],
    options,
  );
  return { stdout, stderr, status, signal };
}

/** What the opening comment says is printed: its lines indented by two. */
function announced(example: string): string {
  const [comment = ''] = /^(?:\/\/.*\n)+/.exec(readFileSync(join(examples, example), 'utf8')) ?? [];
  const [, printed = ''] = comment.split(/^\/\/.*\bprints\b.*:$|^\/\/ Prints\b.*:$/m);
  return [...printed.matchAll(/^\/\/ {3}(.*)$/gm)].map((match) => `${match[1]}\n`).join('');
}

describeWith(['built'], 'docs/libseccomp.md', () => {
  it('begins with a program that runs', () => {
    const [, program = ''] =
      /```js\n(.*?)```/s.exec(readFileSync(join(root, 'docs/libseccomp.md'), 'utf8')) ?? [];
    // Inside the package, so that its own name resolves to it.
    const inside = mkdtempSync(join(root, '.cache/guide-'));
    try {
      const script = join(inside, 'program.mjs');
      const attempt =
        "try { process.kill(process.pid, 15); } catch ({ code }) { console.log('kill:', code); }";
      writeFileSync(script, `${program}${attempt}\n`);
      const { stdout, stderr, status } = run(process.execPath, script);
      expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
      expect(stdout).toContain('action KILL_PROCESS;');
      expect(stdout).toMatch(/\nkill: EPERM\n$/);
    } finally {
      rmSync(inside, { recursive: true, force: true });
    }
  });
});

describeWith(['built', 'x86_64'], 'the examples', () => {
  describe.each(nodes)('on %s', (node) => {
    it('open-and-stdout.mjs prints what it announces and does nothing else', () => {
      const { stdout, ...rest } = run(node, 'open-and-stdout.mjs');
      expect(stdout).toBe(announced('open-and-stdout.mjs'));
      expect(stdout.split('\n')).toHaveLength(5);
      expect(rest).toEqual({ stderr: '', status: 0, signal: null });
      expect(readdirSync(folder)).toEqual([]);
    });

    it('write-stderr-only.mjs ends by SIGSYS at its write to standard output', () => {
      expect(run(node, 'write-stderr-only.mjs')).toEqual({
        stdout: '',
        stderr: 'to standard error: written\n',
        status: null,
        signal: 'SIGSYS',
      });
    });

    it('read-only-open.mjs reads, and leaves a file as it was', () => {
      const file = join(folder, 'file');
      writeFileSync(file, 'as it was');
      const { stdout, ...rest } = run(node, 'read-only-open.mjs', [file]);
      const content = readFileSync(file, 'utf8');
      rmSync(file);
      expect(stdout).toBe(announced('read-only-open.mjs'));
      expect(stdout.match(/: done$/gm)).toHaveLength(2);
      expect(stdout.match(/: EACCES$/gm)).toHaveLength(5);
      expect(rest).toEqual({ stderr: '', status: 0, signal: null });
      expect(content).toBe('as it was');
    });

    it('trap.mjs shows SIGSYS, the wrong success under a listener, and errno', () => {
      const { stdout, ...rest } = run(node, 'trap.mjs');
      expect(stdout).toBe(announced('trap.mjs'));
      expect(stdout.split('\n')).toHaveLength(4);
      expect(rest).toEqual({ stderr: '', status: 0, signal: null });
    });

    it('audit.mjs finds the name of the call on the architecture of the record', () => {
      const records = auditRecords.map(({ record }) => `${record}\n`).join('');
      const { stdout, ...rest } = run(node, 'audit.mjs', ['-'], records);
      expect(stdout).toBe(auditRecords.flatMap(({ shown }) => shown.map((line) => `${line}\n`)).join(''));
      expect(rest).toEqual({ stderr: '', status: 0, signal: null });
    });

    it('audit.mjs makes a record and finds it where the kernel log has it', () => {
      const { stdout, ...rest } = run(node, 'audit.mjs');
      expect(rest).toEqual({ stderr: '', status: 0, signal: null });
      // The kernel prints few records a second, and none to its log while auditd takes them.
      const found = /^pid (\d+) \S+: mkdir \(83\) on x86_64, LOG$/m.exec(stdout)?.[1];
      const missed = /^no record of process (\d+) in the kernel log/.exec(stdout)?.[1];
      expect(found ?? missed).toMatch(/^\d+$/);
      if (found === undefined) expect(kernelLog()).not.toContain(` pid=${missed} `);
    });
  });
});

/** Number, architecture and action against the kernel's tables: asm/unistd_64.h, _32.h, _x32.h, asm-generic/unistd.h. */
const auditRecords: readonly { readonly record: string; readonly shown: readonly string[] }[] = [
  {
    record:
      'type=SECCOMP msg=audit(1700000000.123:42): auid=1000 uid=1000 gid=1000 ses=2 subj=unconfined pid=4711 ' +
      'comm="tester" exe="/usr/bin/tester" sig=31 arch=c000003e syscall=1 compat=0 ip=0x7f0000000000 code=0x80000000',
    shown: ['pid 4711 tester: write (1) on x86_64, KILL_PROCESS'],
  },
  {
    record:
      'audit: type=1326 audit(1:2): pid=3 comm="a" sig=0 arch=40000003 syscall=83 compat=1 code=0x7ffc0000',
    shown: ['pid 3 a: symlink (83) on x86, LOG'],
  },
  {
    record: 'audit: type=1326 audit(1:2): pid=3 comm="a" sig=0 arch=c000003e syscall=1073741863 code=0x50001',
    shown: ['pid 3 a: getpid (1073741863) on x32, ERRNO EPERM (1)'],
  },
  {
    record: 'audit: type=1326 audit(1:2): pid=3 comm="a b" sig=31 arch=c00000b7 syscall=56 code=0x30000',
    shown: ['pid 3 a b: openat (56) on aarch64, TRAP'],
  },
  {
    record: 'audit: type=1326 audit(1:2): pid=3 comm="a" sig=0 arch=deadbeef syscall=83 code=0x7ffc0000',
    shown: ['pid 3 a: unknown call (83) on unknown architecture deadbeef, LOG'],
  },
  { record: 'audit: type=1300 audit(1:2): arch=c000003e syscall=83 success=yes', shown: [] },
];

function kernelLog(): string {
  return spawnSync('dmesg', { encoding: 'utf8', maxBuffer: 1 << 26 }).stdout ?? '';
}
