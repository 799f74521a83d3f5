/**
 * Operations as instructions of aarch64.
 *
 * Sources: Arm Architecture Reference Manual for A-profile, section C6.2; Linux 6.18
 * include/uapi/asm-generic/unistd.h; arch/arm64/kernel/syscall.c (number in x8, arguments from x0, answer in x0).
 * @module
 */
import { OciSeccompError } from '../../errors.ts';
import type {
  Condition,
  Encoded,
  Encoder,
  Operation,
  Register,
  SystemCall,
  TargetMachine,
} from './operations.ts';

/** Numbers of registers. System calls change x0 alone. 31 is the stack pointer in loads and additions of a constant. */
const registers = {
  argument0: 0,
  argument1: 1,
  argument2: 2,
  argument3: 3,
  argument4: 4,
  argument5: 5,
  result: 0,
  stack: 31,
  words: 19,
  source: 20,
  target: 21,
  state: 22,
  socket: 23,
  status: 24,
  scratch: 9,
  limit: 10,
} as const satisfies Record<Register, number>;

const numbers = {
  read: 63,
  write: 64,
  socket: 198,
  connect: 203,
  sendto: 206,
  recvfrom: 207,
  setsockopt: 208,
  getsockopt: 209,
  exit_group: 94,
  openat: 56,
  writev: 66,
  execve: 221,
  ppoll: 73,
  rt_sigprocmask: 135,
  lseek: 62,
} as const satisfies Record<SystemCall, number>;

const conditions = {
  equal: ['b.eq', 0x0],
  notEqual: ['b.ne', 0x1],
  below: ['b.lo', 0x3],
  aboveOrEqual: ['b.hs', 0x2],
  above: ['b.hi', 0x8],
  negative: ['b.lt', 0xb],
} as const satisfies Record<Condition, readonly [string, number]>;

const CALL_NUMBER = 8;
const MAX_VALUE = 0xfff;

const encode: Encoder = (operation, at, addressOf) => {
  switch (operation.op) {
    case 'label':
      return [];
    case 'set':
      return constant(registers[operation.to], operation.value);
    case 'copy': {
      const [to, from] = [registers[operation.to], registers[operation.from]];
      // ORR with the zero register.
      return [word('mov', `x${to}, x${from}`, 0xaa0003e0 | (from << 16) | to)];
    }
    case 'add':
      return [both('add', 0x8b000000, registers[operation.to], registers[operation.from])];
    case 'subtract':
      return [both('sub', 0xcb000000, registers[operation.to], registers[operation.from])];
    case 'compare': {
      const [left, right] = [registers[operation.left], registers[operation.right]];
      // SUBS into the zero register.
      return [word('cmp', `x${left}, x${right}`, 0xeb00001f | (right << 16) | (left << 5))];
    }
    case 'addValue': {
      const [to, from] = [registers[operation.to], registers[operation.from]];
      const text = `x${to}, ${baseName(from)}, #${hex(operation.value)}`;
      return [word('add', text, 0x91000000 | (operation.value << 10) | (from << 5) | to)];
    }
    case 'subtractValue': {
      const to = registers[operation.to];
      const text = `x${to}, x${to}, #${hex(operation.value)}`;
      return [word('sub', text, 0xd1000000 | (operation.value << 10) | (to << 5) | to)];
    }
    case 'compareValue':
      return [compareValue(registers[operation.left], operation.value)];
    case 'load':
      return [transfer('ldr', registers[operation.to], operation)];
    case 'store':
      return [transfer('str', registers[operation.from], operation)];
    case 'branch': {
      const [mnemonic, code] = conditions[operation.when];
      const target = addressOf(operation.to);
      return [word(mnemonic, hex(target), 0x54000000 | ((((target - at) / 4) & 0x7ffff) << 5) | code)];
    }
    case 'jump': {
      const target = addressOf(operation.to);
      return [word('b', hex(target), 0x14000000 | (((target - at) / 4) & 0x3ffffff))];
    }
    case 'call':
      return [...constant(CALL_NUMBER, numbers[operation.name]), word('svc', '#0', 0xd4000001)];
  }
};

export const aarch64Machine: TargetMachine = { elfMachine: 183, encode };

function word(mnemonic: string, operands: string, value: number): Encoded {
  const bytes = Uint8Array.of(value & 0xff, (value >> 8) & 0xff, (value >> 16) & 0xff, (value >> 24) & 0xff);
  return { mnemonic, operands, bytes };
}

function both(mnemonic: string, opcode: number, to: number, from: number): Encoded {
  return word(mnemonic, `x${to}, x${to}, x${from}`, opcode | (from << 16) | (to << 5) | to);
}

/** MOVZ, and MOVK for the upper half. */
function constant(to: number, value: number): readonly Encoded[] {
  const [lower, upper] = [value & 0xffff, value >>> 16];
  const first = word('mov', `x${to}, #${hex(lower)}`, 0xd2800000 | (lower << 5) | to);
  if (upper === 0) return [first];
  return [first, word('movk', `x${to}, #${hex(upper)}, lsl #16`, 0xf2a00000 | (upper << 5) | to)];
}

/** SUBS, and for a negative constant ADDS, into the zero register. */
function compareValue(left: number, value: number): Encoded {
  const text = `x${left}, #${hex(Math.abs(value))}`;
  if (value < 0 && -value <= MAX_VALUE) return word('cmn', text, 0xb100001f | (-value << 10) | (left << 5));
  if (value >= 0 && value <= MAX_VALUE) return word('cmp', text, 0xf100001f | (value << 10) | (left << 5));
  const upper = value / 0x1000;
  if (!Number.isInteger(upper) || upper < 0 || upper > MAX_VALUE)
    throw new OciSeccompError('ERR_HOOK', `no instruction of aarch64 compares with ${value}`);
  return word('cmp', `x${left}, #${hex(upper)}, lsl #12`, 0xf140001f | (upper << 10) | (left << 5));
}

/** LDR and STR of an immediate offset, which is counted in units of the size. */
function transfer(
  mnemonic: 'ldr' | 'str',
  register: number,
  { size, offset, at: base }: Extract<Operation, { readonly offset: number }>,
): Encoded {
  const at = registers[base];
  const opcode = SIZE_BITS[size] | (mnemonic === 'ldr' ? 0x39400000 : 0x39000000);
  const where = offset === 0 ? `[${baseName(at)}]` : `[${baseName(at)}, #${hex(offset)}]`;
  const operands = `${size === 8 ? 'x' : 'w'}${register}, ${where}`;
  return word(
    size === 1 ? `${mnemonic}b` : mnemonic,
    operands,
    opcode | ((offset / size) << 10) | (at << 5) | register,
  );
}

/** Bits 31 and 30 are the size. */
const SIZE_BITS = { 1: 0, 4: 0x80000000, 8: 0xc0000000 } as const;

function baseName(register: number): string {
  return register === registers.stack ? 'sp' : `x${register}`;
}

function hex(value: number): string {
  return `0x${value.toString(16)}`;
}
