/**
 * An agent and a supervisor that does not do its part.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { startWorker } from '../../src/hook/agent/worker.ts';
import { HANGS_AFTER } from '../support/patience.ts';
import { request } from './support/supervise-request.ts';

const folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-worker-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function workerOf(script: string) {
  const program = join(folder, `${Math.random()}.cjs`);
  writeFileSync(program, script);
  return startWorker('test', program);
}

describe('a supervisor of an agent', () => {
  it.each([
    ['/nonexistent/node', 'no such file or directory'],
    ['/etc/passwd', 'permission denied'],
  ])('that cannot be started from %s says why', async (path, reason) => {
    const { execPath } = process;
    process.execPath = path;
    try {
      await expect(workerOf('')).rejects.toMatchObject({
        code: 'ERR_HOOK',
        message: `the supervisor cannot be started: ${reason}`,
        hint: expect.stringContaining(`it is ${path} `),
      });
    } finally {
      process.execPath = execPath;
    }
  });

  it('that never answers is ended, and the message says so', async () => {
    const worker = await workerOf(
      'process.stdin.resume(); process.stdin.on("end", () => setInterval(() => {}, 1e6));',
    );
    await expect(worker.attach(request, 250)).rejects.toMatchObject({
      code: 'ERR_HOOK',
      message: 'the supervisor did not answer within 0.25 s, and was ended',
      hint: expect.stringContaining('the machine is too slow or too busy'),
    });
    expect(worker.isAlive()).toBe(false);
  });

  it('that ends by itself is told from one that was ended', async () => {
    const worker = await workerOf('process.stdin.once("data", () => process.exit(7));');
    await expect(worker.attach(request, HANGS_AFTER)).rejects.toThrow(
      'the supervisor of the container ended: exit code 7',
    );
  });
});
