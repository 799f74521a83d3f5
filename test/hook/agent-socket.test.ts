/**
 * The socket that an agent makes: it has the path to itself, also if two agents start at the same moment.
 */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Listening, listenOnPath } from '../../src/hook/agent/open-socket.ts';
import { describeWith } from '../oracle/support/require.ts';

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

  it('takes the place of one that an agent has left', async () => {
    const path = join(folder, 'agent.sock');
    const { spawnSync } = process.getBuiltinModule('node:child_process');
    const script = `require('net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`;
    spawnSync(process.execPath, ['-e', script]);
    expect(readdirSync(folder)).toEqual(['agent.sock']);
    const { winner } = await startAll(path);
    expect(await reached(path)).toBe(String(winner));
  });
});
