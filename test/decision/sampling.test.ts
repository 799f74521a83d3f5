/**
 * Random programs over all of seccomp_data, decided, and held against the simulator: on samples at the borders of what
 * they test, and on every call that the decision itself names.
 */
import { describe, expect, it } from 'vitest';
import { encodeProgram, type Program } from '../../src/bpf/program.ts';
import { findProgramProblems } from '../../src/bpf/program-problems.ts';
import { decideProgram } from '../../src/decision/decide-program.ts';
import { whereOutcome, whereRelated } from '../../src/decision/relate.ts';
import { and, createSpace, type Node, not, type Outcome, type Space } from '../../src/decision/space.ts';
import { evaluate, findWitness } from '../../src/decision/witness.ts';
import { recordOf, type Simulator, simulator } from '../oracle/support/simulate.ts';
import { samples } from '../support/samples.ts';
import { mutated } from './mutations.ts';
import { randomProgram } from './programs.ts';
import { createRandom, type Random } from './random.ts';
import { interestingWords, sampleCalls } from './samples.ts';

const ROUNDS = samples(2000);

type Endian = 'little' | 'big';

const constants = [
  ...[0, 1, 2, 3, 4, 7, 8, 0xff, 0x100, 0xffff, 0x10000, 0x7e02_0000, 0x3fff_ffff, 0x4000_0000],
  ...[0xc000_003e, 0x4000_0003, 0x7fff_ffff, 0x8000_0000, 0x8000_0001, 0xffff_fffe, 0xffff_ffff],
];
const words = [0x7fff_0000, 0x0005_0001, 0x0005_0026, 0, 0x8000_0000, 0x7ff0_0007, 0x1234_5678];
const allOffsets = Array.from({ length: 16 }, (_, i) => 4 * i);

function anyProgram(random: Random): Program {
  const count = 1 + random.below(4);
  const own = Array.from({ length: count }, () => random.pick(allOffsets));
  return randomProgram(random, {
    length: 2 + random.below(60),
    offsets: own,
    constant: () =>
      random.chance(0.3)
        ? random.word()
        : random.chance(0.2)
          ? (1 << random.below(32)) >>> 0
          : random.pick(constants),
    returned: () => random.pick(words),
    computing: random.pick([0, 0.15, 0.4]),
    returnsA: random.pick([0, 0, 0.2]),
  });
}

/** The simulator's word, or the fault if the decision says something else. */
function agree(run: Simulator, record: DataView, outcome: Outcome): string | undefined {
  const visited = new Set<number>();
  const word = run(record, (pc) => visited.add(pc));
  if (outcome.kind === 'word') return outcome.word === word ? undefined : `${outcome.word} but ${word}`;
  if (outcome.kind !== 'undecided') return outcome.kind;
  return visited.has(outcome.instruction ?? -1)
    ? undefined
    : `undecided where it never is: ${outcome.instruction}`;
}

function holdAgainst(space: Space, node: Node, program: Program, endian: Endian, random: Random): void {
  const run = simulator(encodeProgram(program, endian), endian);
  const calls = sampleCalls(random, interestingWords(program), 60, endian);
  for (const { data, record } of calls) {
    const fault = agree(run, record, evaluate(space, node, data));
    if (fault !== undefined) throw new Error(`${fault}: ${text(data)} ${text(program)}`);
  }
}

/** Every outcome of a diagram is that of a call. */
function reenact(space: Space, node: Node, program: Program, endian: Endian): number {
  const run = simulator(encodeProgram(program, endian), endian);
  let witnesses = 0;
  for (const outcome of [...space.outcomes]) {
    if (outcome.kind === 'boolean') continue;
    const call = findWitness(
      space,
      whereOutcome(space, node, (each) => each === outcome),
    );
    if (call === undefined) continue;
    witnesses++;
    expect(evaluate(space, node, call)).toBe(outcome);
    const fault = agree(run, recordOf(call, endian), outcome);
    if (fault !== undefined) throw new Error(`${fault}: ${text(call)} ${text(program)}`);
  }
  return witnesses;
}

function text(value: unknown): string {
  return JSON.stringify(value, (_key, each) => (typeof each === 'bigint' ? `0x${each.toString(16)}` : each));
}

describe.each(['little', 'big'] as const)('random programs, %s-endian', (endian) => {
  it('are decided as the simulator runs them', () => {
    const random = createRandom(endian === 'little' ? 11 : 12);
    let witnesses = 0;
    let decided = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const program = anyProgram(random);
      const space = createSpace();
      const node = decideProgram(space, program, endian);
      holdAgainst(space, node, program, endian, random);
      witnesses += reenact(space, node, program, endian);
      if (space.outcomes.every(({ kind }) => kind !== 'undecided')) decided++;
    }
    expect(witnesses).toBeGreaterThan(1.5 * ROUNDS);
    expect(decided).toBeGreaterThan(ROUNDS / 2);
  });

  it('and their mutants: equal only where no sample differs, different only with a call that shows it', () => {
    const random = createRandom(endian === 'little' ? 21 : 22);
    const tally = { equal: 0, different: 0, unknown: 0 };
    for (let round = 0; round < ROUNDS; round++) {
      const program = anyProgram(random);
      let { program: mutant } = mutated(random, program);
      while (findProgramProblems(mutant).length > 0) mutant = mutated(random, program).program;
      tally[compare(program, mutant, endian, random)]++;
    }
    expect(tally.equal).toBeGreaterThan(ROUNDS / 20);
    expect(tally.different).toBeGreaterThan(0.06 * ROUNDS);
  });
});

function compare(a: Program, b: Program, endian: Endian, random: Random): 'equal' | 'different' | 'unknown' {
  const space = createSpace();
  const [first, second] = [decideProgram(space, a, endian), decideProgram(space, b, endian)];
  const [runFirst, runSecond] = [a, b].map((each) => simulator(encodeProgram(each, endian), endian));
  if (runFirst === undefined || runSecond === undefined) throw new RangeError('two programs');
  if (findWitness(space, whereRelated(space, first, second, ['unknown'])) !== undefined) return 'unknown';
  // `whereRelated` takes words with the same effect for equal; here every difference counts.
  if (first !== second) {
    const differing = differingCall(space, first, second);
    expect(differing, 'different diagrams, no call').toBeDefined();
    if (differing === undefined) return 'different';
    const record = recordOf(differing, endian);
    expect(runFirst(record)).not.toBe(runSecond(record));
    return 'different';
  }
  for (const { record, data } of sampleCalls(random, interestingWords([...a, ...b]), 300, endian)) {
    if (runFirst(record) !== runSecond(record)) throw new Error(`equal? ${text(data)} ${text([a, b])}`);
  }
  return 'equal';
}

function differingCall(space: Space, first: Node, second: Node) {
  for (const outcome of [...space.outcomes]) {
    const isIt = (each: Outcome): boolean => each === outcome;
    const [here, there] = [whereOutcome(space, first, isIt), whereOutcome(space, second, isIt)];
    const call =
      findWitness(space, and(space, here, not(space, there))) ??
      findWitness(space, and(space, there, not(space, here)));
    if (call !== undefined) return call;
  }
  return undefined;
}
