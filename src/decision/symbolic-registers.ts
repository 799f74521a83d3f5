/**
 * The registers of a filter's machine while its instructions are followed, and at which instructions they matter.
 * @module
 */
import type { Endian } from '../abi/architectures.ts';
import { SECCOMP_DATA_SIZE } from '../abi/seccomp-data.ts';
import type { Program, SockFilter } from '../bpf/program.ts';
import { type Field, fieldAt, type Ordered } from './diagram-variables.ts';
import { type AluOperation, compute, constant, keyOf, type SymbolicWord, wordOf } from './symbolic.ts';

/** Scratch memory by cell. The kernel refuses programs that read a cell before it is written. */
type Memory = readonly (SymbolicWord | undefined)[];

/** The registers at an instruction, without those that are not read later. */
export interface MachineState {
  readonly a: SymbolicWord;
  readonly x: SymbolicWord;
  readonly memory: Memory;
}

/** The registers while instructions are followed. */
export interface SymbolicRegisters {
  a: SymbolicWord;
  x: SymbolicWord;
  memory: (SymbolicWord | undefined)[];
}

const CELLS = 16;
/** Registers as bits of a set. */
const A = 1;
const X = 2;
const cell = (index: number): number => 4 << index;

const DEAD = constant(0);
export const NO_REGISTERS: MachineState = { a: DEAD, x: DEAD, memory: [] };

/** A machine that continues from a state. */
export function machineIn({ a, x, memory }: MachineState): SymbolicRegisters {
  return { a, x, memory: [...memory] };
}

/** What remains of the registers when only the live ones count. @param live - as {@link liveRegisters} gives them */
export function liveState(machine: MachineState, live: number): MachineState {
  return {
    a: (live & A) === 0 ? DEAD : machine.a,
    x: (live & X) === 0 ? DEAD : machine.x,
    memory:
      live <= (A | X)
        ? NO_REGISTERS.memory
        : machine.memory.map((word, index) => ((live & cell(index)) === 0 ? undefined : word)),
  };
}

/** One text for equal states. */
export function stateKey({ a, x, memory }: MachineState): string {
  let key = `${keyOf(a)} ${keyOf(x)}`;
  for (const word of memory) key += word === undefined ? ' ' : ` ${keyOf(word)}`;
  return key;
}

/**
 * Per instruction, which registers are read before they are written: bits A, X, and one a scratch cell; 0: none.
 *
 * @param among - the instructions to say it of, ascending, with all that they lead to
 */
export function liveRegisters(program: Program, among: readonly number[]): readonly number[] {
  const live: number[] = new Array(program.length + 1).fill(0);
  for (let next = among.length - 1; next >= 0; next--) {
    const at = among[next] ?? 0;
    const instruction = program[at] as SockFilter;
    const { code, jt, jf, k } = instruction;
    const isJump = (code & 0x07) === 0x05;
    if (isJump && code !== 0x05) {
      const operand = (code & 0x08) === 0 ? A : A | X;
      live[at] = operand | (live[at + 1 + jt] ?? 0) | (live[at + 1 + jf] ?? 0);
    } else if (isJump) live[at] = live[at + 1 + k] ?? 0;
    else {
      const after = (code & 0x07) === 0x06 ? 0 : (live[at + 1] ?? 0);
      live[at] = (after & ~writes(instruction)) | reads(instruction);
    }
  }
  return live;
}

/** Whether a set of live registers has the accumulator. @param live - as {@link liveRegisters} gives them */
export function readsAccumulator(live = A): boolean {
  return (live & A) !== 0;
}

function writes({ code, k }: SockFilter): number {
  switch (code & 0x07) {
    case 0x00:
    case 0x04:
      return A;
    case 0x01:
      return X;
    case 0x02:
    case 0x03:
      return cell(k & 15);
    case 0x07:
      return (code & 0xf8) === 0x80 ? A : X;
    default:
      return 0;
  }
}

function reads({ code, k }: SockFilter): number {
  const operand = (code & 0x08) === 0 ? 0 : X;
  switch (code & 0x07) {
    case 0x00:
    case 0x01:
      return (code & 0xe0) === 0x60 ? cell(k & 15) : 0;
    case 0x02:
      return A;
    case 0x03:
      return X;
    case 0x04:
      return A | operand;
    case 0x06:
      return (code & 0x18) === 0x10 ? A : 0;
    default:
      return (code & 0xf8) === 0x80 ? X : A;
  }
}

const aluOperations: Readonly<Record<number, AluOperation>> = {
  0: 'add',
  16: 'sub',
  32: 'mul',
  48: 'div',
  64: 'or',
  80: 'and',
  96: 'lsh',
  112: 'rsh',
  128: 'neg',
  160: 'xor',
};

/** The call that instructions are followed for. */
interface Followed {
  readonly space: Ordered;
  readonly endian: Endian;
  /** Words of it that are known. */
  readonly values: ReadonlyMap<Field, number>;
}

/** Executes an instruction that neither jumps nor returns. @returns false for a division by 0 */
export function execute(
  followed: Followed,
  at: number,
  { code, k }: SockFilter,
  machine: SymbolicRegisters,
): boolean {
  switch (code & 0x07) {
    case 0x00:
      machine.a = load(code, k, at, followed, machine.memory);
      return true;
    case 0x01:
      machine.x = load(code, k, at, followed, machine.memory);
      return true;
    case 0x02:
      store(machine, k, machine.a);
      return true;
    case 0x03:
      store(machine, k, machine.x);
      return true;
    case 0x04: {
      const operation = aluOperations[code & 0xf0];
      const operand = (code & 0x08) === 0 ? constant(k) : machine.x;
      const word: SymbolicWord | undefined =
        operation === undefined
          ? { kind: 'unknown', instruction: at }
          : compute(operation, machine.a, operand, at);
      if (word === undefined) return false;
      machine.a = word;
      return true;
    }
    default:
      if ((code & 0xf8) === 0x80) machine.a = machine.x;
      else machine.x = machine.a;
      return true;
  }
}

/** Fills the array up first, so that it has no holes. */
function store({ memory }: SymbolicRegisters, index: number, word: SymbolicWord): void {
  while (memory.length < CELLS) memory.push(undefined);
  memory[index & (CELLS - 1)] = word;
}

function load(
  code: number,
  k: number,
  at: number,
  { space, endian, values }: Followed,
  memory: Memory,
): SymbolicWord {
  switch (code & 0xe0) {
    case 0x00:
      return constant(k);
    case 0x20:
      return k % 4 === 0 && k < SECCOMP_DATA_SIZE
        ? wordIn(values, fieldAt(space, k, endian))
        : { kind: 'unknown', instruction: at };
    case 0x60:
      return memory[k & (CELLS - 1)] ?? DEAD;
    case 0x80:
      return constant(SECCOMP_DATA_SIZE);
    default:
      return { kind: 'unknown', instruction: at };
  }
}

function wordIn(values: Followed['values'], field: Field): SymbolicWord {
  const value = values.get(field);
  return value === undefined ? wordOf(field) : constant(value);
}
