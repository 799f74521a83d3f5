/**
 * The builtin compiler given meanings that no profile has: those of random programs, which test bits, borders and masks of
 * any word in any order, and look again at words that they looked at before.
 */
import { describe, expect, it } from 'vitest';
import { encodeProgram, type Program } from '../../../src/bpf/program.ts';
import { findProgramProblems } from '../../../src/bpf/program-problems.ts';
import { synthesizeProgram } from '../../../src/compile/builtin/synthesize.ts';
import { decideProgram } from '../../../src/decision/decide-program.ts';
import { createSpace } from '../../../src/decision/space.ts';
import { type Recipe, randomProgram } from '../../decision/programs.ts';
import { createRandom, type Random } from '../../decision/random.ts';
import { interestingWords, sampleCalls } from '../../decision/samples.ts';
import { simulator } from '../../oracle/support/simulate.ts';
import { samples } from '../../support/samples.ts';
import { shapeFaults } from './program-shape.ts';

const X86_64 = 0xc000003e;
const I386 = 0x40000003;
const BLOCKS = [0, 0x4000_0000, 0x8000_0000, 0xc000_0000];
const words = [0x7fff_0000, 0x0005_0001, 0x0005_0026, 0, 0x8000_0000];

/** Numbers with and without the highest bits, as x32's are; architectures; masks. */
function constants(random: Random): () => number {
  return () => {
    const number = random.pick(BLOCKS) + random.below(4);
    return random.pick([number, number, random.below(8), X86_64, I386, 2 ** random.below(32), random.word()]);
  };
}

function recipeOf(random: Random, kind: Kind, length: number): Recipe {
  return {
    ...{ length, offsets: kind.offsets, computing: kind.computing, returnsA: 0 },
    constant: constants(random),
    returned: () => random.pick(words),
  };
}

interface Kind {
  readonly offsets: readonly number[];
  readonly computing: number;
}

const kinds: Readonly<Record<string, Kind>> = {
  'the number': { offsets: [0], computing: 0 },
  'the architecture and the number': { offsets: [0, 4], computing: 0 },
  'both halves of an argument': { offsets: [16, 20], computing: 0 },
  'the number and arguments': { offsets: [0, 16, 20, 60], computing: 0 },
  'masks of the number': { offsets: [0], computing: 0.3 },
  'masks of arguments': { offsets: [4, 16, 24], computing: 0.3 },
};

/** What is wrong with a program made again; `undefined`: nothing, or no program can be made of the meaning. */
function faultOf(random: Random, original: Program, endian: 'little' | 'big'): string | undefined {
  const space = createSpace();
  const meant = decideProgram(space, original, endian);
  if (space.outcomes.some(({ kind }) => kind === 'undecided')) return 'undecided';
  const again = synthesizeProgram(space, meant, endian);
  const [fault] = [...findProgramProblems(again).map(({ message }) => message), ...shapeFaults(again)];
  if (fault !== undefined) return fault;
  if (decideProgram(space, again, endian) !== meant) return 'another meaning';
  const [theirs, ours] = [original, again].map((each) => simulator(encodeProgram(each, endian), endian));
  const differs = sampleCalls(random, interestingWords([...original, ...again]), 40, endian).some(
    ({ record }) => theirs?.(record) !== ours?.(record),
  );
  return differs ? 'another verdict' : undefined;
}

describe.each(Object.entries(kinds))('meanings of random programs about %s', (_, kind) => {
  it.each(['little', 'big'] as const)('are kept, %s endian', (endian) => {
    const random = createRandom(endian.length);
    let undecided = 0;
    const count = samples(240);
    for (let n = 0; n < count; n++) {
      const original = randomProgram(random, recipeOf(random, kind, 4 + random.below(24)));
      const fault = faultOf(random, original, endian);
      if (fault === 'undecided') undecided++;
      else expect(fault, `program ${n}`).toBeUndefined();
    }
    expect(undecided).toBeLessThan(count / 2);
  });
});
