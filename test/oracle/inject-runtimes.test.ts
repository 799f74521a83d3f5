/**
 * Containers of real runtimes, filtered by a supervisor that their hook started.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { capabilitiesOfMask } from '../../src/abi/capabilities.ts';
import { programBytes, statusLine } from '../kernel/support/target.ts';
import { type HookedOptions, runHooked } from './support/hooked.ts';
import { helperPath } from './support/native.ts';
import { describeWith } from './support/require.ts';

const RET = 0x06;
const ALLOW = 0x7fff0000;
const judges = (nr: number, verdict: number): Uint8Array =>
  programBytes([0x20, 0, 0, 0], [0x15, 0, 1, nr], [RET, 0, 0, verdict], [RET, 0, 0, ALLOW]);
/** mkdir gives errno 77, which nothing else gives. */
const program = judges(83, 0x0005004d);
const status = ['/bin/busybox', 'grep', '-E', 'NoNewPrivs|Seccomp|Uid', '/proc/self/status'];
const statusText = (uid: number, noNewPrivileges: number, filters = 1): string =>
  `Uid:\t${uid}\t${uid}\t${uid}\t${uid}\nNoNewPrivs:\t${noNewPrivileges}\nSeccomp:\t2\nSeccomp_filters:\t${filters}\n`;
const caps = (names: readonly string[]) => ({
  bounding: names,
  effective: names,
  permitted: names,
  inheritable: names,
  ambient: names,
});
/** A runtime cannot give what it has not. */
const available = capabilitiesOfMask(BigInt(`0x${statusLine(process.pid, 'CapEff')}`));
const all = { capabilities: caps(available) };
const user = { user: { uid: 1000, gid: 1000 } };
const userNamespace = {
  namespaces: [{ type: 'pid' }, { type: 'mount' }, { type: 'user' }],
  uidMappings: [{ containerID: 0, hostID: 100000, size: 65536 }],
  gidMappings: [{ containerID: 0, hostID: 100000, size: 65536 }],
};
const own = { defaultAction: 'SCMP_ACT_ALLOW', syscalls: [{ names: ['rmdir'], action: 'SCMP_ACT_ERRNO' }] };
const deniesSeccomp = {
  defaultAction: 'SCMP_ACT_ALLOW',
  syscalls: [{ names: ['seccomp', 'prctl'], action: 'SCMP_ACT_KILL' }],
};

const folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-agent-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Processes of a container's hook that are left. runHooked has waited for their end, for as long as anything may take. */
function leftovers(id: string): string {
  return spawnSync('pgrep', ['-af', `supervisor.cj[s] ${id}`], { encoding: 'utf8' }).stdout;
}

const table: readonly (readonly [string, Partial<HookedOptions>, string])[] = [
  ['the first instruction', { args: ['/bin/probe'] }, '4d 0 0 0 0 0\n'],
  ['a stage before: prestart', { args: ['/bin/probe'], stage: 'prestart' }, '4d 0 0 0 0 0\n'],
  [
    'a shell with children',
    { args: ['/bin/busybox', 'sh', '-c', '/bin/probe; /bin/busybox env /bin/probe'] },
    '4d 0 0 0 0 0\n'.repeat(2),
  ],
  ['root with all capabilities', { args: status, process: all }, statusText(0, 0)],
  ['root with none', { args: status }, statusText(0, 1)],
  [
    'root with all, and no_new_privs always',
    { args: status, process: all, hook: { noNewPrivileges: 'always' } },
    statusText(0, 1),
  ],
  ['a user without capabilities', { args: status, process: user }, statusText(1000, 1)],
  ['a user with all', { args: status, process: { ...user, ...all } }, statusText(1000, 0)],
  [
    'a setuid program',
    { args: ['/setuid/busybox', ...status.slice(1)], process: user },
    'Uid:\t1000\t1000\t0\t1000\nNoNewPrivs:\t1\nSeccomp:\t2\nSeccomp_filters:\t1\n',
  ],
  ['a user namespace', { args: status, process: all, linux: userNamespace, owner: 100000 }, statusText(0, 0)],
  [
    'a user namespace, without capabilities',
    { args: status, linux: userNamespace, owner: 100000 },
    statusText(0, 1),
  ],
  [
    'a filter of its own',
    { args: status, process: all, linux: { namespaces: [{ type: 'pid' }, { type: 'mount' }], seccomp: own } },
    statusText(0, 0, 2),
  ],
  [
    'a filter of its own that kills for seccomp and prctl',
    {
      args: ['/bin/probe'],
      process: { noNewPrivileges: true },
      linux: { namespaces: [{ type: 'pid' }, { type: 'mount' }], seccomp: deniesSeccomp },
    },
    '4d 0 0 0 0 0\n',
  ],
  [
    'hooks in the container after ours',
    {
      args: ['/bin/probe'],
      hooks: {
        createContainer: [{ path: '/bin/true' }],
        startContainer: [{ path: '/bin/busybox', args: ['busybox', 'true'] }],
      },
    },
    '4d 0 0 0 0 0\n',
  ],
];

describe.each(['runc', 'crun'] as const)('%s', (runtime) => {
  describeWith(['root', 'x86_64', runtime, 'cc', 'busybox', 'ptrace', 'built'], `${runtime}, hooked`, () => {
    it.each(table)('filters %s', (_, options, output) => {
      const result = runHooked(runtime, { program, args: [], ...options });
      expect(result.output).toBe(output);
      expect(result.status).toBe(0);
      expect(result.log).toMatch(
        / info container \S+: process \d+ has its filter: 4 instructions, read back and equal/,
      );
      expect(leftovers(result.id)).toBe('');
    });

    it.each([
      [
        'the program is wrong',
        { program: programBytes([0x20, 0, 0, 0]) },
        /killed: seccomp in process \d+: EINVAL/,
      ],
      [
        'no_new_privs is forbidden',
        { hook: { noNewPrivileges: 'never' } },
        /killed: seccomp in process \d+: EACCES/,
      ],
      ['the supervisor is killed', { hook: { killSupervisor: true } }, /^$/],
      ['the hook is killed', { hook: { hookDies: true } }, /^$/],
      [
        'nobody listens',
        { hook: { listenerPath: '/nonexistent/agent' } },
        /not started: listenerPath \S+: there is nothing/,
      ],
      ['the log cannot be opened', { logFile: '/nonexistent/log' }, /^$/],
      ['the log is on a full disk', { logFile: '/dev/full' }, /^$/],
    ] as const)('does not start the program when %s', (_, options, log) => {
      const result = runHooked(runtime, {
        program,
        args: ['/bin/probe'],
        ...(options as Partial<HookedOptions>),
      });
      expect(result.output).not.toMatch(/^4d|^2 /m);
      expect(result.status).not.toBe(0);
      // What the runtime printed says why, if the hook was not even called.
      if (!('logFile' in options)) expect(result.log, result.output).toMatch(log);
      expect(leftovers(result.id)).toBe('');
    });

    it('filters after create and a later start, and ends with a delete before it', () => {
      const create = ['create', '--bundle', 'BUNDLE', 'ID'];
      const started = runHooked(runtime, {
        program,
        args: ['/bin/probe'],
        commands: [create, ['start', 'ID']],
      });
      expect(started.log).toMatch(/has its filter/);
      const deleted = runHooked(runtime, {
        program,
        args: ['/bin/probe'],
        commands: [create, ['delete', '--force', 'ID']],
      });
      expect(deleted.log).not.toMatch(/has its filter/);
      expect(leftovers(deleted.id) + leftovers(started.id)).toBe('');
    });

    it('gives an agent the listener, with what runc would say', async () => {
      const path = join(folder, `${runtime}.sock`);
      const agent = spawn(helperPath('notify-agent'), [path], { stdio: ['ignore', 'pipe', 'inherit'] });
      let text = '';
      agent.stdout.on('data', (data) => {
        text += data;
      });
      const ended = new Promise((resolve) => agent.once('close', resolve));
      while (!existsSync(path)) await new Promise((resolve) => setTimeout(resolve, 5));
      const notify = judges(83, 0x7fc00000);
      const result = runHooked(runtime, {
        program: notify,
        args: ['/bin/probe'],
        annotations: { b: '<&>', a: 'é' },
        hook: { listenerPath: path, metadata: 'some <metadata>' },
      });
      expect(result.output).toBe('4d 0 0 0 0 0\n');
      await ended;
      const [, message = '', descriptor, call] = text.split('\n');
      expect([descriptor, call]).toEqual(['anon_inode:seccomp notify', 'call 83']);
      const { pid } = JSON.parse(message) as { pid: number };
      const [version, state] = runtime === 'runc' ? ['1.0.2-dev', 'creating'] : ['1.0', 'created'];
      const annotations =
        runtime === 'runc' ? ',"annotations":{"a":"é","b":"\\u003c\\u0026\\u003e"}' : expect.anything();
      if (typeof annotations === 'string')
        expect(message.replace(/"bundle":"[^"]*"/, '"bundle":""')).toBe(
          `{"ociVersion":"${version}","fds":["seccompFd"],"pid":${pid},"metadata":"some \\u003cmetadata\\u003e","state":{"ociVersion":"${version}","id":"${result.id}","status":"${state}","pid":${pid},"bundle":""${annotations}}}`,
        );
    });
  });
});
