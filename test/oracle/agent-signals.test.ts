/**
 * Signals for an agent that listens and has not started yet: systemd sends them as soon as the program runs.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { until } from './support/gates.ts';
import { cli } from './support/hook-bundle.ts';
import { describeWith } from './support/require.ts';

describeWith(['root', 'ptrace', 'built'], 'a signal while the agent starts', () => {
  /** Sends it when the socket is there, and again before the agent says that it has started. */
  async function startWith(signal: NodeJS.Signals) {
    const folder = mkdtempSync('/run/oci-seccomp-agent-');
    const socket = join(folder, 'agent.sock');
    const child = spawn(process.execPath, [cli, 'agent', '--socket', socket, '--spare', '1'], { cwd: '/' });
    let log = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      log += text;
    });
    const closed = new Promise((resolve) => child.once('close', resolve));
    try {
      await until('the agent listens', () => existsSync(socket) || child.exitCode !== null);
      child.kill(signal);
      if (signal === 'SIGHUP') {
        await until('the agent starts', () => log.includes('started:') || child.signalCode !== null);
        child.kill('SIGTERM');
      }
      await closed;
      return { ended: child.signalCode ?? child.exitCode, log, isSocketLeft: existsSync(socket) };
    } finally {
      child.kill('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    }
  }

  it('SIGHUP does not end it', async () => {
    const { ended, log } = await startWith('SIGHUP');
    expect({ ended, log }).toEqual({ ended: 0, log: expect.stringMatching(/^reloaded:[\s\S]*^started:/m) });
  });

  it('SIGTERM ends it in order, without its socket', async () => {
    const { ended, log, isSocketLeft } = await startWith('SIGTERM');
    expect(log).toContain('stopping: signal="SIGTERM"');
    expect({ ended, isSocketLeft }).toEqual({ ended: 0, isSocketLeft: false });
  });
});
