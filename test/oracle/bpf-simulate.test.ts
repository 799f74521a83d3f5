/** The simulator against a second one, and against the kernel. */
import { describe, expect, it } from 'vitest';
import type { SeccompData } from '../../src/abi/seccomp-data.ts';
import { encodeProgram, type Program } from '../../src/bpf/program.ts';
import { prepareProgram } from '../../src/bpf/simulate-program.ts';
import { random, randomData, randomProgram } from '../bpf/support/random.ts';
import { kernelReturns } from './support/batch.ts';
import { describeWith } from './support/require.ts';
import { simulate } from './support/simulate.ts';

const PROGRAMS = 500;
const CALLS = 200;
/** nr, arch and the arguments; [8] and [12] are the instruction pointer, which a caller cannot choose. */
const callable = [0, 4, ...Array.from({ length: 12 }, (_, i) => 16 + 4 * i)];
const all = [...callable, 8, 12];

interface Case {
  readonly program: Program;
  readonly calls: readonly SeccompData[];
}

function cases(seed: number, offsets: readonly number[]): readonly Case[] {
  const r = random(seed);
  return Array.from({ length: PROGRAMS }, () => {
    const program = randomProgram(r, offsets);
    return { program, calls: Array.from({ length: CALLS }, () => randomData(r)) };
  });
}

describe('prepareProgram', () => {
  it.each(['little', 'big'] as const)('runs as the second simulator does, %s endian', (endian) => {
    const verdicts = new Set<number>();
    let compared = 0;
    for (const { program, calls } of cases(endian === 'little' ? 20_26 : 77, all)) {
      const { run } = prepareProgram(program, { endian });
      const bytes = encodeProgram(program, endian);
      for (const call of calls) {
        const { returnWord } = run(call);
        const expected = simulate(bytes, call, endian);
        if (returnWord !== expected) {
          expect({ program, call, returnWord }).toEqual({ program, call, returnWord: expected });
        }
        verdicts.add(returnWord);
        compared += 1;
      }
    }
    expect(compared).toBe(PROGRAMS * CALLS);
    expect(verdicts.size).toBeGreaterThan(2000);
  });
});

const MAX_ERRNO = 4095;

describeWith(['x86_64', 'cc'], 'prepareProgram against the kernel', () => {
  it('gives the errno the kernel gives, 100,000 calls', () => {
    const prepared = cases(4711, callable).map(({ program, calls }) => {
      const { verdict } = prepareProgram(program);
      // A verdict that ends the process would hide the calls after it.
      const answered = calls.filter((call) => (verdict(call) & 0xffff0000) >>> 0 === 0x00050000);
      return { bytes: encodeProgram(program, 'little'), verdict, calls: answered };
    });
    const kernel = kernelReturns(prepared.map(({ bytes, calls }) => ({ program: bytes, calls })));
    let compared = 0;
    for (const [i, { calls, verdict }] of prepared.entries()) {
      for (const [j, call] of calls.entries()) {
        const expected = -Math.min(verdict(call) & 0xffff, MAX_ERRNO);
        if (kernel[i]?.[j] !== BigInt(expected))
          expect(kernel[i]?.[j], `program ${i} call ${j}`).toBe(expected);
        compared += 1;
      }
    }
    expect(compared).toBeGreaterThan(0.9 * PROGRAMS * CALLS);
  });
});
