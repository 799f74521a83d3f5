/**
 * Compiled filters with one field of one instruction changed: the proof fails with a call that shows the change, or
 * there is none.
 */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { capabilitySets } from '../../src/abi/capabilities.ts';
import { encodeProgram, type Program, type SockFilter } from '../../src/bpf/program.ts';
import { findProgramProblems } from '../../src/bpf/program-problems.ts';
import { compilePolicy } from '../../src/compile/compile-policy.ts';
import { decidePolicy } from '../../src/decision/decide-policy.ts';
import { decideProgram } from '../../src/decision/decide-program.ts';
import { type Relation, whereRelated } from '../../src/decision/relate.ts';
import { createSpace } from '../../src/decision/space.ts';
import { evaluate, findWitness } from '../../src/decision/witness.ts';
import { openLibrary } from '../../src/libseccomp/library.ts';
import { librarySyscallTable } from '../../src/libseccomp/syscall.ts';
import { builtinProfiles } from '../../src/oci/builtin/index.ts';
import type { Profile } from '../../src/oci/profile.ts';
import { readProfile } from '../../src/oci/read-profile.ts';
import { resolveProfile } from '../../src/oci/resolve-profile.ts';
import { expandPolicy } from '../../src/policy/expand-policy.ts';
import { lowerProfile } from '../../src/policy/lower-profile.ts';
import type { Policy, SyscallTable } from '../../src/policy/policy.ts';
import { mutated } from '../decision/mutations.ts';
import { createRandom, type Random } from '../decision/random.ts';
import { interestingWords, sampleCalls } from '../decision/samples.ts';
import { wordCall } from '../decision/word-calls.ts';
import { samples } from '../support/samples.ts';
import { describeWith } from './support/require.ts';
import { recordOf, type Simulator, simulator } from './support/simulate.ts';

interface Compiled {
  readonly policy: Policy;
  readonly table: SyscallTable;
  readonly program: Program;
}

async function compiled(profile: Profile, runtime: string): Promise<Compiled> {
  const host = {
    arch: 'x86_64',
    kernel: { kernel: 6, major: 1 },
    capabilities: capabilitySets.docker,
  } as const;
  const { seccomp } = resolveProfile(profile, host);
  if (seccomp === undefined) throw new Error('seccomp is off');
  const table = librarySyscallTable(openLibrary());
  const { policy } = lowerProfile(seccomp, { runtime, arch: 'x86_64', table });
  const { program } = await compilePolicy(policy, { table });
  return { policy, table, program };
}

function fixture(path: string): Profile {
  const { profile } = readProfile(readFileSync(path), { name: path });
  if (profile === undefined) throw new Error(path);
  return profile;
}

const cases: readonly (readonly [string, string, () => Profile])[] = [
  ['docker-default', 'runc', () => builtinProfiles['docker-default']()],
  ['docker-default', 'crun', () => builtinProfiles['docker-default']()],
  ['podman-default', 'crun', () => builtinProfiles['podman-default']()],
  ['socket.json', 'runc', () => fixture('fixtures/cli/socket.json')],
  [
    'oci-operators-and-actions.json',
    'crun',
    () => fixture('fixtures/profiles/good/oci-operators-and-actions.json'),
  ],
];

/** Shares of them are asked below: fewer than these would not tell. */
const MUTANTS = Math.max(175, samples(700));
const SAMPLES = 2000;
const relations: readonly Relation[] = ['looser', 'different', 'stricter', 'unknown'];

/** What the kernel does with a word: of most actions the data do not matter (seccomp(2)). */
function effect(word: number): number {
  const action = (word & 0xffff_0000) >>> 0;
  if (action === 0x0003_0000 || action === 0x7ff0_0000) return word;
  if (action === 0x0005_0000) return action + Math.min(word & 0xffff, 4095);
  const known = [0, 0x7fc0_0000, 0x7ffc_0000, 0x7fff_0000];
  return known.includes(action) ? action : 0x8000_0000;
}

/**
 * `not executed`: by no sample; `equivalent`: executed, the change of what it tests or returns is none: a border between
 * numbers that are treated alike, a bit that the kernel ignores.
 */
type Verdict = 'caught' | 'unused field' | 'not executed' | 'equivalent' | 'undecided';

/** Whether the mutant is told from the policy by a call that the simulator confirms, and if not, what it is. */
function judge({ policy, table, program }: Compiled, mutant: Program, at: number, random: Random): Verdict {
  const space = createSpace();
  const meant = decidePolicy(space, policy, expandPolicy(policy, table));
  const done = decideProgram(space, mutant, 'little');
  const [runProgram, runMutant] = [program, mutant].map((each) => simulator(encodeProgram(each, 'little')));
  if (runProgram === undefined || runMutant === undefined) throw new RangeError('two programs');
  for (const relation of relations) {
    const call = findWitness(space, whereRelated(space, meant, done, [relation]), policy.architectures);
    if (call === undefined) continue;
    const outcome = evaluate(space, done, call);
    const visited = new Set<number>();
    const word = runMutant(recordOf(call), (pc) => visited.add(pc));
    if (outcome.kind === 'undecided') {
      expect(visited).toContain(outcome.instruction);
      return 'undecided';
    }
    expect(outcome).toEqual({ kind: 'word', word });
    expect(effect(word), 'a witness for which both do the same').not.toBe(effect(runProgram(recordOf(call))));
    return 'caught';
  }
  return whyEqual(program, mutant, at, [runProgram, runMutant], random);
}

/** Holds a mutant that was proven equal against many calls, among them every number with an architecture. */
function whyEqual(
  program: Program,
  mutant: Program,
  at: number,
  [runProgram, runMutant]: readonly [Simulator, Simulator],
  random: Random,
): Verdict {
  const near = program.filter((_, i) => Math.abs(i - at) < 40);
  const words = interestingWords([...near, ...mutant.slice(at, at + 1)]);
  let executed = false;
  const samples = sampleCalls(random, words, SAMPLES, 'little', archs);
  const own = [...samples.map(({ record }) => runProgram(record)), ...answersOf(program, runProgram)];
  [...samples, ...everyNumber].forEach(({ record }, i) => {
    const word = runMutant(record, (pc) => {
      if (pc === at) executed = true;
    });
    const meant = own[i] ?? 0;
    // `expect` takes longer than a run.
    if (effect(word) !== effect(meant)) expect(word, 'proven equal, but a call differs').toBe(meant);
  });
  const [old, now] = [program[at], mutant[at]];
  if (old === undefined || now === undefined) throw new RangeError('no such instruction');
  if (uses(old) === uses(now)) return 'unused field';
  return executed ? 'equivalent' : 'not executed';
}

const archs = [0xc000_003e, 0x4000_0003];
const everyNumber = archs.flatMap((arch) =>
  [0, 0x4000_0000].flatMap((base) =>
    Array.from({ length: 1024 }, (_, nr) =>
      wordCall(
        new Map([
          [0, base + nr],
          [4, arch],
          [16, nr % 3],
          [24, nr % 5],
        ]),
        'little',
      ),
    ),
  ),
);

const answers = new Map<Program, readonly number[]>();

/** What the program that is changed answers to every number. */
function answersOf(program: Program, run: Simulator): readonly number[] {
  const known = answers.get(program) ?? everyNumber.map(({ record }) => run(record));
  answers.set(program, known);
  return known;
}

/** An instruction without the fields that it does not use. */
function uses({ code, jt, jf, k }: SockFilter): string {
  return [code, k, ...((code & 7) === 5 && code !== 5 ? [jt, jf] : [])].join();
}

describeWith(['x86_64'], 'mutants of compiled filters', () => {
  it.each(cases)('%s for %s', async (_name, runtime, profile) => {
    const original = await compiled(profile(), runtime);
    const random = createRandom(original.program.length);
    const tally: Record<Verdict, number> = {
      caught: 0,
      'unused field': 0,
      'not executed': 0,
      equivalent: 0,
      undecided: 0,
    };
    for (let count = 0; count < MUTANTS; ) {
      const { program, at } = mutated(random, original.program);
      if (findProgramProblems(program).length > 0) continue;
      count++;
      tally[judge(original, program, at, random)]++;
    }
    // Most of what is not caught is a field that the instruction does not use.
    expect(tally.caught).toBeGreaterThan(0.6 * MUTANTS);
    expect(tally.equivalent).toBeLessThan(0.15 * MUTANTS);
    expect(tally.undecided).toBeLessThan(0.1 * MUTANTS);
  });
});
