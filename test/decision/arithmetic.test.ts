/**
 * Two operations of arithmetic on a word, one after the other: whatever they are, a program that compares the result is
 * decided as it runs, or not at all.
 */
import { describe, expect, it } from 'vitest';
import { encodeProgram, type Program } from '../../src/bpf/program.ts';
import { decideProgram } from '../../src/decision/decide-program.ts';
import { createSpace } from '../../src/decision/space.ts';
import { evaluate } from '../../src/decision/witness.ts';
import { recordOf, simulator } from '../oracle/support/simulate.ts';

/** BPF_ALU with a constant (bpf_common.h). */
const codes = {
  add: 0x04,
  sub: 0x14,
  mul: 0x24,
  div: 0x34,
  or: 0x44,
  and: 0x54,
  lsh: 0x64,
  rsh: 0x74,
  neg: 0x84,
  xor: 0xa4,
};
const constants = [0, 1, 2, 3, 4, 6, 31, 0x100, 0x8000_0000, 0xffff_ffff];
const words = [0, 1, 2, 3, 5, 6, 7, 8, 0xfe, 0xff, 0x100, 0x7fff_ffff, 0x8000_0000, 0xffff_fffe, 0xffff_ffff];

type Step = readonly [name: string, code: number, k: number];
const steps = Object.entries(codes).flatMap(([name, code]): readonly Step[] =>
  constants
    // Shifts by 32 and more, and divisions by 0, are refused when the kernel loads the program.
    .filter((k) => (/sh$/.test(name) ? k < 32 : name === 'div' ? k > 0 : name === 'neg' ? k === 0 : true))
    .map((k) => [name, code, k]),
);

const [LD, JEQ, RET, RET_A, ALLOW, DENY] = [0x20, 0x15, 0x06, 0x16, 0x7fff_0000, 0x0005_0001];
const op = (code: number, k: number, jt = 0, jf = 0) => ({ code, jt, jf, k });
const call = (nr: number) => ({
  nr: nr | 0,
  arch: 0xc000_003e,
  instructionPointer: 0n,
  args: [0n, 0n, 0n, 0n, 0n, 0n],
});

describe('the number of a call', () => {
  it.each(Object.keys(codes))('%s, then any other', (first) => {
    let decided = 0;
    const pairs = steps
      .filter(([name]) => name === first)
      .flatMap((one) => steps.map((other) => [one, other] as const));
    for (const [one, other] of pairs) {
      const computed = [op(LD, 0), op(one[1], one[2]), op(other[1], other[2])];
      const run = simulator(encodeProgram([...computed, op(RET_A, 0)], 'little'));
      const result = run(recordOf(call(5)));
      const program: Program = [...computed, op(JEQ, result, 0, 1), op(RET, ALLOW), op(RET, DENY)];
      const decide = simulator(encodeProgram(program, 'little'));
      const space = createSpace();
      const root = decideProgram(space, program, 'little');
      for (const word of words) {
        const outcome = evaluate(space, root, call(word));
        if (outcome.kind !== 'word') continue;
        decided++;
        expect(outcome.word, `${one}, ${other} of ${word}`).toBe(decide(recordOf(call(word))));
      }
    }
    // Nothing that starts with neg is followed.
    if (first !== 'neg') expect(decided).toBeGreaterThan(0);
  });
});
