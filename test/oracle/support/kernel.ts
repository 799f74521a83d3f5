/**
 * The kernel's own verdict on system calls under a program.
 * @module
 */
import { runHelper, toHex } from './native.ts';

export interface KernelCall {
  readonly nr: number;
  readonly args?: readonly bigint[];
  /** Made by int 0x80, which the filter sees as i386. */
  readonly compat?: boolean;
}

/**
 * Makes each call under the program, each in a process of its own. Calls that are allowed are really made.
 *
 * @returns a line a call: `return N`, `errno N`, `trap N`, `kill-thread`, `kill-process`, `refused ERRNO` (the
 *   kernel took no program)
 */
export function kernelVerdicts(program: Uint8Array, calls: readonly KernelCall[]): string[] {
  const lines = calls.map(({ nr, args = [], compat }) => [compat ? 'call32' : 'call', nr, ...args].join(' '));
  const { status, stdout, stderr } = runHelper(
    'kernel-verdict',
    [],
    `program ${toHex(program)}\n${lines.join('\n')}\n`,
  );
  if (status !== 0) throw new Error(`kernel-verdict: ${stderr}`);
  return stdout.trimEnd().split('\n');
}
