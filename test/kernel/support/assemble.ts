/**
 * Machine code for tests, from assembly text.
 * @module
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The bytes of x86-64 instructions in Intel's syntax; labels in them are relative. @throws Error with the assembler's message */
export function assemble(text: string): Uint8Array {
  const folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-assemble-'));
  const file = join(folder, 'code');
  try {
    const options = ['-nostdlib', '-static', '-Wl,--oformat=binary', '-Wl,-Ttext=0', '-Wl,--build-id=none'];
    const input = `.intel_syntax noprefix\n.globl _start\n_start:\n${text}\n.section .note.GNU-stack,"",@progbits\n`;
    const { status, stderr } = spawnSync('cc', [...options, '-x', 'assembler', '-o', file, '-'], {
      input,
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(stderr);
    return Uint8Array.from(readFileSync(file));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
