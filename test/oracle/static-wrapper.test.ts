/**
 * The static runtime wrapper by itself: what it hands to the real runtime, what it asks, and what it makes of agents that
 * answer rightly, wrongly or not at all. On x86_64 as it is, for aarch64 under qemu.
 */
import { spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  constants,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { decodeArguments, decodeHead, HEAD_SIZE } from '../../src/hook/agent/agent-protocol.ts';
import { emitRuntimeClient } from '../../src/hook/client/emit-client.ts';
import { HANGS_AFTER } from '../support/patience.ts';
import { answering, isWhole } from './support/answering-agent.ts';
import { describeWith, type Requirement } from './support/require.ts';

const machines: readonly (readonly ['x86_64' | 'aarch64', readonly string[], readonly Requirement[]])[] = [
  ['x86_64', [], ['x86_64']],
  ['aarch64', ['qemu-aarch64-static'], ['qemu-aarch64-static']],
];
const { O_RDWR, O_NONBLOCK } = constants;
const CONFIGURATION = '/etc/oci-seccomp/ä.json';
const PREFIX = 'oci-seccomp-runtime: error: ';
/** Tells what it was given. It reads its own argv, because a shell does not know how it was called. */
const RUNTIME = `#!/bin/sh
tr '\\0' '|' </proc/$$/cmdline; echo
tr '\\0' '|' </proc/$$/environ; echo
ls /proc/self/fd
exit 7
`;

describe.each(machines)('%s', (arch, before, needed) => {
  describeWith(['root', ...needed], `the static runtime wrapper for ${arch}`, () => {
    let folder = '';
    let server: Server;
    let behave: (socket: Socket, request: () => Buffer) => void = () => {};
    let connections = 0;
    const at = (name: string): string => join(folder, name);
    const emit = (name: string, socket: string, runtime = at('real')): void => {
      const { file } = emitRuntimeClient(arch, { socket, configuration: CONFIGURATION, runtime });
      writeFileSync(at(name), file, { mode: 0o755 });
    };

    beforeAll(async () => {
      folder = mkdtempSync('/run/oci-seccomp-static-');
      writeFileSync(at('real'), RUNTIME, { mode: 0o755 });
      emit('client', at('a.sock'));
      server = createServer({ allowHalfOpen: true }, (socket) => {
        const chunks: Buffer[] = [];
        connections += 1;
        socket.on('data', (chunk) => chunks.push(chunk)).on('error', () => {});
        behave(socket, () => Buffer.concat(chunks));
      });
      await new Promise<void>((resolve) => server.listen(at('a.sock'), resolve));
    });
    beforeEach(() => {
      connections = 0;
      rmSync(at('log'), { force: true });
      behave = () => {};
    });
    afterAll(() => {
      server.close();
      rmSync(folder, { recursive: true, force: true });
    });

    interface Ended {
      readonly status: number | null;
      readonly stdout: string;
      readonly stderr: string;
    }
    const run = (words: readonly string[], name = 'client', prelude = ':'): Promise<Ended> =>
      new Promise((resolve) => {
        const script = `${prelude}; exec "$@"`;
        const line = [...before, at(name), ...words];
        const env = { PATH: '/usr/bin:/bin', LONG: 'ä='.repeat(2000), EMPTY: '' };
        const child = spawn('/bin/bash', ['-c', script, 'x', ...line], {
          env,
          stdio: ['ignore', 'pipe', 'pipe'],
        });
        const [out, err]: [Buffer[], Buffer[]] = [[], []];
        child.stdout.on('data', (chunk) => out.push(chunk));
        child.stderr.on('data', (chunk) => err.push(chunk));
        child.once('close', (status) => {
          const [stdout = '', stderr = ''] = [out, err].map((chunks) => Buffer.concat(chunks).toString());
          resolve({ status, stdout, stderr });
        });
      });
    /** Of the script, when nothing stands in front of it. */
    const descriptorsAfter = (prelude: string): readonly string[] => {
      const args = ['-c', `${prelude}; exec "$0"`, at('real')];
      return spawnSync('/bin/bash', args, {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'pipe'],
      })
        .stdout.split('\n')
        .slice(2);
    };

    it.each<readonly [string, readonly string[]]>([
      ['nothing', []],
      ['a version', ['--version']],
      ['a state', ['--root', '/x', 'state', 'ID']],
      ['words that begin as the two do', ['creates', 'runs', 'ru', 'creat', '', '-', '--', '--log']],
    ])('becomes the real runtime at once for %s', async (_name, words) => {
      const { status, stdout, stderr } = await run(words, 'client', 'exec 5</dev/null 9</dev/zero');
      const [line, environment, ...descriptors] = stdout.split('\n');
      expect({ status, stderr }).toEqual({ status: 7, stderr: '' });
      // A script is called by its interpreter.
      expect(line).toBe(['/bin/sh', at('real'), ...words, ''].join('|'));
      expect(environment).toContain(`LONG=${'ä='.repeat(2000)}|`);
      expect(environment).toMatch(/(?:^|\|)EMPTY=\|/);
      if (arch === 'x86_64') expect(descriptors).toEqual(descriptorsAfter('exec 5</dev/null 9</dev/zero'));
      expect(connections).toBe(0);
    });

    it.each<readonly [string, readonly string[]]>([
      ['create', ['--root', '/x', 'create', '--bundle', '/b', 'ID']],
      ['run', ['run', 'ä', '']],
      ['a value that is such a word', ['--log', 'create', 'x']],
      ['a name that is one', ['state', 'run']],
      ['the longest command line', ['run', 'x'.repeat(65_000)]],
    ])('asks the agent for %s, then becomes the real runtime', async (_name, words) => {
      let received: Buffer = Buffer.alloc(0);
      behave = (socket, request) => {
        socket.on('data', () => {
          received = request();
          if (isWhole(received)) socket.end('0');
        });
      };
      const { status, stdout, stderr } = await run(words, 'client', 'exec 9</dev/zero');
      expect({ status, stderr }).toEqual({ status: 7, stderr: '' });
      const [line, , ...descriptors] = stdout.split('\n');
      expect(line).toBe(['/bin/sh', at('real'), ...words, ''].join('|'));
      // The socket is not among them.
      if (arch === 'x86_64') expect(descriptors).toEqual(descriptorsAfter('exec 9</dev/zero'));
      const { argumentsSize, stateSize } = decodeHead(received);
      expect(stateSize).toBe(0);
      const asked = decodeArguments(received.subarray(HEAD_SIZE, HEAD_SIZE + argumentsSize));
      expect(asked).toEqual(['runtime', CONFIGURATION, at('real'), ...words]);
    });

    it.each<readonly [string, string | Buffer, string]>([
      ['no', '1no\n\0entry\n', 'no\n'],
      ['no, without an entry', '1no\n', 'no\n'],
      ['no, with an empty entry', '3no\n\0', 'no\n'],
      ['a long text', `1${'x'.repeat(8000)}\n\0${'y'.repeat(8000)}\n`, `${'x'.repeat(8000)}\n`],
      ['another digit', '4x', 'x'],
      ['a NUL', '\0', ''],
      ['nothing', '', `${PREFIX}the agent of oci-seccomp ended without an answer\n`],
    ])('starts nothing if the answer is %s', async (_name, answer, text) => {
      behave = answering(answer);
      const { status, stdout, stderr } = await run(['--log', at('log'), 'run', 'x']);
      expect({ status, stdout, stderr }).toEqual({ status: 1, stdout: '', stderr: text });
      const entry = String(answer).slice(1).split('\0')[1];
      if (answer === '') expect(readFileSync(at('log'), 'utf8')).toMatch(/^level=error msg=".*answer"\n$/);
      else if (entry === undefined) expect(existsSync(at('log'))).toBe(false);
      else expect(readFileSync(at('log'), 'utf8')).toBe(entry);
    });

    it('prints as much of a long text as finds room, and waits for no reader', async () => {
      behave = answering(`1${'x'.repeat(60_000)}\n`);
      spawnSync('mkfifo', ['-m', '600', at('pipe')]);
      const pipe = openSync(at('pipe'), O_RDWR | O_NONBLOCK);
      const end = openSync(at('pipe'), O_RDWR);
      try {
        // One page is free. Whoever has no capabilities cannot open the pipe anew, and so must not write more.
        for (let i = 0; i < 15; i += 1) writeSync(pipe, Buffer.alloc(4096, 'y'));
        chmodSync(at('pipe'), 0);
        const words = ['--bounding-set=-all', ...before, at('client'), 'run', 'x'];
        const child = spawn('setpriv', words, { stdio: ['ignore', 'ignore', end], timeout: HANGS_AFTER });
        expect(await new Promise((resolve) => child.once('close', resolve))).toBe(1);
        const [found, at15] = [Buffer.alloc(20 * 4096), 15 * 4096];
        expect(found.toString('latin1', at15, readSync(pipe, found))).toBe('x'.repeat(4096));
      } finally {
        closeSync(pipe);
        closeSync(end);
        rmSync(at('pipe'));
      }
    });

    it('starts nothing if the connection ends at once, or after a part of the request', async () => {
      for (const wait of [false, true]) {
        behave = (socket) => (wait ? socket.once('data', () => socket.destroy()) : socket.destroy());
        const { status, stdout, stderr } = await run(['run', 'x'.repeat(60_000)]);
        expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
        expect(stderr).toMatch(
          /the agent of oci-seccomp (?:ended without an answer|does not answer: errno 104)\n$/,
        );
      }
    });

    it.each<readonly [string, readonly string[], RegExp]>([
      ['json', ['--log-format', 'json', '--log', 'LOG'], /^\{"level":"error","msg":"(.*)"\}\n$/],
      ['json, with =', ['--log=LOG', '--log-format=json'], /^\{"level":"error","msg":"(.*)"\}\n$/],
      ['text', ['--log', 'LOG', '--log-format=text'], /^level=error msg="(.*)"\n$/],
      ['no format', ['--log', 'LOG'], /^level=error msg="(.*)"\n$/],
    ])('says in a log of %s that no agent is there', async (_name, words, pattern) => {
      emit('alone', '/run/oci-seccomp-nobody/a.sock');
      const line = words.map((word) => word.replace('LOG', at('log')));
      const first = await run([...line, 'create', 'x'], 'alone');
      const reason = `${PREFIX}the agent of oci-seccomp cannot be reached: start it (systemctl start oci-seccomp-agent.socket): errno 002`;
      expect(first).toEqual({ status: 1, stdout: '', stderr: `${reason}\n` });
      expect(pattern.exec(readFileSync(at('log'), 'utf8'))?.[1]).toBe(reason);
      await run([...line, 'create', 'x'], 'alone');
      expect(readFileSync(at('log'), 'utf8').trimEnd().split('\n')).toHaveLength(2);
      // Everything else works.
      expect((await run([...line, 'kill', 'x'], 'alone')).status).toBe(7);
    });

    it('makes no log where it happens to stand', async () => {
      emit('alone', '/run/oci-seccomp-nobody/a.sock');
      const { status } = await run(['--log', 'log', 'create', 'x'], 'alone', `cd ${folder}`);
      expect(status).toBe(1);
      expect(existsSync(at('log'))).toBe(false);
    });

    it.each<readonly [string, string, readonly string[], RegExp]>([
      ['a file in place of the socket', '/etc/passwd', ['run', 'x'], /cannot be reached: .*errno 111\n$/],
      ['too long a command line', '/run/x', ['run', 'x'.repeat(65_536)], /longer than 65536 bytes\n$/],
    ])('starts nothing with %s', async (_name, socket, words, reason) => {
      emit('other', socket);
      const { status, stdout, stderr } = await run(words, 'other');
      expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
      expect(stderr).toMatch(reason);
    });

    it('says so if the real runtime cannot be executed', async () => {
      emit('lost', at('a.sock'), '/nonexistent/runc');
      behave = answering('0');
      for (const word of ['state', 'run']) {
        const ended = await run(['--log', at('log'), word, 'x'], 'lost');
        const stderr = `${PREFIX}the real runtime cannot be executed: errno 002\n`;
        expect(ended).toEqual({ status: 1, stdout: '', stderr });
        expect(readFileSync(at('log'), 'utf8')).toContain('errno 002"\n');
      }
    });

    it('starts nothing if somebody else listens, and sends nothing', async () => {
      const received = at('received');
      writeFileSync(received, '', { mode: 0o666 });
      const script = `require('net').createServer((c) => c.on('data', (d) => require('fs').appendFileSync(${JSON.stringify(received)}, d))).listen(${JSON.stringify(at('other.sock'))}, () => process.send('ready'))`;
      spawnSync('chmod', ['0777', folder]);
      const setpriv = ['--reuid=65534', '--regid=65534', '--clear-groups', process.execPath, '-e', script];
      const other = spawn('setpriv', setpriv, { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
      try {
        await new Promise((resolve) => other.once('message', resolve));
        emit('strange', at('other.sock'));
        const { status, stderr } = await run(['run', 'x'], 'strange');
        expect(stderr).toBe(`${PREFIX}what listens on the socket of the agent does not run as root\n`);
        expect(status).toBe(1);
        expect(readFileSync(received, 'utf8')).toBe('');
      } finally {
        other.kill('SIGKILL');
        spawnSync('chmod', ['0700', folder]);
      }
    });

    it('keeps ignored and blocked signals, and limits', async () => {
      writeFileSync(at('show'), '#!/bin/sh\ngrep -E "Sig(Ign|Blk)" /proc/self/status; ulimit -n; umask\n', {
        mode: 0o755,
      });
      emit('shows', at('a.sock'), at('show'));
      behave = answering('0');
      const prelude = "trap '' HUP USR1; ulimit -n 777; umask 027";
      const direct = spawnSync('/bin/bash', ['-c', `${prelude}; exec "$0"`, at('show')], {
        encoding: 'utf8',
      });
      const { stdout } = await run(['run', 'x'], 'shows', prelude);
      if (arch === 'x86_64') expect(stdout).toBe(direct.stdout);
      expect(stdout).toContain('777\n0027\n');
    });
  });
});
