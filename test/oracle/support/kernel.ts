/**
 * The kernel's own verdict on system calls under a program.
 * @module
 */
import type { ArchName } from '../../../src/abi/architectures.ts';
import { findArchitecture } from '../../../src/abi/find-architecture.ts';
import { syscallNumber } from '../../../src/abi/syscall-numbers.ts';
import { encodeProgram } from '../../../src/bpf/program.ts';
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

/**
 * What programs decide, for any calls: none of them is made. An older filter asks a tracer, which nobody is, for all that
 * the kernel is not needed for to install the program: what the program allows, logs, or asks others for ends in ENOSYS.
 */
export function kernelDecisions(program: Uint8Array, calls: readonly KernelCall[]): string[] {
  return verdicts(decisionLines('x86_64', program, calls));
}

/** What the helper reads for {@link kernelDecisions}, when it is a program of `arch`. */
export function decisionLines(
  arch: ArchName,
  program: Uint8Array,
  calls: readonly KernelCall[],
): readonly string[] {
  return [`program ${toHex(tracesAll(arch))}`, `also ${toHex(program)}`, ...calls.map(callLine)];
}

/** RET ALLOW for what the installing thread calls, RET TRACE for all others, of any architecture. */
function tracesAll(arch: ArchName): Uint8Array {
  const [prctl, seccomp] = [syscallNumber('prctl', arch) ?? -1, syscallNumber('seccomp', arch) ?? -1];
  const instructions = [
    [0x20, 0, 0, 0],
    [0x15, 2, 0, prctl],
    [0x15, 1, 0, seccomp],
    [0x06, 0, 0, 0x7ff0_0000],
    [0x06, 0, 0, 0x7fff_0000],
  ].map(([code = 0, jt = 0, jf = 0, k = 0]) => ({ code, jt, jf, k }));
  return encodeProgram(instructions, findArchitecture(arch)?.endian ?? 'little');
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
