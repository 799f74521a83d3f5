/** What a program answers, for constructs that are easily taken for something else. */
import { describe, expect, it } from 'vitest';
import { encodeProgram, type SockFilter } from '../../src/bpf/program.ts';
import { decideProgram } from '../../src/decision/decide-program.ts';
import { createSpace, type Outcome } from '../../src/decision/space.ts';
import { evaluate } from '../../src/decision/witness.ts';
import { recordOf, simulator } from '../oracle/support/simulate.ts';
import { samples } from '../support/samples.ts';
import { hostilePrograms } from './hostile-programs.ts';
import { instruction } from './programs.ts';
import { createRandom, type Random } from './random.ts';

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

/** Of programs like libseccomp's: steps of work, which count the tests that are followed. */
describe('a long run of tests of one word', () => {
  const [JEQ, JGT] = [0x15, 0x25];
  const VALUES = 1000;
  const returns = [instruction(RET, ALLOW), instruction(RET, 0)];

  /** A row of `jeq`, each with a return behind it. The last one is for a value that an earlier one took. */
  function rowOf(values: readonly number[]): readonly SockFilter[] {
    const tests = values.flatMap((value) => [instruction(JEQ, value, 0, 1), instruction(RET, ALLOW)]);
    const again = [instruction(JEQ, 1000, 0, 1), instruction(RET, 0)];
    return [instruction(LD, ARG0), ...tests, ...again, instruction(RET, 0)];
  }

  /** As libseccomp's tree: a `jgt` to each half, and four `jeq` at its ends. */
  function tree(from: number, to: number): readonly SockFilter[] {
    if (to - from <= 8) {
      const values = Array.from({ length: (to - from) / 2 }, (_, i) => to - 2 - 2 * i);
      return [
        ...values.flatMap((value) => [instruction(JEQ, value, 0, 1), returns[0] as SockFilter]),
        returns[1] as SockFilter,
      ];
    }
    const middle = (from + to) / 2;
    const [upper, lower] = [tree(middle, to), tree(from, middle)];
    return [instruction(JGT, middle - 1, 1, 0), instruction(0x05, upper.length), ...upper, ...lower];
  }

  const even = Array.from({ length: VALUES }, (_, i) => 2 * i);
  const rows: readonly (readonly [string, readonly SockFilter[], number])[] = [
    ['a row, ascending', rowOf(even), 10_500],
    ['a row, descending', rowOf([...even].reverse()), 4_700],
    ['a row, in no order', rowOf(even.map((_, i) => even[(i * 377) % VALUES] ?? 0)), 4_900],
    ['a tree', [instruction(LD, ARG0), ...tree(0, 2048)], 5_500],
  ];
  it.each(rows)('%s: takes few steps, and each value its way', (_, program, most) => {
    const space = createSpace();
    const node = decideProgram(space, program, 'little');
    for (const value of [
      0, 1, 2, 3, 62, 63, 64, 65, 66, 999, 1000, 1998, 1999, 2048, 0x8000_0000, 0xffff_ffff,
    ]) {
      const args = [BigInt(value)];
      const word = value % 2 === 0 && value < even.length * 2 ? ALLOW : 0;
      expect([value, evaluate(space, node, { nr: 0, arch: 0, instructionPointer: 0n, args })]).toEqual([
        value,
        { kind: 'word', word },
      ]);
    }
    expect(space.work.steps).toBeLessThan(most);
  });
});

/** As programs for x86_64 tell x32's numbers apart: by the bit, and then without it by tests that other numbers pass too. */
describe('tests of a word behind a mask', () => {
  const [JEQ, JGE, JGT, JSET, AND] = [0x15, 0x35, 0x25, 0x45, 0x54];
  const bits = [0x4000_0000, 0x8000_0000];
  const operands = [0, 4, 5, 0x3fff_ffff, 0x4000_0000, 0x4000_0004, 0x8000_0000, 0xbfff_ffff];
  const values = operands.flatMap((value) => [value - 1, value, value + 1].map((each) => each >>> 0));

  /**
   * Takes the bit away where it is set, then jumps, masks and loads of the word. Tests of its lowest bits are no intervals: they
   * need the word itself.
   */
  function randomTests(random: Random): readonly SockFilter[] {
    const bit = random.pick(bits);
    const count = 10;
    const tests = Array.from({ length: count }, (_, at): SockFilter => {
      const distance = (): number =>
        random.chance(0.4) ? count - at - 1 + random.below(4) : random.below(3);
      const kind = random.below(24);
      if (kind === 0) return instruction(AND, ~random.pick(bits) >>> 0);
      if (kind < 3) return instruction(LD, ARG0);
      if (kind < 6) return instruction(JSET, random.pick([...bits, 4]), distance(), distance());
      return instruction(random.pick([JEQ, JGE, JGT]), random.pick(operands), distance(), distance());
    });
    const returns = [1, 2, 3, 4].map((word) => instruction(RET, word));
    const masked = [instruction(JSET, bit, 0, 1 + random.below(4)), instruction(AND, ~bit >>> 0)];
    return [instruction(LD, ARG0), ...masked, ...tests, ...returns];
  }

  it('lead each value where an interpreter comes to', () => {
    const random = createRandom(3);
    for (let n = 0; n < samples(4000); n++) {
      const program = randomTests(random);
      const run = simulator(encodeProgram(program, 'little'), 'little');
      const space = createSpace();
      const node = decideProgram(space, program, 'little');
      const wrong = values.filter((value) => {
        const call = { nr: 0, arch: 0, instructionPointer: 0n, args: [BigInt(value)] };
        const outcome = evaluate(space, node, call);
        return outcome.kind !== 'word' || outcome.word !== run(recordOf(call, 'little'));
      });
      expect(wrong, `program ${n}`).toEqual([]);
    }
  });

  it('are followed once if many runs lead to the mask', () => {
    const [runs, count, bit] = [200, 500, 0x4000_0000];
    const before = Array.from({ length: runs }, (_, i) => [
      ...[instruction(LD, ARG1), instruction(JEQ, i, 0, 3)],
      ...[instruction(LD, ARG0), instruction(JSET, bit, 0, 1), instruction(0x05, 5 * (runs - i) - 4)],
    ]);
    const tests = Array.from({ length: count }, (_, i) => [
      instruction(JEQ, 2 * i, 0, 1),
      instruction(RET, i),
    ]);
    const masked = [instruction(LD, ARG0), instruction(AND, ~bit >>> 0), ...tests.flat()];
    const program = [...before.flat(), ...masked, instruction(RET, count)];
    const space = createSpace();
    const node = decideProgram(space, program, 'little');
    for (const value of [0, 6, 7, 998, 999, bit, bit + 6, bit + 7, bit + 998, 0xffff_ffff]) {
      const i = (value & ~bit) / 2;
      const word = Number.isInteger(i) && i >= 0 && i < count ? i : count;
      for (const start of [0, 7, runs]) {
        const call = { nr: 0, arch: 0, instructionPointer: 0n, args: [BigInt(value), BigInt(start)] };
        expect(evaluate(space, node, call), `${value}`).toEqual({ kind: 'word', word });
      }
    }
    expect(space.work.steps).toBeLessThan(60_000);
  });
});

it('a state with scratch memory counts as the work that looking it up is', () => {
  const space = createSpace();
  const decide = () =>
    decideProgram(space, hostilePrograms['scratch memory, 2^16 states']?.() ?? [], 'little');
  expect(decide).toThrow(expect.objectContaining({ code: 'ERR_UNDECIDED' }));
  // Of 100,000 states. A command that asks for hundreds of calls one by one asks again until its steps are used up.
  expect(space.work.steps).toBeGreaterThan(2_000_000);
});

function sum(): readonly SockFilter[] {
  return [instruction(LD, ARG0), instruction(TAX), instruction(LD, ARG1), instruction(ADD_X)];
}
