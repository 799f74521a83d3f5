/**
 * The order of arguments that is better for a program: those of which it tells many values apart come first.
 * @module
 */
import { SECCOMP_DATA_ARGS, SECCOMP_DATA_SIZE } from '../abi/seccomp-data.ts';
import { BPF_ALU_XOR_K } from '../bpf/computing-codes.ts';
import { BPF_CLASS, BPF_JMP, BPF_JMP_JA, BPF_LD_W_ABS, BPF_RET, type Program } from '../bpf/program.ts';
import { type BetterOrder, manyValuesFirst, STEPS_BEHIND_BOUNDS } from './argument-order.ts';
import { NATURAL_ORDER } from './diagram-variables.ts';

/** As `findBetterOrder`, from the constants with which programs compare arguments. */
export function findOrderOf(programs: readonly { readonly program: Program }[]): BetterOrder | undefined {
  const counts = programs.map(({ program }) => valuesByArgument(program));
  const order = manyValuesFirst(
    NATURAL_ORDER.map((index) => Math.max(...counts.map((own) => own[index] ?? 0))),
  );
  return order && { order, patience: STEPS_BEHIND_BOUNDS };
}

const ARGUMENTS = 6;
const ARGUMENT_SIZE = 8;
const JUMP_IF_EQUAL = 0x10;
const CLASS_ALU = 0x04;
const CLASS_LD = 0x00;
const TXA = 0x87;
/** No load of an argument is known to reach an instruction, or several do. */
const NONE = -1;
const NOT_REACHED = -2;

/**
 * Counts the values. Constants that are tested for equality are values, of whatever load. Of bounds only those count that one load
 * is tested with: a search among values has many, and a rule has one or two.
 *
 * @returns by argument
 */
function valuesByArgument(program: Program): readonly number[] {
  const equal = Array.from({ length: ARGUMENTS }, () => new Set<number>());
  const ofLoads = new Map<number, Set<number>>();
  const loads = new Int32Array(program.length + 1).fill(NOT_REACHED);
  loads[0] = NONE;
  const reach = (at: number, load: number): void => {
    const before = loads[at];
    loads[at] = before === NOT_REACHED || before === load ? load : NONE;
  };
  for (const [at, { code, jt, jf, k }] of program.entries()) {
    const load = loads[at] ?? NONE;
    if (code === BPF_JMP_JA) reach(at + 1 + k, load);
    else if ((code & BPF_CLASS) === BPF_JMP) {
      reach(at + 1 + jt, load);
      reach(at + 1 + jf, load);
      const index = argumentAt(program, load);
      if (index === undefined) continue;
      if ((code & 0xf8) === JUMP_IF_EQUAL) equal[index]?.add(k);
      const tested = ofLoads.get(load);
      if (tested === undefined) ofLoads.set(load, new Set([k]));
      else tested.add(k);
    } else if ((code & BPF_CLASS) !== BPF_RET) reach(at + 1, loadAfter(code, at, load));
  }
  const most = equal.map(({ size }) => size);
  for (const [load, tested] of ofLoads) {
    const index = argumentAt(program, load) ?? 0;
    most[index] = Math.max(most[index] ?? 0, tested.size);
  }
  return most;
}

/** Which load the accumulator has after an instruction. */
function loadAfter(code: number, at: number, before: number): number {
  if (code === BPF_LD_W_ABS) return at;
  // Tables change the value by `xor` before each test (compile/builtin/constant-tables.ts); it is still one value a test.
  if (code === BPF_ALU_XOR_K) return before;
  const isChanged = (code & BPF_CLASS) === CLASS_LD || (code & BPF_CLASS) === CLASS_ALU || code === TXA;
  return isChanged ? NONE : before;
}

/** The argument that an instruction loads a half of. */
function argumentAt(program: Program, load: number): number | undefined {
  const { k } = program[load] ?? { k: 0 };
  return k >= SECCOMP_DATA_ARGS && k < SECCOMP_DATA_SIZE
    ? Math.floor((k - SECCOMP_DATA_ARGS) / ARGUMENT_SIZE)
    : undefined;
}
