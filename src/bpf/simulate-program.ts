/**
 * Runs programs as the kernel does for seccomp: every instruction that `seccomp_check_filter` lets through.
 *
 * Loading and running are two steps. {@link prepareProgram} refuses what the kernel would refuse, and a prepared program cannot
 * fail. It runs one program alone; of several filters, the kernel takes the most severe verdict.
 *
 * Sources: Linux 6.18 net/core/filter.c `bpf_convert_filter` (what each instruction does), kernel/bpf/core.c.
 * @module
 */
import type { ReturnWord } from '../abi/actions.ts';
import type { Endian } from '../abi/architectures.ts';
import { describe } from '../abi/check-values.ts';
import { U64_MAX } from '../abi/operators.ts';
import type { SeccompData } from '../abi/seccomp-data.ts';
import { SECCOMP_DATA_SIZE } from '../abi/seccomp-data.ts';
import { byteOrder, plainText, takeOptions } from '../abi/take-options.ts';
import { OciSeccompError } from '../errors.ts';
import { compute, holds, type OperandShape, opcodeOf } from './opcodes.ts';
import type { Program, SockFilter } from './program.ts';
import { BPF_MEMWORDS, findProgramProblems } from './program-problems.ts';

/** What a program returned for one call. */
export interface RunResult {
  /** The return word, u32, as the program gave it. */
  readonly returnWord: ReturnWord;
  /** Instructions executed, the return included. */
  readonly steps: number;
}

/** One executed instruction. */
export interface TraceStep {
  /** The place of the instruction, from 0. */
  readonly index: number;
  /** The instruction itself. */
  readonly instruction: SockFilter;
  /** The registers before it, u32. */
  readonly a: number;
  /** The index register before it, u32. */
  readonly x: number;
  /** Of a conditional jump: whether its condition held. */
  readonly taken?: boolean;
}

/** A run with every instruction. */
export interface Trace extends RunResult {
  /** The instructions that were executed, in their order. */
  readonly path: readonly TraceStep[];
}

/** A program that was verified once and runs many times. */
export interface PreparedProgram {
  /** The instructions. */
  readonly program: Program;
  /** The byte order of `seccomp_data`. */
  readonly endian: Endian;
  /**
   * Runs the program over one call.
   *
   * @throws OciSeccompError `ERR_USAGE` if a value is out of its range: nr i32, arch u32, up to six u64 arguments
   */
  readonly run: (data: SeccompData) => RunResult;
  /** As `run`, without a result object: the return word alone, for millions of calls. */
  readonly verdict: (data: SeccompData) => ReturnWord;
  /** As `run`, with every instruction executed. */
  readonly trace: (data: SeccompData) => Trace;
}

/** The options for preparing a program. */
export interface PrepareOptions {
  /** Byte order of the target: which half of an argument an offset is. Default: little. */
  readonly endian?: Endian | undefined;
  /** What to call the program in messages. */
  readonly name?: string | undefined;
}

/** Checks a program as the kernel would and makes it ready to run. */
export function prepareProgram(program: Program, options: PrepareOptions = {}): PreparedProgram {
  const { endian = 'little', name = 'the program' } = takeOptions('prepareProgram', options, {
    endian: byteOrder,
    name: plainText,
  });
  const problems = findProgramProblems(program);
  if (problems.length > 0) {
    throw new OciSeccompError('ERR_BPF_INVALID', `${name}: the kernel would refuse this program`, {
      details: { problems },
    });
  }
  const machine = createMachine(program, endian);
  const verdict = (data: SeccompData): ReturnWord => {
    fill(machine, data);
    return execute(machine, undefined);
  };
  const run = (data: SeccompData): RunResult => {
    const returnWord = verdict(data);
    return { returnWord, steps: machine.steps };
  };
  const trace = (data: SeccompData): Trace => {
    const record: number[] = [];
    fill(machine, data);
    const returnWord = execute(machine, record);
    return { returnWord, steps: machine.steps, path: readRecord(program, record) };
  };
  return { program, endian, run, verdict, trace };
}

/** Dense numbers for the interpreter's jump table. */
const OP_LOAD = 0;
const OP_SET_A = 1;
const OP_MEM_A = 2;
const OP_SET_X = 3;
const OP_MEM_X = 4;
const OP_STORE_A = 5;
const OP_STORE_X = 6;
const OP_TAX = 7;
const OP_TXA = 8;
const OP_JUMP = 9;
const OP_EQUAL = 10;
const OP_GREATER = 11;
const OP_AT_LEAST = 12;
const OP_BITS = 13;
const OP_RETURN = 14;
const OP_RETURN_A = 15;
const OP_COMPUTE = 16;

const operations: Readonly<Record<string, number>> = {
  'ld field': OP_LOAD,
  'ld constant': OP_SET_A,
  'ld length': OP_SET_A,
  'ld scratch': OP_MEM_A,
  'ldx constant': OP_SET_X,
  'ldx length': OP_SET_X,
  'ldx scratch': OP_MEM_X,
  'st scratch': OP_STORE_A,
  'stx scratch': OP_STORE_X,
  'tax none': OP_TAX,
  'txa none': OP_TXA,
  'ja jump': OP_JUMP,
  'jeq branch': OP_EQUAL,
  'jgt branch': OP_GREATER,
  'jge branch': OP_AT_LEAST,
  'jset branch': OP_BITS,
  'ret constant': OP_RETURN,
  'ret a': OP_RETURN_A,
};

interface Machine {
  readonly operation: Uint8Array;
  readonly code: Uint8Array;
  /** The constant operand; 64 for loads of the length, offset / 4 for loads of seccomp_data. */
  readonly k: Uint32Array;
  readonly fromX: Uint8Array;
  /** The next instruction after a jump, or after a branch whose condition holds; `otherwise` after one that fails. */
  readonly target: Uint16Array;
  readonly otherwise: Uint16Array;
  /** seccomp_data as sixteen words in the order the program sees them. */
  readonly words: Uint32Array;
  /** The same bytes as `halves`, to take 64-bit values apart without making new ones. */
  readonly whole: BigUint64Array;
  readonly halves: Uint32Array;
  readonly memory: Uint32Array;
  /** Index into `halves` of the half that comes first in the target's memory. */
  readonly first: 0 | 1;
  steps: number;
}

function createMachine(program: Program, endian: Endian): Machine {
  const { length } = program;
  const whole = new BigUint64Array(1);
  const halves = new Uint32Array(whole.buffer);
  whole[0] = 1n;
  const low = halves[0] === 1 ? 0 : 1;
  const machine: Machine = {
    operation: new Uint8Array(length),
    code: new Uint8Array(length),
    k: new Uint32Array(length),
    fromX: new Uint8Array(length),
    target: new Uint16Array(length),
    otherwise: new Uint16Array(length),
    words: new Uint32Array(SECCOMP_DATA_SIZE / 4),
    whole,
    halves,
    memory: new Uint32Array(BPF_MEMWORDS),
    first: endian === 'little' ? low : low === 0 ? 1 : 0,
    steps: 0,
  };
  for (const [at, instruction] of program.entries()) place(machine, at, instruction);
  return machine;
}

function place(machine: Machine, at: number, { code, jt, jf, k }: SockFilter): void {
  const opcode = opcodeOf(code);
  const shape: OperandShape = opcode?.shape ?? 'none';
  const base = shape === 'branchX' ? 'branch' : shape;
  machine.operation[at] = operations[`${opcode?.mnemonic} ${base}`] ?? OP_COMPUTE;
  machine.code[at] = code;
  machine.k[at] = shape === 'field' ? k / 4 : shape === 'length' ? SECCOMP_DATA_SIZE : k;
  machine.fromX[at] = shape === 'x' || shape === 'branchX' ? 1 : 0;
  machine.target[at] = shape === 'jump' ? at + 1 + k : at + 1 + jt;
  machine.otherwise[at] = at + 1 + jf;
}

function fill(machine: Machine, data: SeccompData): void {
  const { nr, arch, instructionPointer, args }: SeccompData = Object(data);
  if (typeof nr !== 'number' || (nr | 0) !== nr) throw outOfRange('nr', nr, '-2147483648..2147483647');
  if (typeof arch !== 'number' || arch >>> 0 !== arch) throw outOfRange('arch', arch, '0..4294967295');
  if (!Array.isArray(args) || args.length > 6)
    throw outOfRange('the number of arguments', args?.length, '0..6');
  const { words } = machine;
  words[0] = nr;
  words[1] = arch;
  split(machine, 2, instructionPointer);
  for (let i = 0; i < 6; i++) split(machine, 4 + 2 * i, args[i] ?? 0n);
}

function split({ words, whole, halves, first }: Machine, at: number, value: bigint): void {
  // A text, too, is compared with a bigint, and becomes one.
  if (typeof value !== 'bigint' || value < 0n || value > U64_MAX)
    throw outOfRange('a 64-bit value', value, '0n..2n**64n-1n');
  whole[0] = value;
  words[at] = halves[first] ?? 0;
  words[at + 1] = halves[1 - first] ?? 0;
}

function outOfRange(what: string, value: unknown, range: string): OciSeccompError {
  return new OciSeccompError('ERR_USAGE', `${what} must be in ${range}, not ${describe(value)}`);
}

/**
 * The interpreter. Every index is in range, since {@link findProgramProblems} has looked at jumps, loads and scratch words;
 * `?? 0` is there for the type checker.
 *
 * @param record - gets index, A and X before each instruction
 */
function execute(machine: Machine, record: number[] | undefined): ReturnWord {
  const { operation, code, k, fromX, target, otherwise, words, memory } = machine;
  let a = 0;
  let x = 0;
  let at = 0;
  for (let steps = 1; ; steps++) {
    if (record !== undefined) record.push(at, a, x);
    const constant = k[at] ?? 0;
    const operand = fromX[at] === 0 ? constant : x;
    switch (operation[at]) {
      case OP_LOAD:
        a = words[constant] ?? 0;
        at++;
        break;
      case OP_EQUAL:
        at = (a === operand ? target[at] : otherwise[at]) ?? 0;
        break;
      case OP_GREATER:
        at = (a > operand ? target[at] : otherwise[at]) ?? 0;
        break;
      case OP_AT_LEAST:
        at = (a >= operand ? target[at] : otherwise[at]) ?? 0;
        break;
      case OP_BITS:
        at = ((a & operand) !== 0 ? target[at] : otherwise[at]) ?? 0;
        break;
      case OP_JUMP:
        at = target[at] ?? 0;
        break;
      case OP_RETURN:
      case OP_RETURN_A:
        machine.steps = steps;
        return operation[at] === OP_RETURN ? constant : a;
      case OP_COMPUTE: {
        const result = compute(code[at] ?? 0, a, operand);
        machine.steps = steps;
        if (result === undefined) return 0;
        a = result;
        at++;
        break;
      }
      case OP_SET_X:
      case OP_MEM_X:
      case OP_TAX:
        x = operation[at] === OP_SET_X ? constant : operation[at] === OP_TAX ? a : (memory[constant] ?? 0);
        at++;
        break;
      case OP_SET_A:
      case OP_MEM_A:
      case OP_TXA:
        a = operation[at] === OP_SET_A ? constant : operation[at] === OP_TXA ? x : (memory[constant] ?? 0);
        at++;
        break;
      default:
        memory[constant] = operation[at] === OP_STORE_A ? a : x;
        at++;
    }
  }
}

function readRecord(program: Program, record: readonly number[]): readonly TraceStep[] {
  const path: TraceStep[] = [];
  for (let i = 0; i < record.length; i += 3) {
    const [index = 0, a = 0, x = 0] = record.slice(i, i + 3);
    const instruction = program[index];
    if (instruction === undefined) break;
    const shape = opcodeOf(instruction.code)?.shape;
    const operand = shape === 'branchX' ? x : instruction.k;
    const isBranch = shape === 'branch' || shape === 'branchX';
    path.push({
      index,
      instruction,
      a,
      x,
      ...(isBranch ? { taken: holds(instruction.code, a, operand) } : {}),
    });
  }
  return path;
}
