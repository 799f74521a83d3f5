/**
 * Random programs that the kernel takes, and the calls that tell them apart.
 * @module
 */
import type { SockFilter } from '../../src/bpf/program.ts';
import { findProgramProblems } from '../../src/bpf/program-problems.ts';
import type { Random } from './random.ts';

export const instruction = (code: number, k = 0, jt = 0, jf = 0): SockFilter => ({ code, jt, jf, k });

export const LD_ABS = 0x20;
const STORES = [0x02, 0x03];
const ALU = [0x04, 0x14, 0x24, 0x34, 0x44, 0x54, 0x64, 0x74, 0xa4];
const NEG = 0x84;
const FROM_X = 0x08;
const TRANSFERS = [0x07, 0x87];
export const JA = 0x05;
const JUMPS = [0x15, 0x25, 0x35, 0x45];
export const RET_K = 0x06;
export const RET_A = 0x16;

/** What a random program is made of. */
export interface Recipe {
  /** Instructions, a few at both ends not counted. */
  readonly length: number;
  /** Offsets of words to load. */
  readonly offsets: readonly number[];
  readonly constant: () => number;
  readonly returned: () => number;
  /** Chance of arithmetic, scratch memory and register transfers; the rest loads and jumps. */
  readonly computing: number;
  /** Chance that a program returns A somewhere. */
  readonly returnsA: number;
}

/** A random program that the kernel takes. */
export function randomProgram(random: Random, recipe: Recipe): readonly SockFilter[] {
  for (;;) {
    const program = recipe.computing > 0 ? [...fillCells(random, recipe)] : [];
    program.push(instruction(LD_ABS, random.pick(recipe.offsets)));
    const body = program.length + recipe.length;
    while (program.length < body) {
      program.push(randomInstruction(random, recipe, body - program.length + TAIL - 2));
    }
    for (let i = 0; i < TAIL; i++) program.push(randomReturn(random, recipe));
    // Mostly for a cell that is read but was not written on every way there.
    if (findProgramProblems(program).length === 0) return program;
  }
}

/** Returns at the end, for jumps to lead to. */
const TAIL = 3;

function randomReturn(random: Random, { returned, returnsA }: Recipe): SockFilter {
  return random.chance(returnsA) ? instruction(RET_A) : instruction(RET_K, returned());
}

const CELLS = [1, 3, 15];

function fillCells(random: Random, { offsets }: Recipe): readonly SockFilter[] {
  return CELLS.slice(1).flatMap((cell) => [
    instruction(LD_ABS, random.pick(offsets)),
    instruction(0x02, cell),
  ]);
}

function randomInstruction(random: Random, recipe: Recipe, room: number): SockFilter {
  const { offsets, constant, computing } = recipe;
  if (random.chance(computing)) {
    const from = random.chance(0.3) ? FROM_X : 0;
    switch (random.below(8)) {
      case 0:
        return instruction(random.pick(STORES), random.pick(CELLS));
      case 1:
        return instruction(random.pick([0x60, 0x61]), random.chance(0.1) ? 1 : random.pick(CELLS.slice(1)));
      case 2:
        return instruction(random.pick(TRANSFERS));
      case 3:
        return instruction(random.pick([0x00, 0x01]), constant());
      case 4:
        return instruction(random.pick([0x80, 0x81, NEG]));
      default: {
        const code = random.pick(ALU);
        if (from !== 0) return instruction(code | from);
        if (code === 0x64 || code === 0x74) return instruction(code, random.below(32));
        return instruction(code, code === 0x34 ? constant() || 1 : constant());
      }
    }
  }
  const dice = random.below(40);
  if (dice < 14) return instruction(LD_ABS, random.pick(offsets));
  if (dice === 14) return randomReturn(random, recipe);
  if (dice === 15) return instruction(JA, random.below(Math.min(room, 6) + 1));
  const distance = (): number =>
    random.chance(0.3) ? Math.min(255, room - random.below(TAIL)) : random.below(Math.min(room, 8) + 1);
  const operand = random.chance(computing / 4) ? FROM_X : 0;
  return instruction(random.pick(JUMPS) | operand, constant(), distance(), distance());
}
