/** What a program answers, for constructs that are easily taken for something else. */
import { describe, expect, it } from 'vitest';
import type { SockFilter } from '../../src/bpf/program.ts';
import { decideProgram } from '../../src/decision/decide-program.ts';
import { createSpace, type Outcome } from '../../src/decision/space.ts';
import { evaluate } from '../../src/decision/witness.ts';
import { instruction } from './programs.ts';

const [LD, LDX, TAX, TXA, DIV_K, DIV_X, ADD_X, RET, RET_A] = [
  ...[0x20, 0x01, 0x07, 0x87, 0x34, 0x3c, 0x0c, 0x06, 0x16],
] as const;
const [ARG0, ARG1] = [16, 24];
const ALLOW = 0x7fff_0000;

function answer(program: readonly SockFilter[], args: readonly bigint[]): Outcome {
  const space = createSpace();
  const node = decideProgram(space, program, 'little');
  return evaluate(space, node, { nr: 0, arch: 0, instructionPointer: 0n, args });
}

/** The kernel ends a program that divides by 0 with 0, also if nothing ever looks at the quotient. */
describe('divisions', () => {
  const allow = instruction(RET, ALLOW);
  const rows: readonly (readonly [string, readonly SockFilter[], readonly bigint[], number])[] = [
    [
      'by an argument that is 0',
      [instruction(LD, ARG0), instruction(TAX), instruction(DIV_X), allow],
      [0n],
      0,
    ],
    ['by one that is not', [instruction(LD, ARG0), instruction(TAX), instruction(DIV_X), allow], [2n], ALLOW],
    ['of what is not followed by 0', [...sum(), instruction(LDX, 0), instruction(DIV_X), allow], [1n, 2n], 0],
    [
      'of what is not followed by 1',
      [...sum(), instruction(LDX, 1), instruction(DIV_X), allow],
      [1n, 2n],
      ALLOW,
    ],
    [
      'by a power of two',
      [instruction(LD, ARG0), instruction(DIV_K, 0x4000_0000), instruction(RET_A)],
      [0xc000_0000n],
      3,
    ],
  ];

  it.each(rows)('%s', (_name, program, args, word) => {
    expect(answer(program, args)).toEqual({ kind: 'word', word });
  });

  it('by what is not followed are undecided there', () => {
    const program = [...sum(), instruction(TAX), instruction(TXA), instruction(DIV_X), allow];
    expect(answer(program, [1n, 2n])).toMatchObject({ kind: 'undecided', instruction: 6 });
  });
});

function sum(): readonly SockFilter[] {
  return [instruction(LD, ARG0), instruction(TAX), instruction(LD, ARG1), instruction(ADD_X)];
}
