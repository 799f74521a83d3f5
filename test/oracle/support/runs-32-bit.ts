/**
 * Whether this machine's kernel runs 32-bit programs: found out by running one.
 * @module
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { arch } from 'node:process';
import { projectRoot } from '../../../tools/debian-cache.ts';
import { HANGS_AFTER } from '../../support/patience.ts';

let known: boolean | undefined;

/** Runs a program of 96 bytes for i386 that makes one call, `exit(7)`, by `int $0x80`. */
export function runs32Bit(): boolean {
  known ??= probe();
  return known;
}

function probe(): boolean {
  if (arch !== 'x64') return false;
  const EXIT_STATUS = 7;
  const cache = join(projectRoot(), '.cache');
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, 'probe-'));
  try {
    writeFileSync(join(folder, 'exit'), smallProgram(EXIT_STATUS), { mode: 0o755 });
    return spawnSync(join(folder, 'exit'), { stdio: 'ignore', timeout: HANGS_AFTER }).status === EXIT_STATUS;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** An ELF file for i386, elf(5): a header, one segment that holds the whole file, and the instructions. */
function smallProgram(status: number): Uint8Array {
  const [HEADER, SEGMENT, BASE] = [52, 32, 0x0804_8000];
  // mov $1, %eax (exit); mov $status, %ebx; int $0x80
  const code = [0xb8, 1, 0, 0, 0, 0xbb, status, 0, 0, 0, 0xcd, 0x80];
  const start = HEADER + SEGMENT;
  const size = start + code.length;
  const u16 = (...values: readonly number[]) => values.flatMap((value) => [value & 0xff, value >> 8]);
  const u32 = (...values: readonly number[]) =>
    values.flatMap((value) => u16(value & 0xffff, (value >>> 16) & 0xffff));
  return Uint8Array.from([
    ...[0x7f, ...Buffer.from('ELF'), 1, 1, 1, ...Array.from({ length: 9 }, () => 0)],
    ...[...u16(2, 3), ...u32(1, BASE + start, HEADER, 0, 0), ...u16(HEADER, SEGMENT, 1, 0, 0, 0)],
    ...u32(1, 0, BASE, BASE, size, size, 5, 0x1000),
    ...code,
  ]);
}
