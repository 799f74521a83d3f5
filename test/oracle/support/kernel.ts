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
  return verdicts([`program ${toHex(program)}`, ...calls.map(callLine)]);
}

/** One call under each list of programs, the oldest first; lines as {@link kernelVerdicts} gives them. */
export function kernelVerdictsTogether(
  lists: readonly (readonly Uint8Array[])[],
  call: KernelCall,
): string[] {
  return verdicts(
    lists.flatMap((programs) => [
      ...programs.map((program, i) => `${i === 0 ? 'program' : 'also'} ${toHex(program)}`),
      callLine(call),
    ]),
  );
}

function callLine({ nr, args = [], compat }: KernelCall): string {
  return [compat ? 'call32' : 'call', nr, ...args].join(' ');
}

function verdicts(lines: readonly string[]): string[] {
  const { status, stdout, stderr } = runHelper('kernel-verdict', [], `${lines.join('\n')}\n`);
  if (status !== 0) throw new Error(`kernel-verdict: ${stderr}`);
  return stdout.trimEnd().split('\n');
}
