/**
 * Operations as instructions of x86_64.
 *
 * Sources: Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2; Linux 6.18
 * arch/x86/entry/syscalls/syscall_64.tbl; System V ABI, AMD64 supplement, section A.2 (system calls).
 * @module
 */
import type { Condition, Encoded, Encoder, Register, SystemCall, TargetMachine } from './operations.ts';

/** Numbers of registers in instructions. System calls change rcx and r11, and answer in rax. */
const registers = {
  argument0: 7, // rdi
  argument1: 6, // rsi
  argument2: 2, // rdx
  argument3: 10, // r10
  argument4: 8, // r8
  argument5: 9, // r9
  result: 0, // rax
  stack: 4, // rsp
  words: 13, // r13
  source: 3, // rbx
  target: 5, // rbp
  state: 14, // r14
  socket: 15, // r15
  status: 12, // r12
  scratch: 1, // rcx
  limit: 11, // r11
} as const satisfies Record<Register, number>;

const numbers = {
  read: 0,
  write: 1,
  socket: 41,
  connect: 42,
  sendto: 44,
  recvfrom: 45,
  setsockopt: 54,
  getsockopt: 55,
  exit_group: 231,
  openat: 257,
  writev: 20,
  execve: 59,
  ppoll: 271,
  rt_sigprocmask: 14,
  lseek: 8,
} as const satisfies Record<SystemCall, number>;

/** The condition codes of Jcc. */
const conditions = {
  equal: ['je', 0x4],
  notEqual: ['jne', 0x5],
  below: ['jb', 0x2],
  aboveOrEqual: ['jae', 0x3],
  above: ['ja', 0x7],
  negative: ['jl', 0xc],
} as const satisfies Record<Condition, readonly [string, number]>;

const low = ['ax', 'cx', 'dx', 'bx', 'sp', 'bp', 'si', 'di'] as const;
const bytes8 = ['al', 'cl', 'dl', 'bl', 'spl', 'bpl', 'sil', 'dil'] as const;
const name64 = (n: number): string => (n < 8 ? `r${low[n]}` : `r${n}`);
const name32 = (n: number): string => (n < 8 ? `e${low[n]}` : `r${n}d`);
const name8 = (n: number): string => bytes8[n] ?? `r${n}b`;

const REX = 0x40;
const REX_W = 0x48;

const encode: Encoder = (operation, at, addressOf) => {
  switch (operation.op) {
    case 'label':
      return [];
    case 'set':
      return [constant(registers[operation.to], operation.value)];
    case 'copy':
      return [both('mov', 0x89, registers[operation.to], registers[operation.from])];
    case 'add':
      return [both('add', 0x01, registers[operation.to], registers[operation.from])];
    case 'subtract':
      return [both('sub', 0x29, registers[operation.to], registers[operation.from])];
    case 'compare':
      return [both('cmp', 0x39, registers[operation.left], registers[operation.right])];
    case 'addValue': {
      const [to, from] = [registers[operation.to], registers[operation.from]];
      const text = `${name64(to)},${place(from, operation.value)}`;
      return [
        instruction('lea', text, [...rex(REX_W, to, from), 0x8d, ...memory(to, from, operation.value)]),
      ];
    }
    case 'subtractValue':
      return [withValue('sub', 5, registers[operation.to], operation.value)];
    case 'compareValue':
      return [withValue('cmp', 7, registers[operation.left], operation.value)];
    case 'load':
      return [loads(operation.size, registers[operation.to], registers[operation.at], operation.offset)];
    case 'store':
      return [stores(operation.size, registers[operation.from], registers[operation.at], operation.offset)];
    case 'branch': {
      const [mnemonic, code] = conditions[operation.when];
      const target = addressOf(operation.to);
      return [instruction(mnemonic, target.toString(16), [0x0f, 0x80 + code, ...int32(target - (at + 6))])];
    }
    case 'jump': {
      const target = addressOf(operation.to);
      return [instruction('jmp', target.toString(16), [0xe9, ...int32(target - (at + 5))])];
    }
    case 'call':
      return [constant(registers.result, numbers[operation.name]), instruction('syscall', '', [0x0f, 0x05])];
  }
};

export const x86Machine: TargetMachine = { elfMachine: 62, encode };

function instruction(mnemonic: string, operands: string, bytes: readonly number[]): Encoded {
  return { mnemonic, operands, bytes: Uint8Array.from(bytes) };
}

function constant(to: number, value: number): Encoded {
  const bytes = [...rex(REX, 0, to), 0xb8 + (to & 7), ...int32(value)];
  return instruction('mov', `${name32(to)},${hex(value)}`, bytes);
}

/** The prefix that reaches r8 to r15: bit 2 for the register of the field `reg`, bit 0 for that of `rm`. */
function rex(base: number, reg: number, rm: number, isNeeded = false): readonly number[] {
  const prefix = base | (reg >= 8 ? 4 : 0) | (rm >= 8 ? 1 : 0);
  return prefix === REX && !isNeeded ? [] : [prefix];
}

/** Two registers: the first is `rm` of ModRM, the second `reg`. */
function both(mnemonic: string, opcode: number, rm: number, reg: number): Encoded {
  const bytes = [...rex(REX_W, reg, rm), opcode, 0xc0 | ((reg & 7) << 3) | (rm & 7)];
  return instruction(mnemonic, `${name64(rm)},${name64(reg)}`, bytes);
}

/** A register and a constant, which is extended with its sign: one byte (0x83), or four (0x81). */
function withValue(mnemonic: string, digit: number, rm: number, value: number): Encoded {
  const isShort = value >= -128 && value < 128;
  const modRm = 0xc0 | (digit << 3) | (rm & 7);
  const bytes = [
    ...rex(REX_W, 0, rm),
    isShort ? 0x83 : 0x81,
    modRm,
    ...(isShort ? [value & 0xff] : int32(value)),
  ];
  return instruction(mnemonic, `${name64(rm)},${hex(value)}`, bytes);
}

function loads(size: 8 | 4 | 1, to: number, at: number, offset: number): Encoded {
  const where = memory(to, at, offset);
  if (size === 8) {
    const text = `${name64(to)},QWORD PTR ${place(at, offset)}`;
    return instruction('mov', text, [...rex(REX_W, to, at), 0x8b, ...where]);
  }
  if (size === 4) {
    const text = `${name32(to)},DWORD PTR ${place(at, offset)}`;
    return instruction('mov', text, [...rex(REX, to, at), 0x8b, ...where]);
  }
  const text = `${name32(to)},BYTE PTR ${place(at, offset)}`;
  return instruction('movzx', text, [...rex(REX, to, at), 0x0f, 0xb6, ...where]);
}

function stores(size: 8 | 4 | 1, from: number, at: number, offset: number): Encoded {
  const where = memory(from, at, offset);
  if (size === 8) {
    const text = `QWORD PTR ${place(at, offset)},${name64(from)}`;
    return instruction('mov', text, [...rex(REX_W, from, at), 0x89, ...where]);
  }
  if (size === 4) {
    const text = `DWORD PTR ${place(at, offset)},${name32(from)}`;
    return instruction('mov', text, [...rex(REX, from, at), 0x89, ...where]);
  }
  // Without the prefix, 4 to 7 are ah, ch, dh and bh.
  const text = `BYTE PTR ${place(at, offset)},${name8(from)}`;
  return instruction('mov', text, [...rex(REX, from, at, from >= 4), 0x88, ...where]);
}

/** ModRM with a base and one byte of offset; a base of 4 (rsp, r12) takes a SIB byte. */
function memory(reg: number, base: number, offset: number): readonly number[] {
  return [0x40 | ((reg & 7) << 3) | (base & 7), ...((base & 7) === 4 ? [0x24] : []), offset & 0xff];
}

function place(base: number, offset: number): string {
  return `[${name64(base)}+${hex(offset)}]`;
}

function int32(value: number): readonly number[] {
  return [value & 0xff, (value >> 8) & 0xff, (value >> 16) & 0xff, (value >> 24) & 0xff];
}

/** As objdump writes constants: a negative one as the 64 bits that it becomes. */
function hex(value: number): string {
  return `0x${BigInt.asUintN(64, BigInt(value)).toString(16)}`;
}
