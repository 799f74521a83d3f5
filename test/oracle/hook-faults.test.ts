/**
 * Whatever goes wrong, the container's program does not run; and the reason is where people look: in what the runtime
 * prints, in the log, or in both.
 */
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { projectRoot } from '../../tools/debian-cache.ts';
import { rowsFor } from '../support/samples.ts';
import {
  type BundleOptions,
  cli,
  eventually,
  type Hooked,
  type HookedRuntime,
  leftBehind,
  makeHooked,
} from './support/hook-bundle.ts';
import { describeWith } from './support/require.ts';
import { wrapperProgram } from './support/wrapper.ts';

const folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-hook-faults-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, content: string | Uint8Array): string {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
}

const good = file(
  'good.json',
  '{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["mkdir"],"action":"SCMP_ACT_ERRNO"}]}',
);
const unsafe = file('unsafe.json', '{"defaultAction":"SCMP_ACT_ALLOW"}');
chmodSync(unsafe, 0o666);
const dir = join(folder, 'dir');
mkdirSync(dir);
symlinkSync('/etc/passwd', join(dir, 'out.json'));
const miscompiled = join(projectRoot(), 'fixtures/cli/miscompiled.json');
const notify = file(
  'notify.json',
  '{"defaultAction":"SCMP_ACT_ALLOW","listenerPath":"/nonexistent/agent.sock","syscalls":[{"names":["mkdir"],"action":"SCMP_ACT_NOTIFY"}]}',
);
const RAN = 'the program has run';
const echo = ['/bin/busybox', 'echo', RAN];

const runtimes: readonly HookedRuntime[] = [
  { name: 'runc', family: 'runc', path: 'runc' },
  { name: 'crun', family: 'crun', path: 'crun' },
];

/** The hook as `hook config` prints it for a good profile, with other options: config itself would refuse most. */
const options = (...words: readonly string[]): BundleOptions => ({
  hook: ['--profile', good],
  editHooks: (hooks) => edit(hooks, (args) => [...args.slice(0, 8), ...words, ...args.slice(10)]),
});

function edit(
  hooks: Parameters<NonNullable<BundleOptions['editHooks']>>[0],
  change: (args: string[]) => string[],
  path?: string,
) {
  return Object.fromEntries(
    Object.entries(hooks).map(([stage, list]) => [
      stage,
      list.map((hook) => ({ ...hook, path: path ?? hook.path, args: change(hook.args) })),
    ]),
  );
}

const annotated = (value: string): BundleOptions => ({
  ...options('--profiles-dir', dir),
  annotations: { 'dev.oci-seccomp.profile': value },
});

describeWith(
  ['root', 'runc', 'crun', 'busybox', 'cc', 'ptrace', 'built'],
  'a hook that cannot do its work',
  () => {
    afterAll(() => expect(eventually(() => leftBehind().length === 0) ? [] : leftBehind()).toEqual([]));

    const cases: readonly [string, BundleOptions, RegExp][] = [
      ['a missing profile', options('--profile', '/nonexistent.json'), /there is no such file/],
      ['a profile that others can write', options('--profile', unsafe), /others can write/],
      [
        'a profile that is none',
        options('--profile', file('bad.json', '{"defaultAction":"X"}')),
        /is not a profile/,
      ],
      [
        'a profile that is not JSON',
        options('--profile', file('bad2.json', '{"defaultAction":')),
        /is not a profile/,
      ],
      [
        'a profile that libseccomp compiles to something else',
        options('--profile', miscompiled, '--backend', 'libseccomp'),
        /ERR_PROOF/,
      ],
      ['no libseccomp', options('--profile', good, '--library', '/nonexistent.so'), /ERR_LIBSECCOMP_MISSING/],
      [
        'a program for another machine',
        options(
          '--profile',
          file(
            's390.bpf',
            Buffer.from('2000000004000000150000011600008006000000' + '0000ff7f060000000000ff7f', 'hex'),
          ),
        ),
        /is a program for s390x/,
      ],
      [
        'a program the kernel would refuse',
        options('--profile', file('no.bpf', Buffer.from('0500000009000000', 'hex'))),
        /the kernel would refuse/,
      ],
      ['an unknown option', options('--profil', good), /unknown option '--profil'/],
      ['a listener that is not there', options('--profile', notify), /agent\.sock/],
      ['no profile, and no default', options('--profiles-dir', dir), /names no profile/],
      ['an annotation that leads up', annotated('../good.json'), /a name that is not allowed/],
      ['an annotation that leads out by a link', annotated('out.json'), /a symbolic link out of/],
      [
        'an annotation where nothing may be chosen',
        { hook: ['--profile', good], annotations: { 'dev.oci-seccomp.profile': 'x' } },
        /may not choose/,
      ],
      [
        'a stage that is too late',
        {
          hook: ['--profile', good],
          editHooks: (hooks) =>
            edit(hooks, (args) => args.map((word) => (word === 'createRuntime' ? 'startContainer' : word))),
        },
        /cannot set a filter/,
      ],
      [
        'no_new_privs never, without the capability',
        options('--profile', good, '--no-new-privs', 'never'),
        /^/,
      ],
      [
        'a log on a full disk',
        {
          hook: ['--profile', good],
          editHooks: (hooks) => edit(hooks, (args) => [...args.slice(0, 10), '--log', '/dev/full']),
        },
        /cannot be written/,
      ],
    ];

    for (const runtime of runtimes) {
      const withBundle = async (
        given: BundleOptions,
        use: (bundle: Hooked) => void | Promise<void>,
      ): Promise<void> => {
        const bundle = makeHooked(runtime, { capabilities: [], args: echo, ...given });
        try {
          await use(bundle);
        } finally {
          bundle.remove();
        }
      };

      it.each(rowsFor(runtime.name, cases))(
        `${runtime.name} does not start a container for: %s`,
        async (_, given, reason) => {
          await withBundle(given, ({ call, logText }) => {
            const { status, output } = call('run', 'ID');
            expect(output).not.toContain(RAN);
            expect(status).not.toBe(0);
            // crun keeps what a hook prints to itself.
            const told = `${output}\n${logText()}`;
            if (runtime.family === 'runc' || logText() !== '') expect(told).toMatch(reason);
          });
        },
      );

      it(`${runtime.name}: a config.json that claims more capabilities than the runtime has read ends the container`, async () => {
        // The hook is called with the file as it is when the runtime has long read it.
        const editHooks: BundleOptions['editHooks'] = (hooks) =>
          edit(hooks, (args) => [
            'sh',
            '-c',
            'sed -i s/CAP_KILL/CAP_SYS_ADMIN/g config.json; exec sh "$@"',
            ...args,
          ]);
        const given = { hook: ['--profile', 'docker-default'], capabilities: ['CAP_KILL'] };
        await withBundle({ ...given, editHooks }, ({ call, logText }) => {
          expect(call('run', 'ID').output).not.toContain(RAN);
          expect(
            eventually(() =>
              / error .*killed: .*CAP_SYS_ADMIN, and process \d+ does not have it/.test(logText()),
            ),
          ).toBe(true);
        });
        await withBundle(given, ({ call }) => expect(call('run', 'ID').output).toContain(RAN));
      });

      it(`${runtime.name}: a supervisor that is killed between create and start takes the container with it`, async () => {
        await withBundle({ hook: ['--profile', good] }, ({ call, folder: home }) => {
          expect(call('create', 'ID')).toMatchObject({ status: 0 });
          const id = home.replace(/.*oci-seccomp-/, '');
          const pids = leftBehind()
            .filter((line) => line.includes(id))
            .map((line) => Number.parseInt(line, 10));
          expect(pids).toHaveLength(1);
          for (const pid of pids) process.kill(pid, 'SIGKILL');
          expect(eventually(() => !leftBehind().some((line) => line.includes(id)))).toBe(true);
          const { output } = call('start', 'ID');
          expect(output).not.toContain(RAN);
          expect(eventually(() => !call('state', 'ID').output.includes('"running"'))).toBe(true);
        });
      });

      it(`${runtime.name}: a hook that is killed fails the start, at whatever time`, async () => {
        const timeout = spawnSync('which', ['timeout'], { encoding: 'utf8' }).stdout.trim();
        for (const delay of [1, 40, 80, 120, 200]) {
          const editHooks: BundleOptions['editHooks'] = (hooks) =>
            edit(hooks, (args) => ['timeout', '-s', 'KILL', String(delay / 1000), ...args.slice(4)], timeout);
          await withBundle(
            { hook: ['--profile', good, '--timeout', '5'], editHooks },
            ({ call, logText }) => {
              const { status, output } = call('run', 'ID');
              // The slower the machine, the fewer get through; who does has its filter.
              if (status === 0) expect(logText()).toContain('has its filter');
              else expect(output).not.toContain(RAN);
            },
          );
        }
      });
    }
  },
);

describe('the hook by itself', () => {
  const hook = (input: string | Uint8Array, ...words: readonly string[]) =>
    spawnSync(process.execPath, [cli, 'hook', 'createRuntime', '--profile', good, ...words], {
      input,
      encoding: 'utf8',
      env: {},
    });
  const state = (change: object): string =>
    JSON.stringify({
      ociVersion: '1.0',
      id: 'x',
      status: 'created',
      pid: process.pid,
      bundle: '/',
      ...change,
    });

  it.each([
    ['nothing', '', 'it is empty'],
    ['no JSON', '{"pid":', 'is not JSON'],
    ['two megabytes', `"${'x'.repeat(2_000_000)}"`, 'is longer than 1048576 bytes'],
    ['depth', '['.repeat(500_000), 'is not JSON'],
    ['itself as the container', state({}), 'does not belong to the container'],
    ['init as the container', state({ pid: 1 }), '"pid"'],
    ['a process that is not there', state({ pid: 4_194_304 }), 'no such process'],
  ])('refuses %s, with an empty environment', (_, input, message) => {
    const { status, stderr } = hook(input);
    expect(stderr).toContain(message);
    expect([2, 3]).toContain(status);
  });

  it('refuses a process of the caller that is in no container', async () => {
    const child = spawn('sleep', ['20'], { stdio: 'ignore' });
    try {
      const { status, stderr } = hook(state({ pid: child.pid }));
      expect(stderr).toContain('mount namespace of this hook');
      expect([2, 3]).toContain(status);
      expect(
        spawnSync('grep', ['-c', 'TracerPid:\t0', `/proc/${child.pid}/status`], { encoding: 'utf8' }).stdout,
      ).toBe('1\n');
    } finally {
      child.kill('SIGKILL');
    }
  });

  it.each([
    ['the hook', cli, ['hook', 'createRuntime']],
    ['the runtime wrapper', wrapperProgram, ['create', 'x']],
  ])('%s has failed if it ends before it is done', (_, program, words) => {
    // Ends the process without a word, when the program has begun and has not got far.
    const early = file('early.cjs', 'process.nextTick(() => process.exit());');
    const configuration = file('wrapper.json', `{"runtime":"/bin/true","profile":"${good}"}`);
    const { status } = spawnSync(process.execPath, ['--require', early, program, ...words], {
      env: { OCI_SECCOMP_CONFIG: configuration },
    });
    expect(status).toBe(1);
  });

  it('loses no config.json where standard output is closed', () => {
    // Node opens /dev/null in its place.
    const precreate = `'${process.execPath}' '${cli}' hook precreate --profile '${good}' --runtime runc`;
    const { status, stderr } = spawnSync('sh', ['-c', `${precreate} >&-`], {
      input: '{"linux":{}}',
      encoding: 'utf8',
      env: {},
    });
    expect(stderr).toContain('standard output is closed, or /dev/null');
    expect(status).toBe(3);
  });

  it('writes a long config.json whole, also to a pipe that does not wait and that is read late', () => {
    const config = `{"linux":{},"x":"${'x'.repeat(200_000)}"}`;
    const precreate = `'${process.execPath}' '${cli}' hook precreate --profile '${good}' --runtime runc`;
    const words = `{ dd if=/dev/null oflag=nonblock count=0 2>/dev/null; ${precreate}; } | { sleep 0.5; cat; }`;
    const { stdout, stderr } = spawnSync('sh', ['-c', words], {
      input: config,
      encoding: 'utf8',
      env: { PATH: '/usr/bin:/bin' },
    });
    expect(stderr).toBe('');
    expect(Object.keys(JSON.parse(stdout))).toEqual(['linux', 'x']);
    expect(stdout.length).toBeGreaterThan(config.length);
  });
});
