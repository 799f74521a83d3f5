/**
 * First programs of every kind: each runs under its filter from its first instruction on, or does not run.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { rowsFor } from '../support/samples.ts';
import {
  type BundleOptions,
  eventually,
  type HookedRuntime,
  leftBehind,
  makeHooked,
} from './support/hook-bundle.ts';
import { helperPath } from './support/native.ts';
import { describeWith } from './support/require.ts';

const folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-hook-programs-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
/** EDOM for mkdir: no kernel gives it. first-calls prints D then, and U where mkdir is let through. */
const rule = { names: ['mkdir', 'mkdirat'], action: 'SCMP_ACT_ERRNO', errnoRet: 33 };
const profile = join(folder, 'p.json');
writeFileSync(profile, JSON.stringify({ defaultAction: 'SCMP_ACT_ALLOW', syscalls: [rule] }));

const runtimes: readonly HookedRuntime[] = [
  { name: 'runc', family: 'runc', path: 'runc' },
  { name: 'crun', family: 'crun', path: 'crun' },
];
const MANY = 'D'.repeat(32);
const PROGRAM = '/bin/first';

const put =
  (mode: number, owner = 0, path = PROGRAM) =>
  (root: string): void => {
    copyFileSync(helperPath('first-calls'), join(root, path));
    chownSync(join(root, path), owner, owner);
    chmodSync(join(root, path), mode);
  };

function script(text: string): BundleOptions {
  const prepare = (root: string): void => {
    put(0o755)(root);
    writeFileSync(join(root, 'bin/script'), text);
    chmodSync(join(root, 'bin/script'), 0o755);
  };
  return { prepare, args: ['/bin/script'] };
}

const runs: readonly [string, BundleOptions, string][] = [
  ['that makes 32 processes at once', { prepare: put(0o755), args: [PROGRAM, 'f'] }, MANY],
  ['that makes 32 processes with vfork', { prepare: put(0o755), args: [PROGRAM, 'v'] }, MANY],
  ['that makes 32 threads at once', { prepare: put(0o755), args: [PROGRAM, 't'] }, MANY],
  ['that makes 32 processes in its own memory', { prepare: put(0o755), args: [PROGRAM, 'p'] }, MANY],
  ['that executes itself again at once', { prepare: put(0o755), args: [PROGRAM, 'x'] }, 'D'],
  ['that its user may not read', { prepare: put(0o711), user: 1000, args: [PROGRAM, 'f'] }, MANY],
  [
    'that its user may not read, in a user namespace',
    { prepare: put(0o711), user: 1000, userNamespace: true, args: [PROGRAM, 'f'] },
    MANY,
  ],
  ['that is setuid to another user', { prepare: put(0o4755, 1234), user: 1000, args: [PROGRAM, 't'] }, MANY],
  ['that is setgid', { prepare: put(0o2755, 1234), user: 1000, args: [PROGRAM, 'v'] }, MANY],
  ['that is setuid and not to be read', { prepare: put(0o4711), user: 1000, args: [PROGRAM, 'p'] }, MANY],
  ['that is a script', script(`#!${PROGRAM} f\n`), MANY],
  ['that is a script of a script', script('#!/bin/busybox sh\nexec /bin/first t\n'), MANY],
];

const noProgram: readonly [string, BundleOptions][] = [
  ['an ELF file of another architecture', { prepare: foreign, args: ['/bin/foreign'] }],
  ['a file that is cut off', { prepare: cutOff, args: ['/bin/cut'] }],
  ['a fifo', { prepare: fifo, args: ['/bin/fifo'] }],
  ['a folder', { args: ['/bin'] }],
  ['a script whose interpreter is not there', script('#!/bin/none\n')],
  ['a file that is not executable', { prepare: put(0o644), args: [PROGRAM] }],
  [
    'a file on a noexec mount',
    {
      prepare: put(0o755, 0, '/sys/first'),
      mounts: [
        { destination: '/mnt', type: 'bind', source: 'rootfs/sys', options: ['bind', 'noexec', 'nosuid'] },
      ],
      args: ['/mnt/first'],
    },
  ],
];

/** The head of a program for aarch64. */
function foreign(root: string): void {
  const bytes = Buffer.alloc(4096);
  bytes.write('\x7fELF\x02\x01\x01', 0, 'latin1');
  bytes.writeUInt16LE(2, 16);
  bytes.writeUInt16LE(183, 18);
  writeFileSync(join(root, 'bin/foreign'), bytes, { mode: 0o755 });
}

function cutOff(root: string): void {
  writeFileSync(join(root, 'bin/cut'), Buffer.from('\x7fELF\x02\x01\x01', 'latin1'), { mode: 0o755 });
}

function fifo(root: string): void {
  mkdirSync(join(root, 'bin'), { recursive: true });
  expect(spawnSync('mkfifo', ['-m', '0755', join(root, 'bin/fifo')]).status).toBe(0);
}

describeWith(
  ['root', 'x86_64', 'runc', 'crun', 'busybox', 'cc', 'ptrace', 'built'],
  'a first program',
  () => {
    afterAll(() => expect(eventually(() => leftBehind().length === 0) ? [] : leftBehind()).toEqual([]));

    describe.each(runtimes.map((runtime) => [runtime.name, runtime] as const))('%s', (_, runtime) => {
      const run = (options: BundleOptions) => {
        const bundle = makeHooked(runtime, { capabilities: [], hook: ['--profile', profile], ...options });
        try {
          const { status, output } = bundle.call('run', 'ID');
          // The supervisor writes its line when the runtime is done already.
          expect(eventually(() => /process \d+/.test(bundle.logText()))).toBe(true);
          return { status, output, log: bundle.logText() };
        } finally {
          bundle.remove();
        }
      };

      it.each(rowsFor(runtime.name, runs))(
        '%s runs filtered from its first instruction on',
        (_, options, expected) => {
          const { output, log } = run(options);
          expect(output).toBe(expected);
          expect(log).toMatch(/has its filter: .* read back and equal/);
        },
      );

      it('is not executed half-way: a limit that is too low for it ends the container', () => {
        // A MiB is too little for busybox: execve(2) fails when the old program is gone already.
        const rlimits = [{ type: 'RLIMIT_AS', soft: 1 << 20, hard: 1 << 20 }];
        const bundle = makeHooked(runtime, {
          capabilities: [],
          hook: ['--profile', profile],
          args: ['/bin/busybox', 'echo', 'D'],
          rlimits,
        });
        try {
          const { status, output } = bundle.call('run', 'ID');
          expect(status).not.toBe(0);
          expect(output).not.toMatch(/^D/);
          // crun gives its hooks the limit too: in this one not even a shell starts, so nothing is logged.
          if (runtime.family === 'crun') return;
          expect(eventually(() => bundle.logText().includes('crashed before its program could run'))).toBe(
            true,
          );
        } finally {
          bundle.remove();
        }
      });

      it.each(noProgram)('is not %s: the log does not claim a filter', (_, options) => {
        const { status, output, log } = run(options);
        expect(status).not.toBe(0);
        expect(output).not.toMatch(/^[DU]+$/);
        expect(log).not.toContain('has its filter');
        expect(log).toMatch(/ error .* ended without executing a program/);
      });
    });
  },
);
