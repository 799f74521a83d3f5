/**
 * The static client at work: what it calls, and what it makes of agents that answer rightly, wrongly or not at all. On
 * x86_64 as it is, for aarch64 under qemu.
 */
import { spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  constants,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeArguments, decodeHead, HEAD_SIZE } from '../../src/hook/agent/agent-protocol.ts';
import { emitClient } from '../../src/hook/client/emit-client.ts';
import { HANGS_AFTER } from '../support/patience.ts';
import { answering, isWhole } from './support/answering-agent.ts';
import { until } from './support/gates.ts';
import { cli, ociSeccomp } from './support/hook-bundle.ts';
import { describeWith, type Requirement } from './support/require.ts';

const machines: readonly (readonly ['x86_64' | 'aarch64', readonly string[], readonly Requirement[]])[] = [
  ['x86_64', [], ['x86_64']],
  ['aarch64', ['qemu-aarch64-static'], ['qemu-aarch64-static']],
];
const STATE = '{"ociVersion":"1.0","id":"x"}';

interface Ended {
  readonly status: number | null;
  readonly stderr: string;
}

describe.each(machines)('%s', (arch, before, needed) => {
  describeWith(['root', ...needed], `the static client for ${arch}`, () => {
    let folder = '';
    let program: readonly string[] = [];
    let server: Server;
    let behave: (socket: Socket, request: () => Buffer) => void = () => {};
    const path = (): string => join(folder, 'a.sock');

    beforeAll(async () => {
      folder = mkdtempSync('/run/oci-seccomp-static-');
      writeFileSync(join(folder, 'client'), emitClient(arch).file, { mode: 0o755 });
      program = [...before, join(folder, 'client')];
      server = createServer({ allowHalfOpen: true }, (socket) => {
        const chunks: Buffer[] = [];
        socket.on('data', (chunk) => chunks.push(chunk)).on('error', () => {});
        behave(socket, () => Buffer.concat(chunks));
      });
      await new Promise<void>((resolve) => server.listen(path(), resolve));
    });
    afterAll(() => {
      server.close();
      rmSync(folder, { recursive: true, force: true });
    });

    const run = (args: readonly string[], input: string | Buffer = STATE): Promise<Ended> =>
      new Promise((resolve) => {
        const [command = '', ...words] = [...program, ...args];
        const child = spawn(command, words, { stdio: ['pipe', 'ignore', 'pipe'], env: {} });
        const chunks: Buffer[] = [];
        child.stderr.on('data', (chunk) => chunks.push(chunk));
        child.stdin.on('error', () => {});
        child.stdin.end(input);
        child.once('close', (status) =>
          resolve({ status, stderr: Buffer.concat(chunks).toString('latin1') }),
        );
      });

    it.each([0, 1, 5, 65_536, 1024 * 1024])('sends its arguments and a state of %i bytes', async (length) => {
      let received: Buffer = Buffer.alloc(0);
      behave = (socket, request) => {
        socket.on('data', () => {
          received = request();
          if (isWhole(received)) socket.end('0');
        });
      };
      const state = Buffer.from(Array.from({ length }, (_, i) => (i * 7) & 0xff));
      const args = ['createRuntime', '--profile', '/etc/ä.json', ''];
      expect(await run([path(), ...args], state)).toEqual({ status: 0, stderr: '' });
      const { argumentsSize } = decodeHead(received);
      expect(decodeArguments(received.subarray(HEAD_SIZE, HEAD_SIZE + argumentsSize))).toEqual(args);
      expect(received.subarray(HEAD_SIZE + argumentsSize).equals(state)).toBe(true);
    });

    it('waits for a state that comes late, also where standard input does not wait', async () => {
      let received: Buffer = Buffer.alloc(0);
      behave = (socket, request) => {
        socket.on('data', () => {
          received = request();
          if (isWhole(received)) socket.end('0');
        });
      };
      // dd sets O_NONBLOCK, which belongs to the pipe's end and not to the process.
      const words = 'dd iflag=nonblock count=0 2>/dev/null; exec "$@"';
      const late = `{ sleep 0.1; printf '{'; sleep 0.1; printf '}'; } | { ${words}; }`;
      const child = spawn('sh', ['-c', late, 'sh', ...program, path(), 'x'], { stdio: 'ignore' });
      expect(await new Promise((resolve) => child.once('exit', resolve))).toBe(0);
      expect(received.subarray(-2).toString()).toBe('{}');
    });

    it.each<[string, string, Ended]>([
      ['yes', '0', { status: 0, stderr: '' }],
      ['yes, with a note', '0note\n', { status: 0, stderr: 'note\n' }],
      ['no', '1error: no\n', { status: 1, stderr: 'error: no\n' }],
      ['wrong usage', '2error\n', { status: 2, stderr: 'error\n' }],
      ['trouble', '3error\n', { status: 3, stderr: 'error\n' }],
      ['another digit', '7x', { status: 1, stderr: 'x' }],
      ['no digit', '\0', { status: 1, stderr: '' }],
      ['nothing', '', { status: 1, stderr: 'error: the agent of oci-seccomp ended without an answer\n' }],
      ['a long text', `2${'x'.repeat(60_000)}`, { status: 2, stderr: 'x'.repeat(60_000) }],
    ])('understands the answer %s', async (_, answer, ended) => {
      behave = answering(answer);
      expect(await run([path(), 'createRuntime'])).toEqual(ended);
    });

    it('drops what finds no room in a pipe that it cannot open anew', async () => {
      behave = answering(`2${'x'.repeat(60_000)}`);
      const pipe = join(folder, 'pipe');
      spawnSync('mkfifo', ['-m', '0', pipe]);
      const fd = openSync(pipe, constants.O_RDWR);
      try {
        // All but a page of the 64 KiB that a pipe holds: pipe(7).
        writeSync(fd, Buffer.alloc(15 * 4096));
        const words = ['--bounding-set=-all', ...program, path(), 'createRuntime'];
        const ended = { timeout: HANGS_AFTER, killSignal: 'SIGKILL' } as const;
        const child = spawn('setpriv', words, { stdio: ['ignore', 'ignore', fd], ...ended });
        expect(await new Promise((resolve) => child.once('exit', resolve))).toBe(2);
      } finally {
        closeSync(fd);
      }
    });

    it('prints no more than 64 KiB and a little, of whatever comes', async () => {
      behave = answering(`0${'x'.repeat(1_000_000)}`);
      const { status, stderr } = await run([path(), 'createRuntime']);
      expect(status).toBe(0);
      expect(stderr.length).toBeLessThan(70_000);
    });

    it('puts an answer together that comes byte by byte', async () => {
      behave = (socket, request) => {
        socket.on('data', () => {
          if (!isWhole(request())) return;
          const bytes = Buffer.from('2error: slowly\n');
          const send = (at: number): void => {
            if (at === bytes.length) socket.end();
            else socket.write(bytes.subarray(at, at + 1), () => setImmediate(send, at + 1));
          };
          send(0);
        });
      };
      expect(await run([path(), 'createRuntime'])).toEqual({ status: 2, stderr: 'error: slowly\n' });
    });

    it('prints the reason of an agent that refuses before it has read all', async () => {
      behave = (socket) => {
        socket.pause();
        socket.end('2error: too much\n', () => socket.destroy());
      };
      const { status, stderr } = await run([path(), 'createRuntime'], Buffer.alloc(1024 * 1024));
      expect({ status, stderr }).toEqual({ status: 2, stderr: 'error: too much\n' });
    });

    it('fails with an agent that closes the connection at once', async () => {
      behave = (socket) => socket.destroy();
      const { status, stderr } = await run([path(), 'createRuntime'], Buffer.alloc(1024 * 1024));
      expect(status).toBe(1);
      expect(stderr).toMatch(/^error: the agent of oci-seccomp (?:ended without|does not answer)/);
    });

    it.each<[string, readonly string[], string | Buffer, RegExp]>([
      ['no arguments', [], STATE, /^error: usage: CLIENT SOCKET STAGE/],
      ['a socket alone', ['/run/x'], STATE, /^error: usage:/],
      ['no socket there', ['/run/oci-seccomp-nobody', 'x'], STATE, /cannot be reached: .*errno 002\n$/],
      ['a file there', ['/etc/passwd', 'x'], STATE, /cannot be reached: .*errno 111\n$/],
      ['a path of 108 bytes', [`/${'x'.repeat(107)}`, 'x'], STATE, /longer than 107 bytes\n$/],
      ['a path of 107 bytes', [`/${'x'.repeat(106)}`, 'x'], STATE, /errno 002\n$/],
      ['one byte too much', ['/run/x', 'x'], Buffer.alloc(1024 * 1024 + 1), /longer than 1048576 bytes\n$/],
      ['arguments without end', ['/run/x', 'x'.repeat(65_536)], STATE, /longer than 65536 bytes\n$/],
      ['the longest arguments', ['/run/oci-seccomp-nobody', 'x'.repeat(65_535)], STATE, /errno 002\n$/],
    ])('fails with %s', async (_, args, input, reason) => {
      const { status, stderr } = await run(args, input);
      expect(stderr).toMatch(reason);
      expect(status).toBe(1);
    });

    it('fails if somebody else listens, and sends nothing', async () => {
      const socket = join(folder, 'other.sock');
      const received = join(folder, 'received');
      writeFileSync(received, '', { mode: 0o666 });
      const script = `require('net').createServer((c) => c.on('data', (d) => require('fs').appendFileSync(3, d))).listen(${JSON.stringify(socket)}, () => process.send('ready'))`;
      spawnSync('chmod', ['0777', folder]);
      const setpriv = ['--reuid=65534', '--regid=65534', '--clear-groups', process.execPath, '-e', script];
      const other = spawn('setpriv', setpriv, { stdio: ['ignore', 'ignore', 'ignore', 'ignore', 'ipc'] });
      try {
        await new Promise((resolve) => other.once('message', resolve));
        const { status, stderr } = await run([socket, 'createRuntime']);
        expect(stderr).toBe('error: what listens on the socket of the agent does not run as root\n');
        expect(status).toBe(1);
        expect(readFileSync(received, 'utf8')).toBe('');
      } finally {
        other.kill('SIGKILL');
        spawnSync('chmod', ['0700', folder]);
      }
    });

    if (arch === 'x86_64') {
      it('goes on after signals, and waits for whom it has to', async () => {
        let open: Socket | undefined;
        behave = (socket) => {
          open = socket;
        };
        const [command = '', ...words] = [...program, path(), 'createRuntime'];
        const child = spawn(command, words, { stdio: ['pipe', 'ignore', 'pipe'], env: {} });
        const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
        const interrupt = (): void => {
          child.kill('SIGSTOP');
          child.kill('SIGCONT');
        };
        interrupt();
        child.stdin.write('{');
        interrupt();
        child.stdin.end('}');
        await until('it has connected', () => open !== undefined);
        // With a limit of time, recv(2) ends with EINTR then: socket(7), signal(7).
        for (let i = 0; i < 20; i++) interrupt();
        open?.end('3');
        expect(await ended).toBe(3);
      });
    }
  });
});

describeWith(['root', 'x86_64', 'strace', 'built'], 'the static client', () => {
  it('is written by hook config, and makes these calls', async () => {
    const folder = mkdtempSync('/run/oci-seccomp-static-');
    // The folder of the client is not there yet.
    const [socket, client, trace] = ['a.sock', 'libexec/client', 'trace'].map((name) =>
      join(folder, name),
    ) as [string, string, string];
    const server = createServer((connection) => connection.on('data', () => connection.end('2no\n')));
    try {
      const config = ['hook', 'config', '--for', 'oci', '--profile', 'docker-default'];
      const { stdout, stderr } = ociSeccomp(...config, '--agent', socket, '--client', client, '--strict');
      expect(stderr).toContain(`no agent listens on ${socket} yet`);
      const { createRuntime } = JSON.parse(stdout).hooks;
      const args = [client, socket, 'createRuntime', '--profile', 'docker-default', '--strict'];
      expect(createRuntime).toMatchObject([{ path: client, args }]);
      const { mode, size, uid } = statSync(client);
      expect({ mode: mode & 0o7777, uid }).toEqual({ mode: 0o755, uid: 0 });
      expect(size).toBeLessThanOrEqual(4096);
      await new Promise<void>((resolve) => server.listen(socket, resolve));
      const child = spawn('strace', ['-o', trace, client, ...args.slice(1)], {
        stdio: ['pipe', 'ignore', 'ignore'],
      });
      child.stdin.end(STATE);
      expect(await new Promise((resolve) => child.once('exit', resolve))).toBe(2);
      const calls = readFileSync(trace, 'utf8').trimEnd().split('\n');
      const shown = calls.map((line) => line.replace(/\(.*\)\s+=\s/, ' = ').replace(/ \(\[.*/, ''));
      expect(shown).toEqual(
        [
          'execve = 0',
          `read = ${STATE.length}`,
          'read = 0',
          'socket = 3',
          'setsockopt = 0',
          'setsockopt = 0',
          'connect = 0',
          'getsockopt = 0',
          `sendto = ${HEAD_SIZE + args.slice(2).join(' ').length + 1 + STATE.length}`,
          'recvfrom = 4',
          'recvfrom = 0',
          'rt_sigprocmask = 0',
          'lseek = 0',
          'ppoll = 1',
          'write = 3',
          'exit_group(2)                           = ?',
          '+++ exited with 2 +++',
        ].map((line) => line.replace(/\(2\)\s+=/, ' =')),
      );
      expect(calls[3]).toContain('AF_UNIX, SOCK_STREAM|SOCK_CLOEXEC, 0');
      expect(calls[4]).toContain('SOL_SOCKET, SO_SNDTIMEO_OLD, "\\36\\0');
      expect(calls[8]).toMatch(/, MSG_NOSIGNAL, NULL, 0\)/);
    } finally {
      server.close();
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('is not written onto a file system without programs', () => {
    const folder = mkdtempSync('/run/oci-seccomp-noexec-');
    try {
      const config = ['hook', 'config', '--for', 'oci', '--profile', 'docker-default'];
      const client = ['--agent', join(folder, 'a.sock'), '--client', join(folder, 'client')];
      const mount = `mount -t tmpfs -o noexec,mode=755 none ${folder} && exec "$@"`;
      const words = ['-m', 'sh', '-c', mount, 'sh', process.execPath, cli, ...config, ...client];
      const { status, stderr } = spawnSync('unshare', words, {
        encoding: 'utf8',
        env: { PATH: '/usr/sbin:/usr/bin:/bin' },
      });
      expect(stderr).toContain('the file system permits no programs (noexec)');
      expect(status).not.toBe(0);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('is not written below a folder that others can write', () => {
    const folder = mkdtempSync('/run/oci-seccomp-open-');
    try {
      chmodSync(folder, 0o777);
      const words = ['hook', 'config', '--profile', 'docker-default', '--agent', '/run/a.sock', '--client'];
      const { status, stderr } = ociSeccomp(...words, join(folder, 'libexec/x'));
      expect([status, stderr]).toEqual([2, expect.stringContaining(folder) as string]);
      expect(readdirSync(folder)).toEqual([]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it.each([
    ['without an agent', ['--client', '/run/x'], /--client has no use without --agent/],
    ['by a relative path', ['--agent', '/run/a.sock', '--client', 'x'], /takes the absolute path of a file/],
    [
      'onto a device',
      ['--agent', '/run/a.sock', '--client', '/dev/null'],
      /is there already, and is not a file/,
    ],
    [
      'onto a file system without programs',
      ['--agent', '/run/a.sock', '--client', '/proc/x'],
      /proc file system|cannot be/,
    ],
  ])('is not written %s', (_, options, reason) => {
    const { status, stderr, stdout } = ociSeccomp(
      'hook',
      'config',
      '--profile',
      'docker-default',
      ...options,
    );
    expect(stderr).toMatch(reason);
    expect([2, 3]).toContain(status);
    expect(stdout).toBe('');
  });
});
