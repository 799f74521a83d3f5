/**
 * Rules of one profile that contradict each other: which calls a composition names for its inputs and for its result, and that the
 * profiles which it says libseccomp refuses are those that the library answers with EEXIST.
 */
import { describe, expect, it } from 'vitest';
import type { ArchName } from '../../src/abi/architectures.ts';
import { compilePolicy, tableOf } from '../../src/compile/compile-policy.ts';
import {
  type ContradictedCall,
  intersectProfiles,
  simplifyProfile,
  uniteProfiles,
} from '../../src/compose/index.ts';
import { OciSeccompError } from '../../src/errors.ts';
import type { Profile, ProfileArg, ProfileRule } from '../../src/oci/profile.ts';
import { resolveProfile } from '../../src/oci/resolve-profile.ts';
import { lowerProfile } from '../../src/policy/lower-profile.ts';
import { createRandom, type Random } from '../decision/random.ts';
import { samples } from '../support/samples.ts';

const host = { arch: 'x86_64', kernel: { kernel: 6, major: 1 }, capabilities: [] } as const;

function profile(rules: readonly ProfileRule[], further: readonly string[] = []): Profile {
  return {
    dialect: 'oci',
    defaultAction: 'SCMP_ACT_ERRNO',
    architectures: ['SCMP_ARCH_X86_64', ...further],
    rules,
  };
}

function rule(name: string, action: string, ...args: readonly ProfileArg[]): ProfileRule {
  return { names: [name], action: `SCMP_ACT_${action}`, args };
}

const arg = (index: number, op: string, value: bigint): ProfileArg => ({
  index,
  op: `SCMP_CMP_${op}`,
  value,
});

/** Whether libseccomp answers EEXIST on a machine. */
async function isRefused(input: Profile, arch: ArchName = host.arch): Promise<boolean> {
  const { seccomp } = resolveProfile(input, { ...host, arch });
  if (seccomp === undefined) throw new Error('seccomp is off');
  const table = tableOf('libseccomp', undefined);
  const { policy } = lowerProfile(seccomp, { runtime: 'plain', arch, table });
  try {
    await compilePolicy(policy, { backend: 'libseccomp', table });
  } catch (error) {
    if (!(error instanceof OciSeccompError)) throw error;
    return error.message.includes('EEXIST');
  }
  return false;
}

const two = arg(0, 'EQ', 2n);
const list = profile([{ names: ['read', 'socket', 'clone', 'ioctl'], action: 'SCMP_ACT_ALLOW' }]);
const listOfX86 = profile([...list.rules], ['SCMP_ARCH_X86']);

const rows: readonly {
  readonly said: string;
  readonly input: Profile;
  /** Calls with EEXIST, and others. */
  readonly refused: readonly string[];
  readonly others: readonly string[];
}[] = [
  {
    said: 'two rules with the same comparisons',
    input: profile([rule('socket', 'ALLOW', two), rule('socket', 'KILL', two)]),
    refused: ['socket'],
    others: [],
  },
  {
    said: 'comparisons that overlap',
    input: profile([rule('clone', 'ALLOW', arg(0, 'LE', 5n)), rule('clone', 'LOG', arg(0, 'GE', 3n))]),
    refused: [],
    others: ['clone'],
  },
  {
    said: 'a refused rule that another one without comparisons overrules',
    input: profile([rule('ioctl', 'LOG', two), rule('ioctl', 'KILL', two), rule('ioctl', 'ALLOW')]),
    refused: ['ioctl'],
    others: [],
  },
  {
    said: 'a rule without comparisons beside others, which is no contradiction',
    input: profile([rule('read', 'ALLOW'), rule('read', 'KILL', two)]),
    refused: [],
    others: [],
  },
  {
    said: 'rules of two calls that meet at one of socketcall, on x86 alone',
    input: profile(
      [rule('socket', 'ALLOW', two), rule('socket', 'KILL', arg(0, 'EQ', 16n))],
      ['SCMP_ARCH_X86'],
    ),
    refused: ['socketcall'],
    others: [],
  },
];

describe('rules that contradict each other', () => {
  it.each(rows)('$said: the calls are named, and libseccomp agrees', async ({ input, refused, others }) => {
    const calls = [
      ...refused.map((name) => [name, true] as const),
      ...others.map((name) => [name, false] as const),
    ];
    const other = input.architectures?.length === 1 ? list : listOfX86;
    for (const { proof } of [
      simplifyProfile(input),
      uniteProfiles([input, other]),
      uniteProfiles([other, input]),
    ]) {
      const found = proof.contradicted.inputs.map((each) =>
        each.map(({ name, refusedOn }) => [name, refusedOn.length > 0]),
      );
      expect(found).toContainEqual(calls);
      expect(proof.contradicted.inputs.filter(({ length }) => length > 0).length).toBeLessThan(2);
    }
    expect(await isRefused(input)).toBe(refused.length > 0);
  });

  it('stay in a profile that is simplified, and are named there; several profiles become one without them', async () => {
    const input = profile([rule('socket', 'ALLOW', two), rule('socket', 'KILL', two)]);
    const simple = simplifyProfile(input);
    const archs = [...new Set(simple.proof.hosts.map(({ arch }) => arch))];
    expect(simple.proof.contradicted.result).toEqual([{ name: 'socket', metOn: archs, refusedOn: archs }]);
    expect(await isRefused(simple.profile)).toBe(true);
    const both = intersectProfiles([input, list]);
    expect(both.proof.contradicted.result).toEqual([]);
    expect(await isRefused(both.profile)).toBe(false);
  });

  it('are named with the machines on which libseccomp refuses them', async () => {
    // On x86, both rules are for socketcall, which has no argument to tell them apart.
    const input = profile([rule('socket', 'ALLOW', two), rule('socket', 'KILL', arg(0, 'EQ', 16n))]);
    const archs = ['x86_64', 'x86', 'aarch64'] as const;
    const { profile: result, proof } = simplifyProfile(input, { archs });
    const refusing = async (of: Profile): Promise<readonly ArchName[]> => {
      const answers = await Promise.all(archs.map((arch) => isRefused(of, arch)));
      return archs.filter((_, at) => answers[at]);
    };
    const named = (calls: readonly ContradictedCall[] = []): readonly ArchName[] =>
      archs.filter((arch) => calls.some(({ refusedOn }) => refusedOn.includes(arch)));
    expect(await refusing(input)).toEqual(['x86']);
    expect(named(proof.contradicted.inputs[0])).toEqual(['x86']);
    expect(named(proof.contradicted.result)).toEqual(await refusing(result));
  });

  it('are named as refused where libseccomp refuses them, for random rules', async () => {
    const random = createRandom(7);
    let refusals = 0;
    for (let i = 0; i < samples(800); i++) {
      const further = random.chance(0.5) ? ['SCMP_ARCH_X86'] : [];
      const input = profile(
        Array.from({ length: 2 + random.below(3) }, () => randomRule(random)),
        further,
      );
      const { contradicted } = simplifyProfile(input, { archs: ['x86_64'], allowStricter: true }).proof;
      const wanted = await isRefused(input);
      const text = JSON.stringify(input, (_, value) => (typeof value === 'bigint' ? `${value}` : value));
      expect(
        contradicted.inputs[0]?.some((call) => call.refusedOn.length > 0),
        text,
      ).toBe(wanted);
      if (wanted) refusals++;
    }
    expect(refusals).toBeGreaterThan(0);
  });
});

/** Comparisons that libseccomp takes in this process: before the last one only equalities. */
function randomRule(random: Random): ProfileRule {
  const args = [0, 1]
    .filter(() => random.chance(0.6))
    .map((index) =>
      arg(index, index === 0 ? 'EQ' : random.pick(['EQ', 'GE', 'NE']), BigInt(1 + random.below(2))),
    );
  return rule(random.pick(['socket', 'clone']), random.pick(['ALLOW', 'KILL', 'LOG']), ...args);
}
