/**
 * Runs a small C program with one system call failing, as strace(1) can arrange it.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Denier {
  /** Exit code, or 128 and the signal's place; the call gets this error. */
  readonly run: (syscall: string, errno: string) => number | null;
  /** What an expression finds in the trace of the last run: its first group. */
  readonly traced: (wanted: RegExp) => readonly string[];
  /** Names of the calls that the program makes. */
  readonly calls: () => readonly string[];
  readonly remove: () => void;
}

/** Compiles a program. @param compiler - `cc`, `musl-gcc` */
export function compileFor(compiler: string, source: string, flags: readonly string[] = []): Denier {
  const folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-denied-'));
  const [file, program] = [join(folder, 'program.c'), join(folder, 'program')];
  writeFileSync(file, source);
  const { status, stderr } = spawnSync(compiler, [...flags, '-o', program, file], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  const trace = (options: readonly string[]) =>
    spawnSync('strace', ['-f', '-o', join(folder, 'trace'), ...options, program], { encoding: 'utf8' });
  return {
    run: (syscall, errno) => trace(['-e', `inject=${syscall}:error=${errno}`]).status,
    traced: (wanted) =>
      [...readFileSync(join(folder, 'trace'), 'utf8').matchAll(wanted)].map(([, name = '']) => name),
    calls: () => {
      const { stderr: text } = spawnSync('strace', [program], { encoding: 'utf8' });
      return [...new Set([...text.matchAll(/^([a-z0-9_]+)\(/gm)].map(([, name = '']) => name))];
    },
    remove: () => rmSync(folder, { recursive: true }),
  };
}
