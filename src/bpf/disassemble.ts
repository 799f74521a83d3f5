/**
 * A program as text: one line an instruction, jump targets absolute, names for what the numbers stand for.
 * Decoding is total: a word no assembler writes is shown as `.word`.
 *
 * Names of system calls depend on the architecture a path is in; it is followed from the comparisons with
 * `seccomp_data.arch` as far as they decide it.
 * @module
 */

import { type ArchName, allArchitectures, type Endian, X32_SYSCALL_BIT } from '../abi/architectures.ts';
import { formatReturnWord } from '../abi/return-word.ts';
import {
  SECCOMP_DATA_ARCH,
  SECCOMP_DATA_ARGS,
  SECCOMP_DATA_NR,
  SECCOMP_DATA_SIZE,
} from '../abi/seccomp-data.ts';
import { syscallName } from '../abi/syscalls.ts';
import type { Program, SockFilter } from './program.ts';

/** What is known on the way to an instruction: where the accumulator was loaded from, which AUDIT_ARCH this path has. */
interface PathState {
  readonly loaded: number | undefined;
  readonly auditArch: number | undefined;
  /** Bit 30 of nr on x86_64: set, clear, or not looked at. */
  readonly x32: boolean | undefined;
}

const START: PathState = { loaded: undefined, auditArch: undefined, x32: undefined };

/** Opcodes that classic BPF has, with the shape of their operand. Source: include/uapi/linux/bpf_common.h. */
const mnemonics: Readonly<
  Record<number, { name: string; operand: 'abs' | 'k' | 'mem' | 'len' | 'x' | 'none' }>
> = {
  32: { name: 'ld', operand: 'abs' },
  0: { name: 'ld', operand: 'k' },
  96: { name: 'ld', operand: 'mem' },
  128: { name: 'ld', operand: 'len' },
  1: { name: 'ldx', operand: 'k' },
  97: { name: 'ldx', operand: 'mem' },
  129: { name: 'ldx', operand: 'len' },
  2: { name: 'st', operand: 'mem' },
  3: { name: 'stx', operand: 'mem' },
  4: { name: 'add', operand: 'k' },
  12: { name: 'add', operand: 'x' },
  20: { name: 'sub', operand: 'k' },
  28: { name: 'sub', operand: 'x' },
  36: { name: 'mul', operand: 'k' },
  44: { name: 'mul', operand: 'x' },
  52: { name: 'div', operand: 'k' },
  60: { name: 'div', operand: 'x' },
  68: { name: 'or', operand: 'k' },
  76: { name: 'or', operand: 'x' },
  84: { name: 'and', operand: 'k' },
  92: { name: 'and', operand: 'x' },
  100: { name: 'lsh', operand: 'k' },
  108: { name: 'lsh', operand: 'x' },
  116: { name: 'rsh', operand: 'k' },
  124: { name: 'rsh', operand: 'x' },
  132: { name: 'neg', operand: 'none' },
  164: { name: 'xor', operand: 'k' },
  172: { name: 'xor', operand: 'x' },
  7: { name: 'tax', operand: 'none' },
  135: { name: 'txa', operand: 'none' },
};

const jumps: Readonly<Record<number, string>> = {
  21: 'jeq  #',
  29: 'jeq  x',
  37: 'jgt  #',
  45: 'jgt  x',
  53: 'jge  #',
  61: 'jge  x',
  69: 'jset #',
  77: 'jset x',
};
const JA = 5;
const RET_K = 6;
const RET_A = 22;

/**
 * Writes a program as a listing.
 *
 * @param endian - the target's byte order: it decides which half of an argument an offset is
 * @returns lines `NNNN  mnemonic operands  ; meaning`, each with a line feed
 */
export function disassemble(program: Program, endian: Endian): string {
  const states = followPaths(program);
  const width = String(program.length).length;
  const lines = program.map((instruction, at) => {
    const text = formatInstruction(instruction, at);
    const state = states[at];
    const comment = state === undefined ? 'never reached' : explain(instruction, state, endian);
    const line = `${String(at).padStart(width)}  ${text}`;
    return comment === undefined ? line : `${line.padEnd(width + 36)}; ${comment}`;
  });
  return `${lines.join('\n')}\n`;
}

function formatInstruction({ code, jt, jf, k }: SockFilter, at: number): string {
  const jump = jumps[code];
  if (jump !== undefined) {
    const operand = jump.endsWith('#') ? hex(k) : '';
    return `${jump}${operand}, ${at + 1 + jt}, ${at + 1 + jf}`;
  }
  if (code === JA) return `ja   ${at + 1 + k}`;
  if (code === RET_K) return `ret  #${hex(k)}`;
  if (code === RET_A) return 'ret  a';
  const known = mnemonics[code];
  if (known === undefined) return `.word ${hex(code)}, ${jt}, ${jf}, ${hex(k)}`;
  const operands = { abs: `[${k}]`, k: `#${hex(k)}`, mem: `M[${k}]`, len: 'len', x: 'x', none: '' };
  return `${known.name.padEnd(5)}${operands[known.operand]}`.trimEnd();
}

/** The state before each instruction, `undefined` where no path leads; jumps only go forward, so one pass is enough. */
function followPaths(program: Program): readonly (PathState | undefined)[] {
  const states: (PathState | undefined)[] = new Array(program.length).fill(undefined);
  const reach = (at: number, state: PathState): void => {
    if (at >= program.length) return;
    const known = states[at];
    states[at] = known === undefined ? state : merge(known, state);
  };
  reach(0, START);
  for (const [at, instruction] of program.entries()) {
    const state = states[at];
    if (state === undefined) continue;
    const { code, jt, jf, k } = instruction;
    if (code === RET_K || code === RET_A) continue;
    if (code === JA) reach(at + 1 + k, state);
    else if (jumps[code] !== undefined) {
      reach(at + 1 + jt, afterJump(instruction, state, true));
      reach(at + 1 + jf, afterJump(instruction, state, false));
    } else reach(at + 1, { ...state, loaded: afterStep(instruction, state) });
  }
  return states;
}

function merge(a: PathState, b: PathState): PathState {
  return {
    loaded: a.loaded === b.loaded ? a.loaded : undefined,
    auditArch: a.auditArch === b.auditArch ? a.auditArch : undefined,
    x32: a.x32 === b.x32 ? a.x32 : undefined,
  };
}

function afterStep({ code, k }: SockFilter, state: PathState): number | undefined {
  if (code === 32) return k;
  const keepsAccumulator =
    code === 1 || code === 97 || code === 129 || code === 2 || code === 3 || code === 7;
  return keepsAccumulator ? state.loaded : undefined;
}

function afterJump({ code, k }: SockFilter, state: PathState, taken: boolean): PathState {
  if (state.loaded === SECCOMP_DATA_ARCH && code === 21 && taken) return { ...state, auditArch: k };
  if (state.loaded === SECCOMP_DATA_NR && k === X32_SYSCALL_BIT && (code === 69 || code === 53)) {
    return { ...state, x32: taken };
  }
  return state;
}

function explain({ code, k }: SockFilter, state: PathState, endian: Endian): string | undefined {
  if (code === 32) return fieldName(k, endian);
  if (code === RET_K) return formatReturnWord(k);
  if (code === 21 && state.loaded === SECCOMP_DATA_ARCH) return auditArchName(k);
  if (jumps[code]?.endsWith('#') === true && state.loaded === SECCOMP_DATA_NR) return nrName(k, state);
  return undefined;
}

/** `nr`, `arch`, `args[0].lo` … of an absolute load. */
function fieldName(offset: number, endian: Endian): string | undefined {
  if (offset === SECCOMP_DATA_NR) return 'nr';
  if (offset === SECCOMP_DATA_ARCH) return 'arch';
  if (offset >= SECCOMP_DATA_SIZE || offset % 4 !== 0) return undefined;
  const isFirstHalf = offset % 8 === 0;
  const half = isFirstHalf === (endian === 'little') ? 'lo' : 'hi';
  if (offset < SECCOMP_DATA_ARGS) return `instruction_pointer.${half}`;
  return `args[${Math.floor((offset - SECCOMP_DATA_ARGS) / 8)}].${half}`;
}

function auditArchName(word: number): string | undefined {
  const row = allArchitectures.find(({ auditArch }) => auditArch === word);
  return row === undefined ? undefined : `AUDIT_ARCH_${row.name.toUpperCase()}`;
}

function nrName(nr: number, { auditArch, x32 }: PathState): string | undefined {
  if (nr === X32_SYSCALL_BIT) return 'x32 bit';
  const arch = archOfPath(auditArch, x32 ?? nr >= X32_SYSCALL_BIT);
  return arch === undefined ? undefined : syscallName(nr, arch);
}

function archOfPath(word: number | undefined, x32: boolean): ArchName | undefined {
  const rows = allArchitectures.filter(({ auditArch }) => auditArch === word);
  return (rows.length > 1 ? rows.find(({ name }) => (name === 'x32') === x32) : rows[0])?.name;
}

function hex(word: number): string {
  return `0x${word.toString(16)}`;
}
