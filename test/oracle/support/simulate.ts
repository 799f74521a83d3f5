/**
 * A classic BPF interpreter for seccomp programs, written from the manual pages and sharing nothing with `src/`.
 *
 * Sources: seccomp(2), Linux 6.18 Documentation/networking/filter.rst (instruction set), include/uapi/linux/bpf_common.h
 * (encoding), Documentation/bpf/standardization/instruction-set.rst (shifts take the low five bits). It runs what seccomp allows; anything else ends the run with an error. It does not decide what the
 * kernel would load.
 * @module
 */

/** The record a program looks at; `args` beyond those given are 0. */
export interface SimulatedCall {
  /** i32. */
  readonly nr: number;
  /** u32, `AUDIT_ARCH_*`. */
  readonly arch: number;
  readonly args?: readonly bigint[];
  readonly instructionPointer?: bigint;
}

interface Instruction {
  readonly code: number;
  readonly jt: number;
  readonly jf: number;
  readonly k: number;
}

interface Machine {
  a: number;
  x: number;
  readonly memory: Uint32Array;
}

const u32 = (value: number): number => value >>> 0;

function decode(program: Uint8Array, little: boolean): Instruction[] {
  const view = new DataView(program.buffer, program.byteOffset, program.byteLength);
  const instructions: Instruction[] = [];
  for (let at = 0; at < program.length; at += 8) {
    instructions.push({
      code: view.getUint16(at, little),
      jt: view.getUint8(at + 2),
      jf: view.getUint8(at + 3),
      k: view.getUint32(at + 4, little),
    });
  }
  return instructions;
}

/** The 64 bytes a program looks at. */
export function recordOf(call: SimulatedCall, endian: 'little' | 'big' = 'little'): DataView {
  const little = endian === 'little';
  const view = new DataView(new ArrayBuffer(64));
  view.setInt32(0, call.nr | 0, little);
  view.setUint32(4, call.arch, little);
  view.setBigUint64(8, call.instructionPointer ?? 0n, little);
  for (const [i, arg] of (call.args ?? []).entries()) view.setBigUint64(16 + 8 * i, arg, little);
  return view;
}

function load({ code, k }: Instruction, machine: Machine, data: DataView, little: boolean): number {
  switch (code & 0xe0) {
    case 0x00:
      return k;
    case 0x20:
      return data.getUint32(k, little);
    case 0x60:
      return machine.memory[k] ?? 0;
    case 0x80:
      return data.byteLength;
    default:
      throw new Error(`load of unknown mode, code 0x${code.toString(16)}`);
  }
}

function compute({ code, k }: Instruction, machine: Machine): number | undefined {
  const { a } = machine;
  const operand = (code & 0x08) === 0 ? k : machine.x;
  switch (code & 0xf0) {
    case 0x00:
      return u32(a + operand);
    case 0x10:
      return u32(a - operand);
    case 0x20:
      return u32(Math.imul(a, operand));
    case 0x30:
      return operand === 0 ? undefined : u32(Math.floor(a / operand));
    case 0x40:
      return u32(a | operand);
    case 0x50:
      return u32(a & operand);
    case 0x60:
      return u32(a << (operand & 31));
    case 0x70:
      return a >>> (operand & 31);
    case 0x80:
      return u32(-a);
    case 0xa0:
      return u32(a ^ operand);
    default:
      throw new Error(`arithmetic seccomp does not allow, code 0x${code.toString(16)}`);
  }
}

function distance({ code, jt, jf, k }: Instruction, machine: Machine): number {
  const { a } = machine;
  const operand = (code & 0x08) === 0 ? k : machine.x;
  switch (code & 0xf0) {
    case 0x00:
      return k;
    case 0x10:
      return a === operand ? jt : jf;
    case 0x20:
      return a > operand ? jt : jf;
    case 0x30:
      return a >= operand ? jt : jf;
    case 0x40:
      return u32(a & operand) !== 0 ? jt : jf;
    default:
      throw new Error(`unknown jump, code 0x${code.toString(16)}`);
  }
}

/**
 * Runs a program over one call.
 *
 * @param program - raw sock_filter array
 * @param endian - byte order of the program and of the record: the target architecture's
 * @returns the return word, u32; a division by zero returns 0, as in the kernel
 * @throws Error when the program leaves its end, or has an instruction seccomp does not allow
 */
export function simulate(
  program: Uint8Array,
  call: SimulatedCall,
  endian: 'little' | 'big' = 'little',
): number {
  return decoded(program, endian)(recordOf(call, endian));
}

interface Decoded {
  readonly bytes: Uint8Array;
  readonly endian: 'little' | 'big';
  readonly simulator: Simulator;
}

/** Most tests ask one program hundreds of times. */
const known = new WeakMap<Uint8Array, Decoded>();

function decoded(program: Uint8Array, endian: 'little' | 'big'): Simulator {
  const last = known.get(program);
  // The array may hold another program by now.
  if (last?.endian === endian && Buffer.compare(last.bytes, program) === 0) return last.simulator;
  const made = { bytes: program.slice(), endian, simulator: simulator(program, endian) };
  known.set(program, made);
  return made.simulator;
}

/** Runs one call's record; `visited` is handed the index of each instruction before it runs. */
export type Simulator = (record: DataView, visited?: (pc: number) => void) => number;

/** {@link simulate} for many calls: the program is decoded once. */
export function simulator(program: Uint8Array, endian: 'little' | 'big' = 'little'): Simulator {
  const little = endian === 'little';
  const instructions = decode(program, little);
  return (record, visited) => run(instructions, record, little, visited);
}

function run(
  instructions: readonly Instruction[],
  data: DataView,
  little: boolean,
  visited?: (pc: number) => void,
): number {
  const machine: Machine = { a: 0, x: 0, memory: new Uint32Array(16) };
  for (let pc = 0; ; pc++) {
    const instruction = instructions[pc];
    if (instruction === undefined) throw new Error(`no instruction ${pc}`);
    visited?.(pc);
    const { code, k } = instruction;
    switch (code & 0x07) {
      case 0x00:
        machine.a = load(instruction, machine, data, little);
        break;
      case 0x01:
        machine.x = load(instruction, machine, data, little);
        break;
      case 0x02:
        machine.memory[k] = machine.a;
        break;
      case 0x03:
        machine.memory[k] = machine.x;
        break;
      case 0x04: {
        const result = compute(instruction, machine);
        if (result === undefined) return 0;
        machine.a = result;
        break;
      }
      case 0x05:
        pc += distance(instruction, machine);
        break;
      case 0x06:
        return (code & 0x18) === 0x10 ? machine.a : k;
      default:
        if ((code & 0xf8) === 0x80) machine.a = machine.x;
        else machine.x = machine.a;
    }
  }
}
