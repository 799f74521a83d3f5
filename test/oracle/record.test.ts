/**
 * `record`: what it sees, compared with strace(1); what runs under the profile that it writes, here and in containers of
 * runc and crun; signals that it gets. What is left when it is killed: record-killed.test.ts.
 */
import { spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ociSeccomp as call, type Outcome, program, searchPath } from '../cli/run.ts';
import { HANGS_AFTER } from '../support/patience.ts';
import { removeCgroups, runtimeCommand } from './support/gates.ts';
import { RECORDS_ALL, type RecordedProgram, recordedPrograms } from './support/recorded-programs.ts';
import { describeWith } from './support/require.ts';

const folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-record-'));
chmodSync(folder, 0o755);
const work = join(folder, 'work');
const programs = recordedPrograms(work);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What a program calls depends on its environment, its standard input and its folder: all of them the same for each run. */
const env = { PATH: searchPath, HOME: work, GIT_CONFIG_NOSYSTEM: '1' };
const surroundings = { cwd: work, input: '', env };
const ociSeccomp = (words: readonly string[]): Outcome => call(words, { cwd: work, env });

function plainly([command = '', ...words]: readonly string[]): Pick<Outcome, 'stdout' | 'stderr' | 'status'> {
  const { stdout, stderr, status } = spawnSync(command, words, { ...surroundings, encoding: 'utf8' });
  return { stdout, stderr, status };
}

function stracedNames(words: readonly string[]): readonly string[] {
  const log = join(folder, 'strace.txt');
  spawnSync('strace', ['-f', '-qq', '-o', log, ...words], surroundings);
  const names = readFileSync(log, 'utf8').matchAll(/^\d+ +(?:<\.\.\. )?([a-z0-9_]+)[( ]/gm);
  return [...new Set([...names].map(([, name = '']) => name))].sort();
}

function recordedNames(words: readonly string[], ...options: readonly string[]): readonly string[] {
  const list = join(folder, 'list');
  const { stderr } = ociSeccomp(['record', '-q', '--list', '-o', list, ...options, '--', ...words]);
  expect(stderr).toBe('');
  return readFileSync(list, 'utf8').trim().split('\n');
}

const profiles = new Map<string, string>();
function profileOf({ name, words }: RecordedProgram): string {
  const known = profiles.get(name);
  if (known !== undefined) return known;
  const file = join(folder, `profile-${profiles.size}.json`);
  profiles.set(name, file);
  // Twice: which threads meet differs.
  for (const more of [[], ['--append']]) {
    const recorded = ociSeccomp(['record', '-o', file, ...more, '--', ...words]);
    const { stderr: said, ...rest } = plainly(words);
    expect(recorded, recorded.stderr).toMatchObject(rest);
    expect(recorded.stderr.startsWith(said)).toBe(true);
    expect(recorded.stderr).toMatch(/^proven: (?:all \d+|\d+ of \d+) recorded calls get through/m);
  }
  return file;
}

describeWith(['strace', 'built'], 'record', () => {
  it.each(programs)('sees what strace sees: $name', ({ words, varying = [] }) => {
    const without = (all: readonly string[]): readonly string[] =>
      all.filter((name) => ![...varying, 'futex', 'restart_syscall'].includes(name));
    expect(without(recordedNames(words))).toEqual(without(stracedNames(words)));
  });

  it.each(programs)('writes a profile under which it does the same: $name', (recorded) => {
    const { words } = recorded;
    const profile = profileOf(recorded);
    expect(ociSeccomp(['run', '--profile', profile, '--', ...words])).toMatchObject(plainly(words));
  });

  it.each(programs)('writes a profile of which lint has nothing to say: $name', (recorded) => {
    const profile = profileOf(recorded);
    // libuv polls with rings in Node 22 and 24, and lint says what they bypass.
    const hasRings = readFileSync(profile, 'utf8').includes('"io_uring_setup"');
    const ofRings = ['io-uring-bypass', 'dangerous-allowed'].flatMap((rule) => ['--rule', `${rule}=off`]);
    expect(ociSeccomp(['lint', ...(hasRings ? ofRings : []), profile])).toMatchObject({
      stdout: '',
      status: 0,
    });
  });

  it('lets a shell wait for a child that had ended whenever it was recorded', () => {
    const [profile, list] = [join(folder, 'waits.json'), join(folder, 'waits')];
    const words = ['sh', '-c', 'true & sleep 0.3; wait $!; echo waited'];
    expect(ociSeccomp(['record', '-q', '-o', profile, '-r', 'plain', '--', ...words])).toMatchObject({
      status: 0,
    });
    ociSeccomp(['record', '--list', '-o', list, '--recording', join(folder, 'waits.recording.json')]);
    expect(readFileSync(list, 'utf8')).not.toMatch(/^rt_sigsuspend$/m);
    // Without it dash asks for ever: processor time ends that.
    const waits = ['sh', '-c', 'ulimit -t 2; sleep 0.3 & wait $!; echo waited'];
    const made = ociSeccomp(['run', '--profile', profile, '--', ...waits]);
    expect(made, made.stderr).toMatchObject({ stdout: 'waited\n', status: 0 });
  });

  it('takes ptrace where no listener can be had, and sees the same', () => {
    const words = ['sh', '-c', 'echo a | cat; sleep 0.01'];
    const list = join(folder, 'inner');
    const denied = { names: ['seccomp'], action: 'SCMP_ACT_ERRNO', errnoRet: 1 };
    const profile = join(folder, 'no-seccomp.json');
    writeFileSync(profile, JSON.stringify({ defaultAction: 'SCMP_ACT_ALLOW', syscalls: [denied] }));
    const inner = [process.execPath, program, 'record', '--list', '-o', list, '--', ...words];
    const outer = ociSeccomp(['run', '--profile', profile, '--', ...inner]);
    expect(outer, outer.stderr).toMatchObject({ stdout: 'a\n', status: 0 });
    expect(outer.stderr).toContain('ptrace was used');
    expect(readFileSync(list, 'utf8').trim().split('\n')).toEqual(recordedNames(words));
  });
});

describeWith(['root', 'built', 'a checkout open to all'], 'record without root', () => {
  it('records the same', () => {
    const nobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', '--inh-caps=-all'];
    const words = ['sh', '-c', 'ls / >/dev/null; cat /etc/hostname'];
    const [command = '', ...rest] = [
      ...nobody,
      process.execPath,
      program,
      'record',
      '--list',
      '-q',
      '-o',
      '-',
      '--',
      ...words,
    ];
    const { stdout, status } = spawnSync(command, rest, { cwd: '/', input: '', env, encoding: 'utf8' });
    expect(status).toBe(0);
    const names = stdout.trim().split('\n').slice(1);
    expect(names).toEqual(recordedNames(words));
  });
});

describeWith(['root', 'x86_64', 'runc', 'crun', 'built'], 'record and containers', () => {
  const kinds = (['runc', 'crun'] as const).flatMap((runtime) =>
    [true, false].map((noNewPrivileges) => ({ runtime, noNewPrivileges })),
  );
  /** The machine's own programs, read-only. */
  const system = ['/usr', '/bin', '/lib', '/lib64', '/etc', '/root/.pyenv'];
  /** Of Node, which may be installed elsewhere. */
  const home = dirname(dirname(realpathSync(process.execPath)));
  const isCovered = system.some((path) => `${home}/`.startsWith(`${path}/`));
  const shared = [...system, ...(isCovered ? [] : [home])].filter((path) => existsSync(path));

  function inContainer(
    runtime: 'runc' | 'crun',
    noNewPrivileges: boolean,
    words: readonly string[],
    profile: string,
  ) {
    const id = `record-${process.pid}-${runtime}`;
    const bundle = mkdtempSync(join(folder, 'bundle-'));
    const resolved = ociSeccomp(['resolve', profile, '-q']);
    mkdirSync(join(bundle, 'rootfs'));
    const config = {
      ociVersion: '1.0.2',
      process: {
        ...{ terminal: false, user: { uid: 0, gid: 0 }, cwd: work, args: words, noNewPrivileges },
        env: Object.entries(env).map(([name, value]) => `${name}=${value}`),
        capabilities: { bounding: ['CAP_KILL'], effective: ['CAP_KILL'], permitted: ['CAP_KILL'] },
      },
      root: { path: 'rootfs' },
      mounts: [
        { destination: '/proc', type: 'proc', source: 'proc' },
        { destination: '/dev', type: 'bind', source: '/dev', options: ['rbind'] },
        { destination: '/tmp', type: 'tmpfs', source: 'tmpfs' },
        ...shared.map((path) => ({
          destination: path,
          type: 'bind',
          source: path,
          options: ['rbind', 'ro'],
        })),
        { destination: work, type: 'bind', source: work, options: ['rbind'] },
      ],
      linux: {
        namespaces: ['pid', 'mount', 'ipc', 'uts'].map((type) => ({ type })),
        seccomp: JSON.parse(resolved.stdout),
      },
    };
    writeFileSync(join(bundle, 'config.json'), JSON.stringify(config));
    const [command = '', ...rest] = runtimeCommand(runtime, bundle, ['run', '--bundle', bundle, id]);
    const { stdout, stderr, status } = spawnSync(command, rest, {
      ...surroundings,
      cwd: bundle,
      encoding: 'utf8',
      timeout: HANGS_AFTER,
    });
    removeCgroups(id);
    return { stdout, stderr, status };
  }

  describe.each(kinds)('$runtime, noNewPrivileges: $noNewPrivileges', ({ runtime, noNewPrivileges }) => {
    // Each program in one kind of container, and each kind with several; all in all where there is more time.
    const own = kinds.findIndex(
      (kind) => kind.runtime === runtime && kind.noNewPrivileges === noNewPrivileges,
    );
    it.each(programs.filter((_, at) => RECORDS_ALL || at % kinds.length === own))(
      'starts, and does the same: $name',
      (recorded) => {
        const { words } = recorded;
        const { stdout, status } = plainly(words);
        expect(inContainer(runtime, noNewPrivileges, words, profileOf(recorded))).toMatchObject({
          stdout,
          status,
        });
      },
    );
  });
});

describeWith(['built'], 'a recorder that gets a signal', () => {
  it('hands on a signal that ends the command, and writes the profile', async () => {
    const file = join(folder, 'signalled.json');
    const recorder = spawn(
      process.execPath,
      [program, 'record', '-q', '-o', file, '--', 'sh', '-c', 'echo up; exec sleep 100'],
      { env, stdio: ['ignore', 'pipe', 'inherit'] },
    );
    await new Promise((resolve) => recorder.stdout.once('data', resolve));
    recorder.kill('SIGTERM');
    const code = await new Promise((resolve) => recorder.once('exit', resolve));
    expect(code).toBe(128 + 15);
    expect(JSON.parse(readFileSync(file, 'utf8')).syscalls.length).toBeGreaterThan(3);
  });
});

describe('record', () => {
  it('says what it cannot run, as shells do', () => {
    expect(ociSeccomp(['record', '--', '/nonexistent/program'])).toMatchObject({ status: 127, stdout: '' });
    expect(ociSeccomp(['record', '--', '/etc'])).toMatchObject({ status: 126, stdout: '' });
    expect(ociSeccomp(['record'])).toMatchObject({ status: 2 });
  });
});
