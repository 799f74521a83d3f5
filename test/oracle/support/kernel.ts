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

/**
 * What programs decide, for any calls: none of them is made. An older filter asks a tracer, which nobody is, for all that
 * the kernel is not needed for to install the program: what the program allows, logs, or asks others for ends in ENOSYS.
 */
export function kernelDecisions(program: Uint8Array, calls: readonly KernelCall[]): string[] {
  return verdicts([`program ${toHex(tracesAll)}`, `also ${toHex(program)}`, ...calls.map(callLine)]);
}

/** Linux include/uapi/asm-generic/unistd.h and arch/x86/entry/syscalls/syscall_64.tbl: what the installing thread calls. */
const [PRCTL, SECCOMP] = [157, 317];
/** RET ALLOW for the two, RET TRACE for all others, of any architecture. */
const tracesAll = Uint8Array.from(
  [
    [0x20, 0, 0, 0],
    [0x15, 2, 0, PRCTL],
    [0x15, 1, 0, SECCOMP],
    [0x06, 0, 0, 0x7ff0_0000],
    [0x06, 0, 0, 0x7fff_0000],
  ].flatMap(([code = 0, jt = 0, jf = 0, k = 0]) => {
    const bytes = (value: number): readonly number[] => [0, 8, 16, 24].map((by) => (value >>> by) & 0xff);
    return [code, 0, jt, jf, ...bytes(k)];
  }),
);

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
