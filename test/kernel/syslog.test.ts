/**
 * Lines for the system's log, as its socket gets them; and a log that takes no more of them holds nobody up.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSyslog } from '../../src/kernel/syslog.ts';
import { HANGS_AFTER } from '../support/patience.ts';
import { type Bundle, bundleProgram } from './support/bundle.ts';

const folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-syslog-'));
/** net.unix.max_dgram_qlen is 512 at most on common machines. */
const LINES = 700;

describe("the system's log", () => {
  let program: Bundle;
  beforeAll(async () => {
    program = await bundleProgram('test/kernel/support/full-log.ts');
  });
  afterAll(() => {
    program.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  it('takes lines until it is full, and the next ones are given up', () => {
    const { stdout, stderr } = spawnSync(
      process.execPath,
      [program.file, join(folder, 'log'), String(LINES)],
      { encoding: 'utf8', timeout: HANGS_AFTER },
    );
    expect(stderr).toBe('');
    const { pid, lines } = JSON.parse(stdout) as { pid: number; lines: readonly string[] };
    expect(lines.length).toBeLessThan(LINES);
    const time = '[A-Z][a-z]{2} [ 1-3]\\d \\d\\d:\\d\\d:\\d\\d';
    expect(lines[0]).toMatch(new RegExp(`^<30>${time} the-name\\[${pid}\\]: line 0$`));
    expect(lines[1]).toMatch(new RegExp(`^<27>${time} the-name\\[${pid}\\]: line 1$`));
    expect(lines.at(-1)).toMatch(/: the last$/);
  });

  it('is written to as a stream where it listens on one', async () => {
    const path = join(folder, 'stream');
    const received = new Promise<string>((resolve) => {
      const server = createServer((socket) => {
        socket.on('data', (chunk) => resolve(chunk.toString('latin1')));
        server.close();
      }).listen(path, () => openSyslog('x', path)('info', 'a line'));
    });
    expect(await received).toMatch(/^<30>.* x\[\d+\]: a line\0$/);
  });

  it('need not be there', () => {
    expect(() => openSyslog('x', join(folder, 'nobody'))('error', 'a line')).not.toThrow();
  });
});
