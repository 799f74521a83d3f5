/**
 * Containers of real runtimes that get their filter from the hook: what their programs say of it, and what is read back.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { BPF_ST, decodeProgram } from '../../src/bpf/program.ts';
import { rowsFor } from '../support/samples.ts';
import { makeShortFolder } from '../support/short-folder.ts';
import {
  type BundleOptions,
  eventually,
  type Hooked,
  type HookedRuntime,
  leftBehind,
  makeHooked,
  ociSeccomp,
} from './support/hook-bundle.ts';
import { helperPath } from './support/native.ts';
import { describeWith } from './support/require.ts';
import { readFilters } from './support/runtime.ts';

const folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-hook-profiles-'));
const sockets = makeShortFolder();
afterAll(() => {
  for (const each of [folder, sockets]) rmSync(each, { recursive: true, force: true });
});
/** EDOM: no kernel gives it for mkdir. */
const EDOM = 33;
const profile = join(folder, 'deny-mkdir.json');
const deny = { names: ['mkdir', 'mkdirat'], action: 'SCMP_ACT_ERRNO', errnoRet: EDOM };
writeFileSync(profile, JSON.stringify({ defaultAction: 'SCMP_ACT_ALLOW', syscalls: [deny] }));

/** A program that has arguments in scratch memory, because that many rules of a call have bounds of two. */
const crowded = join(folder, 'crowded.bpf');
const withCells: BundleOptions = { hook: ['--profile', crowded] };

function compileCrowded(): void {
  const bounded = Array.from({ length: 160 }, (_, n) => ({
    ...{ names: ['keyctl'], action: 'SCMP_ACT_ERRNO' },
    args: [
      { index: 0, op: 'SCMP_CMP_EQ', value: n },
      { index: 1, op: 'SCMP_CMP_GE', value: n },
      { index: 2, op: 'SCMP_CMP_LE', value: 900 - n },
    ],
  }));
  const rules = join(folder, 'crowded.json');
  writeFileSync(rules, JSON.stringify({ defaultAction: 'SCMP_ACT_ALLOW', syscalls: [deny, ...bounded] }));
  ociSeccomp('compile', rules, '-r', 'crun', '--backend', 'builtin', '-q', '-o', crowded);
  const usesCells = decodeProgram(readFileSync(crowded), 'little').some(({ code }) => code === BPF_ST);
  expect(usesCells).toBe(true);
}

const runtimes: readonly HookedRuntime[] = [
  { name: 'runc', family: 'runc', path: 'runc' },
  { name: 'crun', family: 'crun', path: 'crun' },
];
const busybox = ['/bin/busybox', 'sh', '-c'];
const told = (line: string, filters = 1, noNewPrivs = 1, euid = 0): string =>
  `${line} euid=${euid} early=${EDOM} mkdir=${EDOM} Seccomp:2 Seccomp_filters:${filters} NoNewPrivs:${noNewPrivs}`;
const all = (filters = 1, noNewPrivs = 1, euid = 0): string =>
  ['main', 'thread', 'child'].map((who) => `${told(who, filters, noNewPrivs, euid)}\n`).join('');

describeWith(['root', 'runc', 'crun', 'busybox', 'cc', 'ptrace', 'built'], 'containers with the hook', () => {
  afterAll(() => expect(eventually(() => leftBehind().length === 0) ? [] : leftBehind()).toEqual([]));

  const hook = ['--profile', profile];
  const cases: readonly [string, BundleOptions, string][] = [
    ['a dynamically linked program with threads and children', {}, all()],
    [
      'a shell and its children',
      { args: [...busybox, 'exec 2>&1; busybox mkdir /tmp/x; busybox grep Seccomp: /proc/self/status'] },
      "mkdir: can't create directory '/tmp/x': Numerical argument out of domain\nSeccomp:\t2\n",
    ],
    ['echo', { args: ['/bin/busybox', 'echo', 'hi'] }, 'hi\n'],
    ['a user that is not root', { user: 1000 }, all(1, 1, 1000)],
    [
      'a user with capabilities, but not the one',
      { user: 1000, capabilities: ['CAP_KILL'] },
      all(1, 1, 1000),
    ],
    ['root with CAP_SYS_ADMIN, which needs no no_new_privs', { capabilities: ['CAP_SYS_ADMIN'] }, all(1, 0)],
    [
      'no_new_privs always',
      { capabilities: ['CAP_SYS_ADMIN'], hook: [...hook, '--no-new-privs', 'always'] },
      all(),
    ],
    ['no_new_privs of its own', { noNewPrivileges: true }, all()],
    // The kernel has given it its user when execve(2) returns, and the filter comes after.
    ['a setuid program as the first', { user: 1000, args: ['/bin/setuid-probe'] }, all(1, 1, 0)],
    [
      'a setuid program later on, which no_new_privs takes that away from',
      { user: 1000, args: [...busybox, '/bin/setuid-probe; true'] },
      all(1, 1, 1000),
    ],
    ['a user namespace of its own', { userNamespace: true }, all()],
    [
      'a filter of the runtime as well',
      {
        seccomp: {
          defaultAction: 'SCMP_ACT_ALLOW',
          syscalls: [{ names: ['swapon'], action: 'SCMP_ACT_ERRNO' }],
        },
      },
      all(2),
    ],
    [
      'a filter of the runtime that denies what installing takes',
      {
        seccomp: {
          defaultAction: 'SCMP_ACT_ALLOW',
          syscalls: [{ names: ['seccomp', 'prctl'], action: 'SCMP_ACT_ERRNO' }],
        },
        noNewPrivileges: true,
      },
      all(2),
    ],
    ['a read-only root', { readonlyRoot: true }, all()],
    ['the stage prestart', { hook: [...hook, '--stage', 'prestart'] }, all()],
    ['a program compiled before', { hook: ['--profile', join(folder, 'deny.bpf')] }, all()],
    ['a program with scratch memory', withCells, all()],
    [
      'an annotation that chooses',
      { hook: ['--profiles-dir', folder], annotations: { 'dev.oci-seccomp.profile': 'deny-mkdir.json' } },
      all(),
    ],
  ];

  for (const runtime of runtimes) {
    const withBundle = async (
      options: BundleOptions,
      use: (bundle: Hooked) => void | Promise<void>,
    ): Promise<void> => {
      const bundle = makeHooked(runtime, { capabilities: [], hook, ...options });
      try {
        await use(bundle);
      } finally {
        bundle.remove();
      }
    };

    it.each(rowsFor(runtime.name, cases))(`${runtime.name} runs %s`, async (_, options, expected) => {
      expect(ociSeccomp('compile', profile, '-r', 'crun', '-q', '-o', join(folder, 'deny.bpf')).stderr).toBe(
        '',
      );
      if (options === withCells) compileCrowded();
      await withBundle(options, ({ call, logText }) => {
        const { status, output } = call('run', 'ID');
        expect(output).toBe(expected);
        expect(status).toBe(0);
        expect(logText()).toMatch(
          /attached: profile=.*sha256=[0-9a-f]{64}( claim="proven[^\n]*")? ms=\d+\n.*has its filter/,
        );
      });
    });

    it(`${runtime.name}: --strict starts no container on a profile that forbids less than it reads like`, async () => {
      const typo = { names: ['mkdirr'], action: 'SCMP_ACT_ERRNO' };
      writeFileSync(
        join(folder, 'typo.json'),
        JSON.stringify({ defaultAction: 'SCMP_ACT_ALLOW', syscalls: [typo] }),
      );
      const chosen = {
        annotations: { 'dev.oci-seccomp.profile': 'typo.json' },
        args: [...busybox, 'echo ran'],
      };
      const lenient = ['--profiles-dir', folder];
      await withBundle({ ...chosen, hook: lenient }, ({ call, logText }) => {
        expect(call('run', 'ID')).toMatchObject({ output: 'ran\n', status: 0 });
        expect(logText()).toMatch(/claim="proven, except: no rule is in the filter: .*mkdirr.* is allowed"/);
      });
      await withBundle({ ...chosen, hook: [...lenient, '--strict'] }, ({ call, logText }) => {
        const { output, status } = call('run', 'ID');
        expect(status).not.toBe(0);
        expect(output).not.toContain('ran\n');
        expect(logText()).toMatch(/refused: .*\[ERR_CLAIM\]/);
      });
    });

    it.each(
      rowsFor(runtime.name, [
        ['builtin', []],
        ['libseccomp', ['--backend', 'libseccomp']],
      ] as const),
    )(
      `${runtime.name}: a container that is created now and started later has the bytes of compile --backend %s`,
      async (backend, options) => {
        const bytes = join(folder, 'later.bpf');
        const compile = ['compile', profile, '--caps', 'none', '--backend', backend, '-q', '-o', bytes];
        expect(ociSeccomp(...compile).stderr).toBe('');
        const held = { args: ['/bin/probe', '60'], hook: [...hook, ...options] };
        await withBundle(held, ({ call, logText, folder: home }) => {
          expect(call('create', '--pid-file', join(home, 'pid'), 'ID')).toMatchObject({ status: 0 });
          expect(logText()).not.toContain('has its filter');
          expect(leftBehind().length).toBeGreaterThan(0);
          expect(call('start', 'ID')).toMatchObject({ status: 0 });
          expect(eventually(() => logText().includes('has its filter'))).toBe(true);
          const filters = readFilters(Number(readFileSync(join(home, 'pid'), 'utf8')));
          expect(filters.map((filter) => Buffer.from(filter))).toEqual([readFileSync(bytes)]);
          // What is started in it later is none of its program's children.
          const exec = call('exec', 'ID', '/bin/probe');
          expect(exec.output).toContain('Seccomp:0 Seccomp_filters:0');
          call('kill', 'ID', 'KILL');
        });
      },
    );

    it(`${runtime.name}: the profile's agent gets the listener, answers, and the container goes on`, async () => {
      const socket = join(sockets, `${runtime.name}.sock`);
      const asking = join(folder, `${runtime.name}-notify.json`);
      const ask = { names: ['mkdir', 'mkdirat'], action: 'SCMP_ACT_NOTIFY' };
      // As for runc and crun, which connect to the path, it may be a link.
      const listener = { listenerPath: `${socket}.link`, listenerMetadata: 'm' };
      symlinkSync(socket, listener.listenerPath);
      writeFileSync(
        asking,
        JSON.stringify({ defaultAction: 'SCMP_ACT_ALLOW', ...listener, syscalls: [ask] }),
      );
      const agent = spawn(helperPath('notify-agent'), [socket], { stdio: ['ignore', 'pipe', 'inherit'] });
      let said = '';
      agent.stdout.on('data', (data) => {
        said += data;
      });
      const ended = new Promise((resolve) => agent.once('close', resolve));
      expect(eventually(() => existsSync(socket))).toBe(true);
      const args = [...busybox, 'exec 2>&1; busybox mkdir /tmp/x; echo "goes on"'];
      await withBundle({ hook: ['--profile', asking], args }, ({ call }) => {
        // 77 is the agent's answer.
        const message = "mkdir: can't create directory '/tmp/x': File descriptor in bad state\ngoes on\n";
        expect(call('run', 'ID')).toMatchObject({ output: message, status: 0 });
      });
      await ended;
      const [, message = '', descriptor, asked] = said.split('\n');
      expect(JSON.parse(message)).toMatchObject({
        fds: ['seccompFd'],
        metadata: 'm',
        state: { bundle: expect.any(String) },
      });
      expect([descriptor, asked]).toEqual(['anon_inode:seccomp notify', 'call 83']);
    });

    it(`${runtime.name}: a container that is deleted before its start leaves no supervisor`, async () => {
      await withBundle({}, ({ call, logText }) => {
        expect(call('create', 'ID')).toMatchObject({ status: 0 });
        expect(call('delete', '--force', 'ID')).toMatchObject({ status: 0 });
        expect(eventually(() => leftBehind().length === 0)).toBe(true);
        expect(logText()).toMatch(/ error .* ended without executing a program, by signal 9/);
      });
    });
  }
});
