/**
 * The proof of some calls alone: it says of each call what the proof of all calls says of it, and what an interpreter that knows
 * nothing of diagrams sees. Half of the programs are spoilt.
 */
import { expect, it } from 'vitest';
import { architectures } from '../../src/abi/architectures.ts';
import type { SeccompData } from '../../src/abi/seccomp-data.ts';
import type { Program } from '../../src/bpf/program.ts';
import { findProgramProblems } from '../../src/bpf/program-problems.ts';
import { prepareProgram } from '../../src/bpf/simulate-program.ts';
import { proveCalls } from '../../src/compile/prove-calls.ts';
import { decidePolicy } from '../../src/decision/decide-policy.ts';
import { decideProgram } from '../../src/decision/decide-program.ts';
import { type PartialCall, restrictCall } from '../../src/decision/partial-call.ts';
import { relations, whereRelated } from '../../src/decision/relate.ts';
import { createSpace, FALSE } from '../../src/decision/space.ts';
import { evaluate } from '../../src/decision/witness.ts';
import { newestTable } from '../../src/policy/newest-table.ts';
import { mutated } from '../decision/mutations.ts';
import { createRandom } from '../decision/random.ts';
import { randomPolicy } from './builtin/random-policies.ts';
import { buildProgram, type Expanded } from './builtin/support.ts';

const SEED = 20_261_130;
const random = createRandom(SEED);

/** The program, and one that the kernel takes with a few fields changed. */
function programsFor(work: Expanded): readonly Program[] {
  const { program } = buildProgram(work);
  for (let spoilt: Program = program; ; ) {
    for (let i = 0; i < 4; i += 1) spoilt = mutated(random, spoilt).program;
    if (findProgramProblems(spoilt).length === 0) return [program, spoilt];
    spoilt = program;
  }
}

/** Calls that rules name, their neighbours, and calls of an architecture that the policy may lack. */
function callsFor({ expanded }: Expanded): readonly PartialCall[] {
  const named = expanded.flatMap(({ arch, rules }) => rules.map(({ nr }) => ({ arch, nr, args: [] })));
  const picked = Array.from({ length: 6 }, () => random.pick(named));
  const next = picked.map(({ arch, nr }) => ({ arch, nr: nr + 1, args: [] }));
  return [
    ...picked,
    ...next,
    { arch: 'x86_64', nr: 0xffff_ffff, args: [] },
    { arch: 'sheb', nr: 5, args: [] },
  ];
}

it.each(Array.from({ length: 30 }, (_, index) => index))('is that of all calls: policy %i', (index) => {
  const work = randomPolicy(SEED, index);
  if (work.expanded.every(({ rules }) => rules.length === 0)) return;
  const { policy, expanded } = work;
  const { endian } = architectures[policy.architectures[0]];
  for (const program of programsFor(work)) {
    const space = createSpace();
    const meant = decidePolicy(space, policy, expanded);
    const done = decideProgram(space, program, endian);
    for (const call of callsFor(work)) {
      const [a, b] = [restrictCall(space, meant, call), restrictCall(space, done, call)];
      const isEqual = whereRelated(space, a, b, relations) === FALSE;
      const other = random.pick(callsFor(work));
      let said: string | undefined;
      const { equal, counterexample } = proveCalls(
        { policy, table: newestTable, program, endian },
        [call],
        {},
        (own, _, root) => {
          const args = Array.from({ length: 6 }, () => BigInt(random.word()));
          const data: SeccompData = {
            ...{ nr: call.nr | 0, arch: architectures[call.arch].auditArch, instructionPointer: 0n, args },
          };
          const ran = prepareProgram(program, { endian }).run(data).returnWord;
          const outcome = evaluate(own, root, data);
          said = outcome.kind === 'word' && outcome.word === ran ? undefined : JSON.stringify(outcome);
        },
      );
      expect([equal, counterexample?.call.nr, said]).toEqual([
        isEqual,
        isEqual ? undefined : call.nr | 0,
        undefined,
      ]);
      // Two calls together are as equal as the less equal one.
      if (isEqual) continue;
      expect(proveCalls({ policy, table: newestTable, program, endian }, [other, call]).equal).toBe(false);
    }
  }
});
