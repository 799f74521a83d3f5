/**
 * Programs and policies of worlds so small that every call can be tried: one diagram exactly if one behaviour.
 *
 * The tests of a small world look at few bits, so a few values of a word stand for all: two words that agree in those
 * bits, and in whether any other bit is set, are told apart by none of them.
 */
import { describe, expect, it } from 'vitest';
import { encodeProgram, type Program, type SockFilter } from '../../src/bpf/program.ts';
import { decidePolicy } from '../../src/decision/decide-policy.ts';
import { decideProgram } from '../../src/decision/decide-program.ts';
import { wordsOf } from '../../src/decision/diagram-variables.ts';
import {
  createSpace,
  type Node,
  type Outcome,
  outcomeAt,
  type Space,
  type SpaceOptions,
} from '../../src/decision/space.ts';
import { restrict } from '../../src/decision/witness.ts';
import { simulator } from '../oracle/support/simulate.ts';
import { samples } from '../support/samples.ts';
import { JA, LD_ABS, randomProgram } from './programs.ts';
import { createRandom, type Random } from './random.ts';
import { evaluatePolicy, randomSmallPolicy, smallCalls } from './small-policies.ts';
import { type WordCall, wordCall } from './word-calls.ts';

type Endian = 'little' | 'big';

/** Words by offset in a little-endian record; of a big-endian one the halves trade places. */
const worlds: readonly (readonly [string, Endian, readonly number[]])[] = [
  ['arch, nr, low half of argument 0', 'little', [4, 0, 16]],
  ['nr, both halves of argument 1', 'little', [0, 24, 28]],
  ['two arguments and the instruction pointer', 'big', [20, 24, 8]],
];

/** The low two bits, bit 31, and whether there is anything between. */
const wordValues = [0, 0x100, 0x8000_0000, 0x8000_0100].flatMap((rest) =>
  [0, 1, 2, 3].map((low) => rest + low),
);

/** Tests of whole words: constants that the word values above bring into every order. */
const wholeConstants = [0, 1, 2, 3, 0x8000_0000, 0x8000_0001, 0x8000_0002, 0x8000_0003];

/** Every call of a world. */
function callsOf(offsets: readonly number[], endian: Endian): readonly SmallCall[] {
  const tuples = offsets.reduce<readonly (readonly number[])[]>(
    (all, _) => all.flatMap((tuple) => wordValues.map((value) => [...tuple, value])),
    [[]],
  );
  return tuples.map((tuple) => {
    const call = wordCall(new Map(offsets.map((at, i) => [at, tuple[i] ?? 0])), endian);
    return { ...call, words: wordsOf(createSpace(), call.data) };
  });
}

function smallProgram(random: Random, offsets: readonly number[]): Program {
  return randomProgram(random, {
    length: 1 + random.below(10),
    offsets,
    constant: () => random.pick(wholeConstants),
    returned: () => random.pick([0, 1]),
    // Arithmetic would mix the bits between into those that count.
    computing: 0,
    returnsA: 0,
  });
}

/** Any constructs, every word cut down to its three bits right after its load. */
function computingProgram(random: Random, offsets: readonly number[]): Program {
  const program = randomProgram(random, {
    length: 2 + random.below(10),
    offsets,
    constant: () => random.pick([...wholeConstants, 4, 5, 7, 8, 0xff, 0xffff_ffff, 29, 31]),
    returned: () => random.pick([0, 1]),
    computing: 0.45,
    returnsA: 0.3,
  });
  return cutLoads(program);
}

const CUT: SockFilter = { code: 0x54, jt: 0, jf: 0, k: 0x8000_0003 };

/** Puts `and 0x80000003` after each load and leads the jumps to where they led. */
function cutLoads(program: Program): Program {
  const isLoad = (at: number): boolean => program[at]?.code === LD_ABS;
  const moved: number[] = [];
  for (let at = 0, to = 0; at < program.length; at++, to += isLoad(at - 1) ? 2 : 1) moved.push(to);
  const distance = (from: number, jump: number): number =>
    (moved[from + 1 + jump] ?? 0) - (moved[from] ?? 0) - 1;
  return program.flatMap((each, at): readonly SockFilter[] => {
    if (isLoad(at)) return [each, CUT];
    if (each.code === JA) return [{ ...each, k: distance(at, each.k) }];
    if ((each.code & 7) !== 5) return [each];
    return [{ ...each, jt: distance(at, each.jt), jf: distance(at, each.jf) }];
  });
}

/** {@link evaluate}, for calls whose words were taken apart before. */
function outcomeOf(space: Space, root: Node, words: readonly number[]): Outcome {
  return outcomeAt(
    space,
    words.reduce((node, word, field) => restrict(space, node, field, word), root),
  );
}

/** With nodes given back after every step: one that is lost or mistaken shows. */
const cleared: SpaceOptions = { maxUnneeded: 0 };

interface SmallCall extends WordCall {
  readonly words: readonly number[];
}

interface Tally {
  readonly behaviours: number;
  readonly pairs: number;
  readonly undecided: number;
}

/** Decides all programs in one space and holds node against behaviour, both ways. */
function compareAll(
  programs: readonly Program[],
  calls: readonly SmallCall[],
  endian: Endian,
  options: SpaceOptions = {},
): Tally {
  const space = createSpace(options);
  const behaviourOf = new Map<Node, string>();
  const nodeOf = new Map<string, Node>();
  let undecided = 0;
  for (const program of programs) {
    const node = decideProgram(space, program, endian);
    const run = simulator(encodeProgram(program, endian), endian);
    let exact = true;
    const words = calls.map(({ data, words: parts, record }) => {
      const outcome = outcomeOf(space, node, parts);
      if (outcome.kind === 'word') {
        const word = run(record);
        if (word !== outcome.word) throw new Error(disagreement(program, data, outcome, word));
        return word;
      }
      // What is not followed must lie on this call's own way.
      const visited = new Set<number>();
      run(record, (pc) => visited.add(pc));
      if (outcome.kind !== 'undecided' || !visited.has(outcome.instruction ?? -1)) {
        throw new Error(disagreement(program, data, outcome, -1));
      }
      exact = false;
      return -1;
    });
    if (!exact) undecided++;
    else {
      const behaviour = words.join();
      expect(nodeOf.get(behaviour) ?? node, 'one behaviour, two diagrams').toBe(node);
      expect(behaviourOf.get(node) ?? behaviour, 'one diagram, two behaviours').toBe(behaviour);
      nodeOf.set(behaviour, node);
      behaviourOf.set(node, behaviour);
    }
  }
  const behaviours = nodeOf.size;
  const exact = programs.length - undecided;
  return { behaviours, pairs: (exact * (exact - 1)) / 2, undecided };
}

function disagreement(program: unknown, call: unknown, outcome: Outcome, word: number): string {
  return describeCase('decided', outcome, 'simulated', word, call, program);
}

const PROGRAMS = samples(300);
const POLICIES = samples(500);

describe('programs that test whole words', () => {
  it.each(worlds)('%s: the same diagram exactly if the same behaviour', (_name, endian, offsets) => {
    const random = createRandom(offsets.length + (offsets[0] ?? 0));
    const programs = Array.from({ length: PROGRAMS }, () => smallProgram(random, offsets));
    const tally = compareAll(programs, callsOf(offsets, endian), endian);
    expect(tally.undecided).toBeLessThan(PROGRAMS / 3);
    expect(tally.behaviours).toBeGreaterThan(PROGRAMS / 10);
    expect(tally.behaviours).toBeLessThan(0.9 * PROGRAMS);
  });
});

describe('programs that compute', () => {
  it.each(worlds)('%s: the same diagram exactly if the same behaviour', (_name, endian, offsets) => {
    const random = createRandom(100 + (offsets[0] ?? 0));
    const programs = Array.from({ length: PROGRAMS }, () => computingProgram(random, offsets));
    const tally = compareAll(programs, callsOf(offsets, endian), endian);
    expect(tally.undecided).toBeLessThan(PROGRAMS / 2);
    expect(tally.behaviours).toBeGreaterThan(PROGRAMS / 10);
  });
});

describe('programs in a space that is cleared all the time', () => {
  it.each(worlds)('%s: the same diagram exactly if the same behaviour', (_name, endian, offsets) => {
    const random = createRandom(200 + (offsets[0] ?? 0));
    const programs = Array.from({ length: 60 }, (_, i) =>
      i % 2 === 0 ? smallProgram(random, offsets) : computingProgram(random, offsets),
    );
    const tally = compareAll(programs, callsOf(offsets, endian), endian, cleared);
    expect(tally.behaviours).toBeGreaterThan(10);
  });
});

/** What an outcome is, as text that is the same for the same. */
/** Every call with its words: the diagrams of all policies are asked for the same calls. */
const wordsOfCalls = smallCalls.map((call) => ({ call, words: wordsOf(createSpace(), call) }));

function outcomeText(outcome: Outcome): string {
  if (outcome.kind === 'word') return `${outcome.word}`;
  return outcome.kind === 'conflict' ? outcome.words.join(' or ') : outcome.kind;
}

describe('policies', () => {
  it.each([
    [POLICIES, {}],
    [60, cleared],
  ] as const)(
    '%i mean what the rules say, and have the same diagram exactly if they mean the same',
    (rounds, options) => {
      const random = createRandom(7);
      const space = createSpace(options);
      const behaviourOf = new Map<Node, string>();
      const nodeOf = new Map<string, Node>();
      let conflicts = 0;
      for (let round = 0; round < rounds; round++) {
        const small = randomSmallPolicy(random);
        const node = decidePolicy(space, small.policy, small.expanded);
        const meanings = wordsOfCalls.map(({ call, words }) => {
          const meant = evaluatePolicy(small, call);
          const decided = outcomeText(outcomeOf(space, node, words));
          if (decided !== meant) throw new Error(describeCase(small, call, decided, meant));
          return meant;
        });
        if (meanings.some((meant) => meant.includes(' or '))) conflicts++;
        const behaviour = meanings.join();
        expect(nodeOf.get(behaviour) ?? node, 'one meaning, two diagrams').toBe(node);
        expect(behaviourOf.get(node) ?? behaviour, 'one diagram, two meanings').toBe(behaviour);
        nodeOf.set(behaviour, node);
        behaviourOf.set(node, behaviour);
      }
      expect(conflicts).toBeGreaterThan(rounds / 10);
      expect(nodeOf.size).toBeGreaterThan(rounds / 5);
      expect(nodeOf.size).toBeLessThan(0.99 * rounds);
    },
  );
});

function describeCase(...parts: readonly unknown[]): string {
  const plain = (_key: string, value: unknown): unknown =>
    typeof value === 'bigint' ? `0x${value.toString(16)}` : value;
  return parts.map((part) => JSON.stringify(part, plain)).join('\n');
}
