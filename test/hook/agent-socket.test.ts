/**
 * The socket that an agent makes: it has the path to itself, also if two agents start at the same moment.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { type Listening, listenOnPath } from '../../src/hook/agent/open-socket.ts';
import { readProcessStatus } from '../../src/kernel/process-status.ts';
import { type Bundle, bundleProgram } from '../kernel/support/bundle.ts';
import { until } from '../oracle/support/gates.ts';
import { describeWith } from '../oracle/support/require.ts';

/** Waits for connections that it does not take: of one it says "full" when the kernel lets no more wait. */
const BUSY = `const server = require('net').createServer();
server.listen({ path: process.argv[1], backlog: 1 }, () => { console.log('ready'); process.kill(process.pid, 'SIGSTOP'); });`;
/** Of __NR_unlink on x86_64, in /proc/PID/syscall. */
const UNLINKING = /^87 /;

describeWith(['root'], 'the socket of an agent', () => {
  let folder = '';
  let servers: Server[] = [];
  beforeEach(() => {
    // Folders under /tmp are refused.
    folder = mkdtempSync('/run/oci-seccomp-socket-');
    servers = ['0', '1', '2'].map((name) => createServer((socket) => socket.end(name)));
  });
  afterEach(() => {
    for (const server of servers) server.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const reached = (path: string): Promise<string> =>
    new Promise((resolve) => {
      let text = '';
      connect(path)
        .on('data', (chunk) => {
          text += chunk.toString();
        })
        .on('error', (error) => resolve(String(error)))
        .on('close', () => resolve(text));
    });
  /** Starts all at once; exactly one may have the path. */
  const startAll = async (path: string): Promise<{ winner: number; listening: Listening }> => {
    const ends = await Promise.allSettled(servers.map((server) => listenOnPath(server, path)));
    const started = ends.flatMap((end, winner) =>
      end.status === 'fulfilled' ? [{ winner, listening: end.value }] : [],
    );
    const failures = ends.flatMap((end) => (end.status === 'rejected' ? [String(end.reason)] : []));
    expect(failures).toEqual(failures.map(() => expect.stringContaining('another agent listens on')));
    expect(started).toHaveLength(1);
    return started[0] ?? expect.unreachable();
  };

  it('belongs to one of those that start at once, and that one is reached', async () => {
    const path = join(folder, 'agent.sock');
    const { winner, listening } = await startAll(path);
    expect(await reached(path)).toBe(String(winner));
    expect(readdirSync(folder)).toEqual(['agent.sock']);
    listening.remove();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('has a path that the kernel takes, also while it is made', async () => {
    const longest = join(folder, 'x'.repeat(100 - folder.length - 1));
    const { winner } = await startAll(longest);
    expect(await reached(longest)).toBe(String(winner));
    await expect(listenOnPath(createServer(), `${longest}x`)).rejects.toThrow('at most 100 bytes');
  });

  it('takes the place of one that an agent has left', async () => {
    const path = join(folder, 'agent.sock');
    leaveSocket(path);
    const { winner } = await startAll(path);
    expect(await reached(path)).toBe(String(winner));
    expect(readdirSync(folder)).toEqual(['agent.sock']);
  });

  it.each<[string, (lock: string) => void]>([
    ['a file of somebody else', (lock) => writeFileSync(lock, 'kept')],
    ['a link', (lock) => symlinkSync('kept', lock)],
    ['a folder', (lock) => mkdirSync(lock)],
  ])('is not made where %s has the name of the lock, which stays', async (_, make) => {
    const path = join(folder, 'agent.sock');
    leaveSocket(path);
    make(`${path}.lock`);
    await expect(listenOnPath(servers[0] ?? expect.unreachable(), path)).rejects.toThrow(
      `${path}.lock is there already, and is not the lock of an agent`,
    );
    expect(readdirSync(folder)).toEqual(['agent.sock', 'agent.sock.lock']);
  });

  it('takes the lock of an agent that was killed while it held it', async () => {
    const path = join(folder, 'agent.sock');
    leaveSocket(path);
    writeFileSync(`${path}.lock`, '');
    await startAll(path);
    expect(readdirSync(folder)).toEqual(['agent.sock']);
  });

  it('is not taken from an agent that takes no connections at the moment', async () => {
    const path = join(folder, 'agent.sock');
    const busy = spawn(process.execPath, ['-e', BUSY, path], { stdio: ['ignore', 'pipe', 'inherit'] });
    const waiting: Socket[] = [];
    try {
      await once(busy.stdout, 'data');
      await until('it is stopped', () => {
        const status = readProcessStatus(busy.pid ?? -1);
        return typeof status !== 'string' && status.state === 'T';
      });
      const isFull = (): Promise<boolean> =>
        new Promise((resolve) => {
          const socket = connect(path).once('connect', () => resolve(false));
          socket.once('error', () => resolve(true));
          waiting.push(socket);
        });
      while (!(await isFull())) expect(waiting.length).toBeLessThan(10);
      await expect(listenOnPath(servers[0] ?? expect.unreachable(), path)).rejects.toThrow(
        'another agent listens on',
      );
    } finally {
      for (const socket of waiting) socket.destroy();
      busy.kill('SIGKILL');
    }
  });
});

describeWith(['root', 'x86_64', 'strace'], 'the socket of an agent that is slow', () => {
  let program: Bundle;
  let folder = '';
  beforeAll(async () => {
    program = await bundleProgram('test/hook/support/listen-program.ts');
    folder = mkdtempSync('/run/oci-seccomp-socket-');
  });
  afterAll(() => {
    program.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  it('leaves the path to one of two that have found the same dead socket', async () => {
    const path = join(folder, 'agent.sock');
    const listen = [process.execPath, program.file, path];
    leaveSocket(path);
    // It is about to take the dead socket away, and waits. The wait is no verdict: exactly one may listen in any case.
    const slowly = ['-qq', '-o', '/dev/null', '-e', 'inject=unlink:delay_enter=1500000'];
    const slow = spawn('strace', [...slowly, ...listen], { stdio: ['ignore', 'pipe', 'inherit'] });
    let said = '';
    slow.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    const pid = (): number => Number.parseInt(said, 10) || -1;
    try {
      await until('it is about to remove the socket', () => UNLINKING.test(callOf(pid())));
      const fast = spawn(process.execPath, listen.slice(1), { stdio: ['ignore', 'pipe', 'inherit'] });
      let heard = '';
      fast.stdout.setEncoding('utf8').on('data', (text: string) => {
        heard += text;
      });
      await until('the other one knows', () => heard.split('\n').length > 2);
      await until('it goes on', () => said.split('\n').length > 2);
      fast.kill();
      expect([said, heard].filter((text) => text.includes('listens\n'))).toHaveLength(1);
      expect(said + heard).toContain('another agent listens on');
    } finally {
      if (pid() > 1) process.kill(pid(), 'SIGKILL');
    }
  });
});

/** As an agent that was killed does. */
function leaveSocket(path: string): void {
  const script = `require('net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`;
  spawnSync(process.execPath, ['-e', script]);
  expect(readdirSync(dirname(path))).toEqual(['agent.sock']);
}

function callOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/syscall`, 'latin1');
  } catch {
    return '';
  }
}
