/**
 * Signals that come while a call waits for the recorder, and a recorder within a recorder. Nothing here depends on who
 * is faster: the recorder is stopped while the signal comes.
 */
import { spawn, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { ociSeccomp, program, searchPath } from '../cli/run.ts';
import { callOf, makesCall } from './support/call-of-process.ts';
import { until } from './support/gates.ts';
import { helperPath } from './support/native.ts';
import { describeWith } from './support/require.ts';

const folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-record-signals-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const env = { PATH: searchPath };

/** Not in most containers. */
const canMountTraces = spawnSync('unshare', ['-m', 'mount', '-t', 'tracefs', 'none', '/mnt']).status === 0;
const READ = 0;
const NOTHING = 'readv of nothing';
const CALLS = {
  connect: 42,
  'connect that waits': 42,
  dup: 32,
  epoll_wait: 232,
  fcntl: 72,
  flock: 73,
  futex: 202,
  ioctl: 16,
  openat: 257,
  poll: 7,
  readv: 19,
  recvfrom: 45,
  recvmsg: 47,
  sendfile: 40,
  wait4: 61,
  write: 1,
  [NOTHING]: 19,
};
type Call = keyof typeof CALLS;
const RT_SIGRETURN = 15;

describeWith(['x86_64', 'cc', 'ptrace', 'built'], 'a signal while a call waits for the recorder', () => {
  async function interrupted(call: Call, ...options: readonly string[]): Promise<string> {
    const words = [
      program,
      'record',
      '-q',
      '--list',
      '-o',
      join(folder, 'list'),
      ...options,
      '--',
      helperPath('interrupted-calls'),
      call,
    ];
    const recorder = spawn(process.execPath, words, { cwd: folder, env, stdio: ['pipe', 'pipe', 'inherit'] });
    let said = '';
    recorder.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    const ended = new Promise((resolve) => recorder.once('close', resolve));
    await until('the program says its number', () => said.endsWith('\n'));
    const pid = Number(said);
    await until('it waits for a byte', () => makesCall(pid, READ));
    recorder.kill('SIGSTOP');
    recorder.stdin.end('x');
    await until('its call waits for the recorder', () => callOf(pid) === CALLS[call]);
    process.kill(pid, 'SIGUSR1');
    await until('its handler returns, which waits as well', () => callOf(pid) === RT_SIGRETURN);
    recorder.kill('SIGCONT');
    await ended;
    return said.split('\n')[1] ?? '';
  }

  it.each((Object.keys(CALLS) as Call[]).filter((call) => call !== NOTHING))(
    'does not make the call fail: %s',
    async (call) => {
      expect(await interrupted(call)).toBe('done 1');
      // It was made again, and so the recorder heard of it.
      expect(readFileSync(join(folder, 'list'), 'utf8').split('\n')).toContain(call.split(' ')[0]);
    },
  );

  it('ends a read of a pipe in which nothing is', async () => {
    expect(await interrupted(NOTHING)).toBe('Interrupted system call 1');
  });

  it('makes it fail without the guard', async () => {
    expect(await interrupted('dup', '--no-guard')).toBe('Interrupted system call 1');
  });

  it.each(['pipe', 'connection', 'unix connection', 'datagram', 'error', 'eventfd', 'peek', 'terminal'])(
    'ends a call that waits for another process, as without a recorder: %s',
    (what) => {
      spawnSync('mkfifo', ['pipe'], { cwd: folder });
      const words = [helperPath('interrupted-calls'), 'until', what];
      const plain = spawnSync(words[0] ?? '', words.slice(1), { cwd: folder, encoding: 'utf8' });
      expect(plain).toMatchObject({ stdout: 'Interrupted system call\n', status: 0 });
      const made = ociSeccomp(['record', '-q', '--list', '-o', join(folder, 'list'), '--', ...words], {
        ...{ cwd: folder, env },
      });
      expect(made).toMatchObject({ stdout: plain.stdout, status: 0 });
    },
  );

  it.runIf(process.getuid?.() === 0).each([[], ['unshare', '--mount']])(
    'ends an open of a pipe by a link that leads elsewhere for the recorder (%s %s)',
    (...within) => {
      const root = mkdtempSync(join(folder, 'root-'));
      for (const each of ['tmp', 'etc']) mkdirSync(join(root, each));
      copyFileSync(helperPath('interrupted-calls'), join(root, 'program'));
      symlinkSync('/etc/hosts', join(root, 'pipe'));
      spawnSync('mkfifo', ['etc/hosts'], { cwd: root });
      const words = [...within, 'chroot', root, '/program', 'until', '/pipe'];
      const plain = spawnSync(words[0] ?? '', words.slice(1), { env, encoding: 'utf8' });
      expect(plain).toMatchObject({ stdout: 'Interrupted system call\n', status: 0 });
      const made = ociSeccomp(['record', '-q', '--list', '-o', join(folder, 'list'), '--', ...words], {
        env,
      });
      expect(made).toMatchObject({ stdout: plain.stdout, status: 0 });
    },
  );

  it.runIf(canMountTraces)('ends a read that waits for the kernel in a file without a size', () => {
    const inTraces = (...words: readonly string[]) => {
      const script = 'mount -t tracefs none /mnt && exec "$@"';
      const all = [
        '-m',
        'sh',
        '-c',
        script,
        'sh',
        ...words,
        helperPath('interrupted-calls'),
        'until',
        '/mnt/trace_pipe',
      ];
      return spawnSync('unshare', all, { cwd: folder, env, encoding: 'utf8' });
    };
    const plain = inTraces();
    expect(plain).toMatchObject({ stdout: 'Interrupted system call\n', status: 0 });
    const record = [process.execPath, program, 'record', '-q', '--list', '-o', join(folder, 'list'), '--'];
    expect(inTraces(...record)).toMatchObject({ stdout: plain.stdout, status: 0 });
  });
});

describeWith(['x86_64', 'ptrace', 'built'], 'a recorder within a recorder', () => {
  const SCRIPT = 'echo a | cat; (exit 3); echo $?';
  const inner = (): readonly string[] => {
    const list = join(folder, 'inner');
    return [process.execPath, program, 'record', '--list', '-o', list, '--', 'sh', '-c', SCRIPT];
  };
  const outer = (...options: readonly string[]) =>
    ociSeccomp(['record', '-q', '--list', '-o', join(folder, 'outer'), ...options, '--', ...inner()]);

  it('takes ptrace, and sees the same', () => {
    const alone = join(folder, 'alone');
    expect(ociSeccomp(['record', '-q', '--list', '-o', alone, '--', 'sh', '-c', SCRIPT])).toMatchObject({
      stdout: 'a\n3\n',
    });
    const made = outer('--no-guard');
    expect(made, made.stderr).toMatchObject({ stdout: 'a\n3\n', status: 0 });
    expect(made.stderr.replace(/\s+/g, ' ')).toContain(
      'another recorder or a container runtime listens already',
    );
    expect(readFileSync(join(folder, 'inner'), 'utf8')).toBe(readFileSync(alone, 'utf8'));
  });

  it('says what to do if the outer one has taken ptrace', () => {
    const made = outer();
    expect(made).toMatchObject({ stdout: '', status: 3 });
    expect(made.stderr.replace(/\s+/g, ' ')).toContain('give a recorder around this one --no-guard');
  });
});
