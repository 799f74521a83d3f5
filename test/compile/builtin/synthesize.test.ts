/**
 * The builtin compiler: each program is one that the kernel takes and whose constant verdicts it finds, and means what its
 * policy means. The prover says so for every call, an interpreter that knows nothing of diagrams for calls at the borders.
 */
import { existsSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type ArchName, allArchitectures } from '../../../src/abi/architectures.ts';
import { encodeProgram } from '../../../src/bpf/program.ts';
import { callShares } from '../../../src/compile/builtin/call-shares.generated.ts';
import { weighCalls } from '../../../src/compile/builtin/call-weights.ts';
import { formatCall } from '../../../src/decision/format-call.ts';
import type { Profile } from '../../../src/oci/profile.ts';
import { createRandom } from '../../decision/random.ts';
import { evaluatePolicy, randomSmallPolicy, smallCalls } from '../../decision/small-policies.ts';
import { recordOf, simulator } from '../../oracle/support/simulate.ts';
import { hasAllSamples, samples } from '../../support/samples.ts';
import { fixtureProfiles, policyOf, readFile } from './fixture-policies.ts';
import { randomPolicy } from './random-policies.ts';
import { buildProgram, faultOf, wrongByTheWords, wrongSamples } from './support.ts';

const root = `${import.meta.dirname}/../../..`;

/** What is wrong with the programs of a profile, and how many there are. */
function faultsOf(
  profile: Profile,
  archs: readonly ArchName[],
): { readonly count: number; readonly faults: readonly string[] } {
  const faults: string[] = [];
  let count = 0;
  for (const arch of archs) {
    for (const runtime of ['runc', 'crun']) {
      const work = policyOf(profile, arch, runtime);
      if (work === undefined) continue;
      count++;
      const made = buildProgram(work);
      const found = [
        faultOf(work, made) ?? [],
        wrongSamples(made, createRandom(count), 200),
        wrongByTheWords(work, made, createRandom(count), 200),
      ].flat();
      faults.push(...found.map((fault) => `${arch} ${runtime}: ${fault}`));
    }
  }
  return { count, faults };
}

const everywhere = allArchitectures.map(({ name }) => name);

describe('programs of the builtin compiler', () => {
  it.each(fixtureProfiles)('of %s mean what it says, on every architecture', (_, profile) => {
    const { count, faults } = faultsOf(profile, everywhere);
    expect(faults).toEqual([]);
    expect(count).toBeGreaterThan(0);
  });

  const corpus = `${root}/../shared/data/corpus`;
  const collected = existsSync(corpus) ? readdirSync(corpus) : [];
  it.skipIf(collected.length === 0)(
    `of profiles from public projects mean what they say${collected.length === 0 ? ' [skipped, needs ../shared/data/corpus]' : ''}`,
    () => {
      let count = 0;
      for (const name of collected) {
        const profile = readFile(`${corpus}/${name}`);
        if (profile === undefined) continue;
        const result = faultsOf(
          profile,
          hasAllSamples ? ['x86_64', 'aarch64', 's390x', 'mips'] : ['x86_64', 's390x'],
        );
        expect(result.faults, name).toEqual([]);
        count += result.count;
      }
      expect(count).toBeGreaterThan(100);
    },
  );

  // Blocks of 500: OCI_SECCOMP_POLICY_BLOCKS=60 draws 30,000 policies, in about six minutes.
  const count = Number(process.env.OCI_SECCOMP_POLICY_BLOCKS ?? samples(8));
  const blocks = Array.from({ length: count }, (_, block) => block);
  it.each(blocks)('of random policies mean what they say, block %i', (block) => {
    for (let index = block * 500; index < (block + 1) * 500; index++) {
      const work = randomPolicy(1, index);
      // How often calls come changes the order of tests, and never the meaning.
      const counts = index % 2 === 0 ? undefined : new Map(Object.entries(callShares));
      const made = buildProgram(work, counts && { weights: weighCalls(work.policy.architectures, counts) });
      expect(faultOf(work, made), `policy ${index}`).toBeUndefined();
      expect(wrongByTheWords(work, made, createRandom(index), 20), `policy ${index}`).toEqual([]);
      if (index % 10 !== 0) continue;
      expect(wrongSamples(made, createRandom(index), 100), `policy ${index}`).toEqual([]);
      expect(wrongByTheWords(work, made, createRandom(index + 1), 200), `policy ${index}`).toEqual([]);
    }
  });

  it('of small policies do what the words of the reference say, for every call', () => {
    const random = createRandom(12);
    for (let n = 0; n < samples(400); n++) {
      const small = randomSmallPolicy(random);
      const { program, endian } = buildProgram(small);
      const run = simulator(encodeProgram(program, endian), endian);
      const wrong = smallCalls.filter(
        (call) =>
          !evaluatePolicy(small, call)
            .split(' or ')
            .includes(`${run(recordOf(call, endian))}`),
      );
      expect(wrong.map((call) => formatCall(call))).toEqual([]);
    }
  });
});
