/**
 * What a program of the builtin compiler may consist of, read from its instructions alone.
 * @module
 */
import type { Program, SockFilter } from '../../../src/bpf/program.ts';

/**
 * What the kernel follows to find calls that are always allowed: Linux 6.18 kernel/seccomp.c seccomp_is_const_allow, which
 * gives up at anything else, as at a load of an argument; the numbers are those of include/uapi/linux/bpf_common.h.
 */
const names = new Map([
  [0x20, 'ld'],
  [0x54, 'and'],
  [0x05, 'ja'],
  [0x15, 'jeq'],
  [0x25, 'jgt'],
  [0x35, 'jge'],
  [0x45, 'jset'],
  [0x06, 'ret'],
]);
const tests = new Set(['jeq', 'jgt', 'jge', 'jset']);

function targets({ code, jt, jf, k }: SockFilter, at: number): readonly number[] {
  const name = names.get(code);
  if (name === 'ret') return [];
  if (name === 'ja') return [at + 1 + k];
  return tests.has(name ?? '') || testsOfX.has(code) ? [at + 1 + jt, at + 1 + jf] : [at + 1];
}

/**
 * Finds what no program should have: other instructions, jumps out of the program, instructions that nothing leads to,
 * jumps that skip nothing, tests that decide nothing, jumps to jumps, fields that an instruction does not use.
 *
 * @returns one line a fault, with the instruction's place
 */
export function shapeFaults(program: Program): readonly string[] {
  const reached = new Set([0]);
  const faults: string[] = [];
  // A set hands out what is added to it while it is walked.
  for (const at of reached) {
    const instruction = program[at];
    if (instruction === undefined) faults.push(`${at}: behind the program`);
    else for (const next of targets(instruction, at)) reached.add(next);
  }
  const behind = behindArguments(program);
  for (const [at, instruction] of program.entries()) {
    const allowed = behind[at] === true && computed(instruction);
    const fault = allowed ? undefined : faultOf(program, instruction, at);
    if (fault !== undefined) faults.push(`${at}: ${fault}`);
    if (!reached.has(at)) faults.push(`${at}: nothing leads here`);
  }
  return faults;
}

/** Of each instruction, whether every way to it has loaded a half of an argument. */
function behindArguments(program: Program): readonly (boolean | undefined)[] {
  const behind: (boolean | undefined)[] = [false];
  for (const [at, instruction] of program.entries()) {
    const own = behind[at] === true || (instruction.code === 0x20 && instruction.k >= 16);
    for (const next of targets(instruction, at)) behind[next] = own && behind[next] !== false;
  }
  return behind;
}

/** Tests against X. */
const testsOfX = new Set([0x1d, 0x2d, 0x3d, 0x4d]);

/** `ld` and `ldx` of a constant, `or`, and `xor`: any operand will do. */
const ofConstants = new Set([0x00, 0x01, 0x44, 0xa4]);
/** `ld`, `ldx` and `st` of scratch memory. */
const ofCells = new Set([0x60, 0x61, 0x02]);
/** `lsh` and `rsh`. */
const shifts = new Set([0x64, 0x74]);
/** `add x`, `and x`, and `txa`. */
const ofX = new Set([0x0c, 0x5c, 0x87]);

/**
 * Constants, what is computed of them, tests against X, and scratch memory of 16 cells. The kernel itself lets no cell be read
 * that was not written.
 */
function computed({ code, jt, jf, k }: SockFilter): boolean {
  if (testsOfX.has(code)) return jt !== jf && k === 0;
  const isKnown =
    ofConstants.has(code) ||
    (ofCells.has(code) && k < 16) ||
    (shifts.has(code) && k > 0 && k < 32) ||
    (ofX.has(code) && k === 0);
  return isKnown && jt === 0 && jf === 0;
}

function faultOf(program: Program, instruction: SockFilter, at: number): string | undefined {
  const { code, jt, jf, k } = instruction;
  const name = names.get(code);
  if (name === undefined) return `instruction 0x${code.toString(16)}`;
  if (tests.has(name)) return jt === jf ? 'a test that decides nothing' : undefined;
  if (jt !== 0 || jf !== 0) return `${name} with the fields of a test`;
  // Bytes 8..15 are the instruction pointer, of which no profile can speak.
  if (name === 'ld') {
    return k % 4 === 0 && k < 64 && k !== 8 && k !== 12 ? undefined : `a load of offset ${k}`;
  }
  if (name !== 'ja') return undefined;
  if (k === 0) return 'a jump that skips nothing';
  const target = names.get(program[at + 1 + k]?.code ?? 0);
  // Where there are cells, returns stand at the end.
  const isWrong = target === 'ja' || (target === 'ret' && !program.some(({ code }) => code === 0x02));
  return isWrong ? `a jump to ${target}` : undefined;
}
