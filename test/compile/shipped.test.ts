/**
 * The programs that come with the package. At run time nobody proves them again, so each is proven here: against its
 * policy, against what libseccomp makes of it, and call by call by an interpreter that knows no diagrams. A policy that
 * means anything else finds none of them.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { architectures } from '../../src/abi/architectures.ts';
import { capabilitySets } from '../../src/abi/capabilities.ts';
import { findProgramProblems } from '../../src/bpf/program-problems.ts';
import { claimJson, formatClaim } from '../../src/compile/claim-text.ts';
import { compilePolicy } from '../../src/compile/compile-policy.ts';
import { proveProgram } from '../../src/compile/prove.ts';
import { findShipped, shippedArchitectures } from '../../src/compile/shipped/find-shipped.ts';
import { headText, pieces } from '../../src/compile/shipped/policy-text.ts';
import { decidePolicy } from '../../src/decision/decide-policy.ts';
import { decideProgram } from '../../src/decision/decide-program.ts';
import { createSpace } from '../../src/decision/space.ts';
import { builtinProfiles } from '../../src/oci/builtin/index.ts';
import type { Host } from '../../src/oci/host.ts';
import { resolveProfile } from '../../src/oci/resolve-profile.ts';
import { type CompileRequest, compileLoaded } from '../../src/pipeline/compile-profile.ts';
import { loadProfile } from '../../src/pipeline/load-profile.ts';
import { lowerProfile } from '../../src/policy/lower-profile.ts';
import { newestTable } from '../../src/policy/newest-table.ts';
import type { Policy } from '../../src/policy/policy.ts';
import { parseRuntime } from '../../src/policy/runtimes.ts';
import { renderRuleCounts, renderShipped } from '../../tools/shipped/render-shipped.ts';
import { type ShippedPolicy, shippedPolicies } from '../../tools/shipped/shipped-policies.ts';
import { createRandom } from '../decision/random.ts';
import { fetchedLibraries } from '../oracle/libraries.ts';
import { hasAllSamples } from '../support/samples.ts';
import { wrongSamples } from './builtin/support.ts';

const root = `${import.meta.dirname}/../..`;
const policies = shippedPolicies();

async function programOf({ label, policy }: ShippedPolicy) {
  const program = await findShipped(policy, newestTable);
  if (program === undefined) throw new Error(`${label}: no program is shipped`);
  return program;
}

describe('shipped programs', () => {
  // The search takes seconds an architecture.
  it.each(hasAllSamples ? shippedArchitectures : (['riscv64', 's390x'] as const))(
    'of %s are what tools/generate-shipped.ts writes',
    (arch) => {
      const files = [...renderShipped([arch])];
      expect(files.length).toBeGreaterThan(0);
      for (const [name, text] of files) {
        const written = readFileSync(join(root, 'src/compile/shipped', name), 'utf8');
        expect(written === text, `${name} is what the generator writes`).toBe(true);
      }
    },
  );

  it('are found by as many rules as tools/generate-shipped.ts counts', () => {
    const [name, text] = renderRuleCounts();
    expect(readFileSync(join(root, 'src/compile/shipped', name), 'utf8')).toBe(text);
  });

  it('are for both built-in profiles, runtimes with a stub and without, and five architectures', () => {
    const labels = policies.map(({ label }) => label);
    for (const profile of Object.keys(builtinProfiles)) {
      for (const arch of ['x86_64', 'aarch64', 'ppc64le', 'riscv64', 's390x']) {
        expect(labels.some((label) => label.startsWith(`${profile} for runc on ${arch}`))).toBe(true);
      }
    }
    expect(policies.length).toBeGreaterThan(40);
  });

  it.each(policies)('mean what the profile says, for every call: $label', async (each) => {
    const { policy, expanded, arch } = each;
    const program = await programOf(each);
    const { endian } = architectures[arch];
    expect(findProgramProblems(program)).toEqual([]);
    const proof = proveProgram({ policy, table: newestTable, program, endian });
    expect(proof).toEqual({ equal: true, counterexample: undefined, conflicts: [], compared: 'now' });
    const space = createSpace();
    const meant = decidePolicy(space, policy, expanded);
    expect(wrongSamples({ space, meant, program, endian }, createRandom(3), 300)).toEqual([]);
  });

  const library = fetchedLibraries().find(({ version }) => `libseccomp ${version}` === newestTable.name);
  it.skipIf(library === undefined)(
    `mean what libseccomp makes of the same policies${library === undefined ? ` [skipped, needs ${newestTable.name}: npm run fetch]` : ''}`,
    async () => {
      for (const each of policies) {
        const { policy, arch, label } = each;
        const { endian } = architectures[arch];
        const theirs = await compilePolicy(policy, { table: newestTable, library: library?.path ?? '' });
        const space = createSpace();
        const own = decideProgram(space, await programOf(each), endian);
        expect(own === decideProgram(space, theirs.program, endian), label).toBe(true);
      }
    },
  );
});

/** A policy with one thing changed. */
type Change = (policy: Policy) => Policy;

const changeRule = (
  policy: Policy,
  at: (rule: Policy['rules'][number]) => boolean,
  change: (rule: Policy['rules'][number]) => Policy['rules'][number],
): Policy => {
  const index = policy.rules.findIndex(at);
  if (index < 0) throw new Error('there is no such rule');
  return { ...policy, rules: policy.rules.map((rule, i) => (i === index ? change(rule) : rule)) };
};

const [x86, ...others] = ['x86_64', 'x86', 'x32'] as const;
const changes: readonly (readonly [string, Change])[] = [
  ['the default action', (policy) => ({ ...policy, defaultAction: policy.defaultAction + 1 })],
  ['the action of foreign architectures', (policy) => ({ ...policy, badArchAction: 0x8000_0000 })],
  ['an architecture less', (policy) => ({ ...policy, architectures: [x86, others[0]] })],
  ['architectures in another order', (policy) => ({ ...policy, architectures: [x86, others[1], others[0]] })],
  ['a rule less', (policy) => ({ ...policy, rules: policy.rules.slice(1) })],
  ['a rule more', (policy) => ({ ...policy, rules: [...policy.rules, ...policy.rules.slice(0, 1)] })],
  ['a stub for fewer architectures', (policy) => ({ ...policy, enosysStub: policy.enosysStub?.slice(1) })],
  [
    'another limit of the stub',
    (policy) => ({
      ...policy,
      enosysStub: policy.enosysStub?.map((section) => ({
        ...section,
        limits: section.limits.map((limit) => ({ ...limit, maxNr: limit.maxNr + 1 })),
      })),
    }),
  ],
  [
    'the number of a call',
    (policy) =>
      changeRule(
        policy,
        ({ nr }) => nr >= 0,
        (rule) => ({ ...rule, nr: rule.nr + 1 }),
      ),
  ],
  [
    'the name of a call, with the number of the old one',
    (policy) =>
      changeRule(
        policy,
        ({ syscall }) => syscall === 'read',
        (rule) => ({ ...rule, syscall: 'write' }),
      ),
  ],
  [
    'the answer of a rule',
    (policy) =>
      changeRule(
        policy,
        () => true,
        (rule) => ({ ...rule, returnWord: 0 }),
      ),
  ],
  ...(
    [
      ['an operator', { op: 'ge' }],
      ['an argument', { index: 5 }],
      ['a value', { value: 12_345n }],
      ['a second value', { valueTwo: 12_345n }],
    ] as const
  ).map(([label, changed]): [string, Change] => [
    `${label} of a comparison`,
    (policy) =>
      changeRule(
        policy,
        ({ comparisons }) => comparisons.length > 0,
        (rule) => ({ ...rule, comparisons: rule.comparisons.map((each) => ({ ...each, ...changed })) }),
      ),
  ]),
];

/** Rules with the same text, whose names hold what other rules say. */
const names: readonly (readonly [string, (rules: Policy['rules']) => Policy['rules']])[] = [
  [
    'a comparison',
    (rules) => {
      const at = rules.findIndex(({ comparisons: { length } }) => length === 1);
      return rules.map((rule, i) => {
        const [comparison] = rule.comparisons;
        if (i !== at || comparison === undefined) return rule;
        const { index, op, value, valueTwo } = comparison;
        const syscall = `${rule.syscall} ${rule.nr},${index} ${op} ${value}`;
        return { ...rule, syscall, nr: Number(valueTwo), comparisons: [] };
      });
    },
  ],
  [
    'an answer',
    (rules) => {
      const answer = (i: number) => rules[i]?.returnWord ?? 0;
      const at = rules.findIndex((_, i) => i % 48 > 0 && answer(i) !== answer(i - 1));
      const last = at - (at % 48) + 47;
      return rules.map((rule, i) => {
        if (i < at || i > last) return rule;
        const syscall = answer(i) === answer(i - 1) ? rule.syscall : `${rule.returnWord}: ${rule.syscall}`;
        return { ...rule, syscall, returnWord: answer(at - 1) };
      });
    },
  ],
];

describe('a policy finds a shipped program', () => {
  const host = {
    arch: 'x86_64',
    kernel: { kernel: 6, major: 1 },
    capabilities: capabilitySets.docker,
  } as const;
  const { seccomp } = resolveProfile(builtinProfiles['docker-default'](), host);
  const lower = (runtime: string): Policy =>
    lowerProfile(seccomp ?? { defaultAction: 'SCMP_ACT_ALLOW' }, {
      ...{ runtime, arch: host.arch, kernel: host.kernel, table: newestTable },
    }).policy;
  const find = (policy: Policy) => findShipped(policy, newestTable);

  it('if it means the same, whoever installs it', async () => {
    const [runc, crun, plain] = await Promise.all(['runc', 'crun', 'plain'].map(lower).map(find));
    expect(runc?.length).toBeGreaterThan(100);
    expect(crun?.length).toBeGreaterThan(100);
    expect(plain).toEqual(crun);
    expect(await find({ ...lower('runc'), flags: ['SECCOMP_FILTER_FLAG_LOG'] })).toEqual(runc);
  });

  it('if it lists x86_64 alone', async () => {
    for (const runtime of ['runc', 'crun']) {
      const { policy } = lowerProfile(
        { ...seccomp, defaultAction: 'SCMP_ACT_ERRNO', architectures: ['SCMP_ARCH_X86_64'] },
        { runtime, arch: host.arch, kernel: host.kernel, table: newestTable },
      );
      expect((await find(policy))?.length).toBeLessThanOrEqual(60);
    }
  });

  it.each(changes)('not if anything else is said: %s', async (_, change) => {
    expect(await find(lower('runc'))).toBeDefined();
    expect(await find(change(lower('runc')))).toBeUndefined();
  });

  it.each(names)('not if the name of a call is written like other rules: %s', async (_, change) => {
    const policy = lower('crun');
    const crafted = { ...policy, rules: change(policy.rules) };
    // Nothing else tells the two apart.
    expect(headText(crafted) + pieces(crafted.rules).join('')).toBe(
      headText(policy) + pieces(policy.rules).join(''),
    );
    const { program, proof, endian } = await compilePolicy(crafted, {
      backend: 'builtin',
      table: newestTable,
    });
    expect(proof).toMatchObject({ equal: true, compared: 'now' });
    expect(proveProgram({ policy, table: newestTable, program, endian }).equal).toBe(false);
  });

  it('if another table has the same numbers for its names', async () => {
    const other = { ...newestTable, name: 'another table' };
    expect(await findShipped(lower('runc'), other)).toEqual(await find(lower('runc')));
  });

  it('not if the table has other numbers for its names', async () => {
    const policy = lower('runc');
    const without = (name: string) => ({
      name: 'an older table',
      resolve: (...[call, arch]: Parameters<typeof newestTable.resolve>) =>
        call === name && arch !== 'x86_64' ? undefined : newestTable.resolve(call, arch),
    });
    expect(await findShipped(policy, without('read'))).toBeUndefined();
  });
});

describe('a compiled built-in profile', () => {
  const host: Host = {
    arch: 'x86_64',
    kernel: { kernel: 6, major: 1 },
    capabilities: capabilitySets.docker,
  };
  const claimOf = async (options: Partial<CompileRequest>) => {
    const input = await loadProfile('docker-default', undefined, () => [], {});
    const request = { ...{ host, runtime: parseRuntime('runc'), engine: undefined }, ...options };
    return (await compileLoaded(input, { backend: 'builtin', ...request })).claim;
  };

  it('says that its program was proven when the release was made', async () => {
    const claim = await claimOf({});
    expect(claim).toMatchObject({ result: 'equal', compared: 'release', compiler: 'oci-seccomp' });
    expect(formatClaim(claim)).toBe(
      'proven when this release was made: for every call the program does what the profile says',
    );
    expect(claimJson(claim)).toMatchObject({ compared: 'release' });
  });

  it('is proven now where the program is made now', async () => {
    expect(await claimOf({ callCounts: new Map([['read', 1]]) })).toMatchObject({ compared: 'now' });
    expect(await claimOf({ host: { ...host, arch: 'mips64' } })).toMatchObject({ compared: 'now' });
  });
});
