/**
 * Compiled filters with one field of one instruction changed: the proof fails with a call that shows the change, or
 * there is none.
 */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { capabilitySets } from '../../src/abi/capabilities.ts';
import { encodeProgram, type Program } from '../../src/bpf/program.ts';
import { compilePolicy } from '../../src/compile/compile.ts';
import { decidePolicy } from '../../src/decision/policy.ts';
import { decideProgram } from '../../src/decision/program.ts';
import { type Relation, whereRelated } from '../../src/decision/relate.ts';
import { createSpace } from '../../src/decision/space.ts';
import { evaluate, findWitness } from '../../src/decision/witness.ts';
import { openLibrary } from '../../src/libseccomp/library.ts';
import { librarySyscallTable } from '../../src/libseccomp/syscall.ts';
import { builtinProfiles } from '../../src/oci/builtin/index.ts';
import type { Profile } from '../../src/oci/profile.ts';
import { resolveProfile } from '../../src/oci/resolve.ts';
import { readProfile } from '../../src/oci/validate.ts';
import { expandPolicy } from '../../src/policy/expand.ts';
import { lowerProfile } from '../../src/policy/lower.ts';
import type { Policy, SyscallTable } from '../../src/policy/policy.ts';
import { mutated } from '../decision/mutations.ts';
import { refusal } from '../decision/programs.ts';
import { createRandom, type Random } from '../decision/random.ts';
import { interestingWords, sampleCalls } from '../decision/samples.ts';
import { describeWith } from './support/require.ts';
import { recordOf, simulator } from './support/simulate.ts';

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

const MUTANTS = 700;
const SAMPLES = 2000;
const relations: readonly Relation[] = ['looser', 'different', 'stricter', 'unknown'];

type Verdict = 'caught' | 'not executed' | 'same way out' | 'equivalent' | 'undecided';

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
    expect(word, 'a witness for which both say the same').not.toBe(runProgram(recordOf(call)));
    return 'caught';
  }
  const archs = [0xc000_003e, 0x4000_0003];
  const words = interestingWords([
    ...program.filter((_, i) => Math.abs(i - at) < 40),
    ...mutant.slice(at, at + 1),
  ]);
  let executed = false;
  for (const { record } of sampleCalls(random, words, SAMPLES, 'little', archs)) {
    const word = runMutant(record, (pc) => {
      if (pc === at) executed = true;
    });
    expect(word, 'proven equal, but a call differs').toBe(runProgram(record));
  }
  if (!executed) return 'not executed';
  const [old, now] = [program[at], mutant[at]];
  return old?.code === now?.code && old?.k === now?.k ? 'same way out' : 'equivalent';
}

describeWith(['x86_64'], 'mutants of compiled filters', () => {
  it.each(cases)('%s for %s', { timeout: 300_000 }, async (_name, runtime, profile) => {
    const original = await compiled(profile(), runtime);
    const random = createRandom(original.program.length);
    const tally: Partial<Record<Verdict, number>> = {};
    for (let count = 0; count < MUTANTS; ) {
      const { program, at, field } = mutated(random, original.program);
      if (refusal(program) !== undefined) continue;
      count++;
      const verdict = judge(original, program, at, random);
      tally[verdict] = (tally[verdict] ?? 0) + 1;
      if (verdict !== 'caught') console.log(at, field, original.program[at], program[at], verdict);
    }
    console.log(tally);
  });
});
