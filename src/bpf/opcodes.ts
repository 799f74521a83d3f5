/**
 * The operations of classic BPF: one row each, everything else about an opcode is derived from its row.
 *
 * Sources: Linux 6.18 include/uapi/linux/bpf_common.h and filter.h (encoding), net/core/filter.c
 * `chk_code_allowed` (which codes exist), kernel/seccomp.c `seccomp_check_filter` (which of them seccomp takes).
 * @module
 */

/**
 * What an instruction works on. `field`: the word of seccomp_data at k; `constant`: k; `scratch`: M[k]; `branch`: A compared
 * with k; `branchX`: A compared with X, both with two targets; `jump`: over k instructions. `indirect` and `header` read packets:
 * seccomp has none.
 */
export type OperandShape =
  | 'field'
  | 'indirect'
  | 'header'
  | 'constant'
  | 'scratch'
  | 'length'
  | 'x'
  | 'a'
  | 'jump'
  | 'branch'
  | 'branchX'
  | 'none';

export interface Opcode {
  readonly code: number;
  readonly mnemonic: string;
  readonly shape: OperandShape;
  /** Whether `seccomp_check_filter` takes it; the others are for packets. */
  readonly seccomp: boolean;
}

const seccompRows: readonly (readonly [code: number, mnemonic: string, shape: OperandShape])[] = [
  [0x20, 'ld', 'field'],
  [0x00, 'ld', 'constant'],
  [0x60, 'ld', 'scratch'],
  [0x80, 'ld', 'length'],
  [0x01, 'ldx', 'constant'],
  [0x61, 'ldx', 'scratch'],
  [0x81, 'ldx', 'length'],
  [0x02, 'st', 'scratch'],
  [0x03, 'stx', 'scratch'],
  [0x04, 'add', 'constant'],
  [0x0c, 'add', 'x'],
  [0x14, 'sub', 'constant'],
  [0x1c, 'sub', 'x'],
  [0x24, 'mul', 'constant'],
  [0x2c, 'mul', 'x'],
  [0x34, 'div', 'constant'],
  [0x3c, 'div', 'x'],
  [0x44, 'or', 'constant'],
  [0x4c, 'or', 'x'],
  [0x54, 'and', 'constant'],
  [0x5c, 'and', 'x'],
  [0x64, 'lsh', 'constant'],
  [0x6c, 'lsh', 'x'],
  [0x74, 'rsh', 'constant'],
  [0x7c, 'rsh', 'x'],
  [0x84, 'neg', 'none'],
  [0xa4, 'xor', 'constant'],
  [0xac, 'xor', 'x'],
  [0x05, 'ja', 'jump'],
  [0x15, 'jeq', 'branch'],
  [0x1d, 'jeq', 'branchX'],
  [0x25, 'jgt', 'branch'],
  [0x2d, 'jgt', 'branchX'],
  [0x35, 'jge', 'branch'],
  [0x3d, 'jge', 'branchX'],
  [0x45, 'jset', 'branch'],
  [0x4d, 'jset', 'branchX'],
  [0x06, 'ret', 'constant'],
  [0x16, 'ret', 'a'],
  [0x07, 'tax', 'none'],
  [0x87, 'txa', 'none'],
];

const packetRows: readonly (readonly [code: number, mnemonic: string, shape: OperandShape])[] = [
  [0x28, 'ldh', 'field'],
  [0x30, 'ldb', 'field'],
  [0x40, 'ld', 'indirect'],
  [0x48, 'ldh', 'indirect'],
  [0x50, 'ldb', 'indirect'],
  [0xb1, 'ldxb', 'header'],
  [0x94, 'mod', 'constant'],
  [0x9c, 'mod', 'x'],
];

/** All operations the kernel's classic BPF has. */
export const opcodes: readonly Opcode[] = [
  ...seccompRows.map(([code, mnemonic, shape]) => ({ code, mnemonic, shape, seccomp: true })),
  ...packetRows.map(([code, mnemonic, shape]) => ({ code, mnemonic, shape, seccomp: false })),
];

const byCode: readonly (Opcode | undefined)[] = opcodes.reduce((table: (Opcode | undefined)[], row) => {
  table[row.code] = row;
  return table;
}, new Array(256).fill(undefined));

/** Every mnemonic once. */
export const mnemonics: readonly string[] = [...new Set(opcodes.map(({ mnemonic }) => mnemonic))];

/** Finds the operation of a code field, 0..0xffff; `undefined` if there is no such operation. */
export function opcodeOf(code: number): Opcode | undefined {
  return byCode[code];
}

/** Finds the operation of a mnemonic and an operand shape; `undefined` if there is no such operation. */
export function opcodeByText(mnemonic: string, shape: OperandShape): Opcode | undefined {
  return opcodes.findLast((row) => row.mnemonic === mnemonic && row.shape === shape);
}

/** The fields of an instruction word to which an operand shape gives a meaning. */
const usedFields = {
  field: { k: true, jumps: false },
  indirect: { k: true, jumps: false },
  header: { k: true, jumps: false },
  constant: { k: true, jumps: false },
  scratch: { k: true, jumps: false },
  length: { k: false, jumps: false },
  x: { k: false, jumps: false },
  a: { k: false, jumps: false },
  jump: { k: true, jumps: false },
  branch: { k: true, jumps: true },
  branchX: { k: false, jumps: true },
  none: { k: false, jumps: false },
} as const satisfies Record<OperandShape, { k: boolean; jumps: boolean }>;

/** Tells which fields of the instruction word mean something; the kernel ignores the others. */
export function usesOf(shape: OperandShape): { readonly k: boolean; readonly jumps: boolean } {
  return usedFields[shape];
}

/**
 * Computes an arithmetic instruction, all values u32.
 *
 * Shifts take the low five bits of their operand, as the kernel's interpreter does (kernel/bpf/core.c `SHT`).
 *
 * @param code - an opcode of class ALU
 * @returns `undefined` for a division by zero, which ends the program with the return word 0
 */
export function compute(code: number, a: number, operand: number): number | undefined {
  switch (code & 0xf0) {
    case 0x00:
      return (a + operand) >>> 0;
    case 0x10:
      return (a - operand) >>> 0;
    case 0x20:
      return Math.imul(a, operand) >>> 0;
    case 0x30:
      return operand === 0 ? undefined : (a / operand) >>> 0;
    case 0x40:
      return (a | operand) >>> 0;
    case 0x50:
      return (a & operand) >>> 0;
    case 0x60:
      return (a << operand) >>> 0;
    case 0x70:
      return a >>> operand;
    case 0x80:
      return -a >>> 0;
    default:
      return (a ^ operand) >>> 0;
  }
}

/** Decides a conditional jump, values u32: whether its first target is taken. */
export function holds(code: number, a: number, operand: number): boolean {
  switch (code & 0xf0) {
    case 0x10:
      return a === operand;
    case 0x20:
      return a > operand;
    case 0x30:
      return a >= operand;
    default:
      return (a & operand) !== 0;
  }
}
