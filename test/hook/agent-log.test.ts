/**
 * The log of an agent on standard error that nobody reads any more: it goes on.
 */
import { spawnSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, readFileSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Bundle, bundleProgram } from '../kernel/support/bundle.ts';
import { HANGS_AFTER } from '../support/patience.ts';

const folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-agent-log-'));

describe('the log of an agent', () => {
  let program: Bundle;
  beforeAll(async () => {
    program = await bundleProgram('test/hook/support/agent-log-program.ts');
  });
  afterAll(() => {
    program.remove();
    rmSync(folder, { recursive: true, force: true });
  });
  const write = (fd: number, lines: number) =>
    spawnSync(process.execPath, [program.file, String(lines)], {
      stdio: ['ignore', 'ignore', fd],
      timeout: HANGS_AFTER,
    }).status;

  it('holds nothing up when it is a pipe that is full', () => {
    const path = join(folder, 'pipe');
    spawnSync('mkfifo', [path]);
    // With a reader, which reads nothing.
    const fd = openSync(path, constants.O_RDWR);
    try {
      expect(write(fd, 10_000)).toBe(0);
      const chunk = Buffer.alloc(64);
      readSync(fd, chunk, 0, chunk.length, null);
      expect(chunk.toString('latin1')).toMatch(/^reloaded: left=10000\nreloaded: left=9999\n/);
    } finally {
      closeSync(fd);
    }
  });

  it('is added to a file', () => {
    const path = join(folder, 'file');
    const fd = openSync(path, 'w');
    write(fd, 1);
    write(fd, 1);
    closeSync(fd);
    expect(readFileSync(path, 'utf8')).toBe('reloaded: left=1\nreloaded: left=1\n');
  });
});
