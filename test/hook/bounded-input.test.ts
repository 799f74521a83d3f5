/**
 * Input up to a limit: all of what is as long as the limit, nothing of what is longer.
 */
import { spawn, spawnSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readBounded } from '../../src/hook/bounded-input.ts';

const folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-bounded-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function read(size: number, limit: number): number {
  const path = join(folder, 'input');
  writeFileSync(path, Buffer.alloc(size, 'x'));
  const fd = openSync(path, 'r');
  try {
    return readBounded(fd, 'the input', limit).length;
  } finally {
    closeSync(fd);
  }
}

describe('input up to a limit', () => {
  it.each([
    [0, 10],
    [9, 10],
    [10, 10],
    [0, 0],
    [65_536, 65_536],
    [200_000, 200_000],
  ])('of %i bytes is read where the limit is %i', (size, limit) => {
    expect(read(size, limit)).toBe(size);
  });

  it.each([
    [11, 10],
    [1, 0],
    [65_537, 65_536],
    [200_001, 200_000],
  ])('of %i bytes is refused where the limit is %i', (size, limit) => {
    expect(() => read(size, limit)).toThrow(`the input is longer than ${limit} bytes`);
  });

  it('is waited for, also where the descriptor does not wait', () => {
    const path = join(folder, 'pipe');
    spawnSync('mkfifo', [path]);
    const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const end = openSync(path, constants.O_WRONLY);
    // read(2) says EAGAIN until it writes, and between its two pieces.
    spawn('sh', ['-c', 'sleep 0.1; echo a; sleep 0.1; echo b'], { stdio: ['ignore', end, 'ignore'] });
    closeSync(end);
    try {
      expect(readBounded(fd, 'the input', 10).toString()).toBe('a\nb\n');
    } finally {
      closeSync(fd);
    }
  });
});
