/**
 * What `doctor` says of an agent.
 */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { startAgent } from './support/agent.ts';
import { ociSeccomp } from './support/hook-bundle.ts';
import { describeWith } from './support/require.ts';

describeWith(['root', 'ptrace', 'built'], 'doctor, asked about an agent', () => {
  const look = (socket: string) => {
    const { stdout, status } = ociSeccomp('doctor', '--agent', socket, '--json');
    return { status, agent: JSON.parse(stdout).agent };
  };

  it('says that it answers, and its version; and that it does not run any more', async () => {
    const agent = await startAgent();
    try {
      const version = ociSeccomp('--version').stdout.trim();
      expect(look(agent.socket)).toEqual({
        status: 0,
        agent: { socket: agent.socket, owner: 0, version: expect.stringMatching(/^\d+\.\d+\.\d+/) },
      });
      expect(version).toContain(look(agent.socket).agent.version);
      const { stdout } = ociSeccomp('doctor', '--agent', agent.socket);
      expect(stdout).toContain(`agent         answers on ${agent.socket}, version `);
      await agent.end('SIGKILL');
      expect(look(agent.socket)).toMatchObject({
        status: 3,
        agent: { problem: expect.stringContaining('does not run') },
      });
    } finally {
      await agent.remove();
    }
  });

  it('waits for no socket without end, however its answer comes; nor does a hook', async () => {
    const { lookAtAgent } = await import('../../src/hook/agent/look-at-agent.ts');
    const { askAgent } = await import('../../src/hook/agent/agent-client.ts');
    const folder = mkdtempSync('/run/oci-seccomp-doctor-');
    const server = createServer((socket) => {
      const drip = setInterval(() => socket.write('\n'), 20);
      socket.on('error', () => {}).once('close', () => clearInterval(drip));
    });
    try {
      const socket = join(folder, 'drips.sock');
      await new Promise<void>((resolve) => server.listen(socket, resolve));
      expect(await lookAtAgent(socket, true, 200)).toMatchObject({
        problem: expect.stringContaining('it does not answer within 0.2 seconds'),
      });
      await expect(askAgent(socket, { args: [], state: new Uint8Array() }, 200)).rejects.toThrow(
        'does not answer within 0.2 seconds',
      );
    } finally {
      server.close();
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('believes no other socket', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-doctor-'));
    const server = createServer((socket) => socket.end('HTTP/1.1 200 OK\r\n\r\nhello\n'));
    try {
      const socket = join(folder, 'other.sock');
      await new Promise<void>((resolve) => server.listen(socket, resolve));
      symlinkSync(socket, join(folder, 'link.sock'));
      writeFileSync(join(folder, 'file.sock'), '');
      for (const [name, problem] of [
        ['link.sock', 'this is not a socket'],
        ['file.sock', 'this is not a socket'],
        ['none.sock', 'there is no such socket: the agent does not run'],
      ] as const) {
        expect(look(join(folder, name))).toMatchObject({ status: 3, agent: { problem } });
      }
      // In this process, whose event loop answers.
      const { lookAtAgent } = await import('../../src/hook/agent/look-at-agent.ts');
      expect(await lookAtAgent(socket, true)).toMatchObject({
        problem: 'what answers is not an agent of oci-seccomp',
      });
      mkdirSync(join(folder, 'open'));
      chmodSync(join(folder, 'open'), 0o777);
      const open = createServer();
      await new Promise<void>((resolve) => open.listen(join(folder, 'open/agent.sock'), resolve));
      expect((await lookAtAgent(join(folder, 'open/agent.sock'), true))?.problem).toContain(
        'others can write',
      );
      open.close();
      expect(await lookAtAgent(join(folder, 'none.sock'), false)).toBeUndefined();
    } finally {
      server.close();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
