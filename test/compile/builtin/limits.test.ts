/** Programs about as long as a kernel takes, and programs for many architectures, whose jumps are long. */
import { describe, expect, it } from 'vitest';
import { actions, returnWord } from '../../../src/abi/actions.ts';
import { allArchitectures } from '../../../src/abi/architectures.ts';
import { capabilitySets } from '../../../src/abi/capabilities.ts';
import type { Comparison } from '../../../src/abi/operators.ts';
import { directSyscallNumber } from '../../../src/abi/syscall-numbers.ts';
import { BPF_MAXINSNS } from '../../../src/bpf/longest-program.ts';
import { BPF_ST } from '../../../src/bpf/program.ts';
import { compilePolicy } from '../../../src/compile/compile-policy.ts';
import { builtinProfiles } from '../../../src/oci/builtin/index.ts';
import { resolveProfile } from '../../../src/oci/resolve-profile.ts';
import { expandPolicy } from '../../../src/policy/expand-policy.ts';
import { lowerProfile } from '../../../src/policy/lower-profile.ts';
import { newestTable } from '../../../src/policy/newest-table.ts';
import type { Policy, PolicyRule } from '../../../src/policy/policy.ts';
import { parseRuntime } from '../../../src/policy/runtimes.ts';
import { createRandom } from '../../decision/random.ts';
import { isThorough, samples } from '../../support/samples.ts';
import {
  boundsOf,
  type ComparisonsOf,
  compare,
  crowdedCalls,
  crowdedInKernel,
  policyWith,
  rulesOf,
  twoRangesOf,
} from './many-rules.ts';
import { longPolicy } from './random-policies.ts';
import { buildProgram, faultOf, wrongByTheWords } from './support.ts';

const names = 'ioctl fcntl prctl personality clone mmap mprotect madvise socket setsockopt bpf kill'.split(
  ' ',
);

/** Values without a pattern, of an argument of each of some calls, with two errors in turn: a test for each. */
function withValues(count: number): Policy {
  const random = createRandom(255);
  const rules = Array.from({ length: count }, (_, n): PolicyRule => {
    const syscall = names[n % names.length] ?? '';
    const value = BigInt(random.word());
    return {
      ...{ syscall, nr: directSyscallNumber(syscall, 'x86_64') ?? -1, origin: n },
      comparisons: [{ index: 1, op: 'eq', value, valueTwo: 0n }],
      returnWord: returnWord('errno', 1 + (Math.floor(n / names.length) % 2)),
    };
  });
  return policyWith(rules).policy;
}

const table = newestTable;

function build(count: number) {
  const policy = withValues(count);
  const work = { policy, expanded: expandPolicy(policy, table) };
  return { work, made: buildProgram(work) };
}

describe('programs about as long as a kernel takes', () => {
  // In so long a chain of tests each more is one instruction more.
  const FEW = 3900;
  const base = build(FEW).made.program.length;

  it.runIf(isThorough)('of exactly as many instructions are right', () => {
    const { work, made } = build(FEW + BPF_MAXINSNS - base);
    expect(made.program).toHaveLength(BPF_MAXINSNS);
    expect(faultOf(work, made)).toBeUndefined();
  });

  // 4,646 with chains of at most eight tests.
  it('are made with longer chains where only these fit', () => {
    const random = createRandom(9);
    const rules = rulesOf(4060, () => [compare(0, 'eq', random.word())]).map((rule, n) => ({
      ...rule,
      returnWord: returnWord('errno', 1 + (n % 2)),
    }));
    const work = policyWith(rules);
    const made = buildProgram(work);
    expect(made.program.length).toBeLessThanOrEqual(BPF_MAXINSNS);
    expect(faultOf(work, made)).toBeUndefined();
  });

  it('of one more are refused', async () => {
    const policy = withValues(FEW + BPF_MAXINSNS + 1 - base);
    await expect(compilePolicy(policy, { backend: 'builtin', table })).rejects.toMatchObject({
      code: 'ERR_BPF_INVALID',
      details: { instructions: BPF_MAXINSNS + 1, limit: BPF_MAXINSNS },
    });
  });
});

/** Instructions beside those for the rules: the architecture, the number, upper halves, jumps that are far, returns. */
const AROUND_RULES = 24;

/** Comparisons of each rule, and how many instructions it takes if what all rules ask is asked once. */
const repeated: Readonly<Record<string, readonly [number, ComparisonsOf]>> = {
  // The first argument; a load and a test of the lower half of the second one.
  'a lower bound of its own': [3, (n) => [compare(0, 'eq', n), compare(1, 'ge', n)]],
  'a number that is not allowed': [3, (n) => [compare(0, 'eq', n), compare(1, 'ne', n)]],
  'one lower bound and a number of its own': [
    3,
    (n) => [compare(0, 'eq', n), compare(1, 'ge', 5), compare(2, 'eq', n)],
  ],
  'a mask and a number of its own': [
    3,
    (n) => [compare(0, 'eq', n), compare(1, 'maskedEq', 0xf00, 0x100), compare(2, 'eq', n)],
  ],
  // The second argument is asked first, and tells apart whose first argument is compared with what.
  'one of twelve bounds before it': [1, (n) => [compare(0, 'ge', n % 12), compare(1, 'eq', n)]],
};

describe('what many rules of a call ask is asked once', () => {
  it.each(Object.entries(repeated))('%s', (_, [each, comparisonsOf]) => {
    const COUNT = 120;
    const work = policyWith(rulesOf(COUNT, comparisonsOf));
    const made = buildProgram(work);
    expect(faultOf(work, made)).toBeUndefined();
    expect(made.program.length).toBeLessThan(each * COUNT + AROUND_RULES);
  });
});

/** Rules whose best order of words is found after 1.25 million steps of search. */
const manyOrders = `
  1 ge 4, 3 le 241598428, 4 ne 8589934761
  5 ge 698, 1 gt 3, 2 maskedEq 4080 485, 3 le 436551216, 4 ne 8589935280
  5 le 374, 2 maskedEq 4080 987, 3 le 800030479, 4 ne 8589935253
  5 le 281, 1 le 7, 2 maskedEq 4080 521, 3 le 953211801, 4 ne 8589935079
  5 maskedEq 4080 904, 1 lt 2, 2 maskedEq 4080 556, 3 le 597749747, 4 ne 8589934708
  5 ge 103, 1 ne 2, 2 maskedEq 4080 694, 3 le 251757176, 4 ne 8589934862
  5 ne 415, 1 gt 5, 2 maskedEq 4080 785, 3 le 978104416, 4 ne 8589935247
  5 maskedEq 4080 396, 1 le 8, 2 maskedEq 4080 779, 3 le 927828395, 4 ne 8589935112
  5 maskedEq 4080 318, 1 eq 7, 3 le 489875074, 4 ne 8589935406
  1 eq 6, 2 maskedEq 4080 639, 3 le 594086128, 4 ne 8589934920
  5 eq 738, 2 maskedEq 4080 238, 3 le 327690779, 4 ne 8589934671
  5 ne 100, 1 eq 9, 2 maskedEq 4080 631, 3 le 502966984, 4 ne 8589934979
  1 maskedEq 2147483648 4, 2 maskedEq 4080 790, 3 le 106705963, 4 ne 8589935473`;

describe('a short program', () => {
  // A bound of one million steps had left it at 334 instructions.
  it('is searched for to the end', () => {
    const lines = manyOrders.trim().split('\n');
    const rules = rulesOf(lines.length, (n) => [
      compare(0, 'eq', 0xffff_ff00 + 0x5_5555 * n),
      ...(lines[n]?.trim().split(', ') ?? []).map((text) => {
        const [index, op, value, valueTwo] = text.split(' ');
        return compare(Number(index), op as Comparison['op'], Number(value), Number(valueTwo ?? 0));
      }),
    ]);
    const policy: Policy = { ...withValues(0), architectures: ['x86_64', 'x86'], rules };
    const work = { policy, expanded: expandPolicy(policy, table) };
    const made = buildProgram(work);
    expect(faultOf(work, made)).toBeUndefined();
    expect(made.program.length).toBeLessThanOrEqual(325);
  });
});

describe('a long program asks bounds of several arguments once', () => {
  const rows: Readonly<Record<string, readonly [number, ComparisonsOf]>> = {
    // The first argument; a load and a test of each other one. Without scratch memory it is 8 and 10 instructions a rule.
    'two bounds': [5, (n) => boundsOf(n).slice(0, 3)],
    'three bounds': [7, boundsOf],
    // No lower half stands for the upper ones of the second argument.
    'bounds with another upper half': [5, (n) => [...boundsOf(n).slice(0, 2), compare(2, 'le', 2 ** 33 + n)]],
    'a rule that has all bits of a lower half': [
      10,
      (n) => (n === 0 ? [compare(0, 'eq', 0), compare(1, 'eq', 0xffff_ffff)] : boundsOf(n)),
    ],
  };

  it.each(Object.entries(rows))('%s', (_, [each, comparisonsOf]) => {
    const COUNT = 160;
    const work = policyWith(rulesOf(COUNT, comparisonsOf));
    const made = buildProgram(work);
    expect(faultOf(work, made)).toBeUndefined();
    expect(wrongByTheWords(work, made, createRandom(each), 50)).toEqual([]);
    expect(made.program.length).toBeLessThan(each * COUNT + 2 * AROUND_RULES);
  });

  // The kernel's rows say all of this too, and each takes seconds to make.
  const crowded = Object.entries(crowdedCalls).filter(
    ([name]) => !(isThorough && crowdedInKernel.includes(name)),
  );
  it.each(crowded)('%s', (_, [count, comparisonsOf]) => {
    const work = policyWith(rulesOf(count, comparisonsOf));
    const made = buildProgram(work);
    expect(made.program.length).toBeLessThanOrEqual(BPF_MAXINSNS);
    expect(faultOf(work, made)).toBeUndefined();
    expect(wrongByTheWords(work, made, createRandom(count), 200)).toEqual([]);
  });

  it.each(['plain', 'runsc'])('has room for rules in turn that conflict, as %s takes them', (runtime) => {
    const words = [
      returnWord('errno', 1),
      returnWord('errno', 2),
      actions.killProcess.word,
      actions.log.word,
    ];
    const rules = rulesOf(510, (n) => [
      ...[compare(0, 'ge', 10 * n), compare(0, 'le', 10 * n + 15)],
      ...[compare(1, 'ge', 50 * n), compare(1, 'le', 50 * n + 99)],
    ]).map((rule, n) => ({ ...rule, returnWord: words[(7 * n) % words.length] ?? 0 }));
    const { policy } = policyWith(rules);
    const own = { ...policy, runtime: parseRuntime(runtime) };
    const work = { policy: own, expanded: expandPolicy(own, table) };
    const made = buildProgram(work);
    expect(made.program.length).toBeLessThanOrEqual(BPF_MAXINSNS);
    expect(faultOf(work, made)).toBeUndefined();
    expect(wrongByTheWords(work, made, createRandom(3), 400)).toEqual([]);
  });

  // Without that, 4,166 instructions.
  it('asks rules in turn only of a call whose diagram is longer', () => {
    const random = createRandom(5);
    const values = rulesOf(1600, () => [compare(1, 'eq', random.word())], 'ioctl');
    const work = policyWith([...rulesOf(280, twoRangesOf), ...values]);
    const made = buildProgram(work);
    expect(made.program.length).toBeLessThanOrEqual(BPF_MAXINSNS);
    expect(faultOf(work, made)).toBeUndefined();
    expect(wrongByTheWords(work, made, createRandom(4), 200)).toEqual([]);
  });

  it('in random policies', () => {
    let folded = 0;
    for (let index = 0; index < samples(8); index++) {
      const work = longPolicy(7, index);
      const made = buildProgram(work);
      expect(faultOf(work, made), `policy ${index}`).toBeUndefined();
      expect(wrongByTheWords(work, made, createRandom(index), 20), `policy ${index}`).toEqual([]);
      folded += Number(made.program.some(({ code }) => code === BPF_ST));
    }
    expect(folded).toBeGreaterThan(0);
  });

  // 1186 instructions where the steps of the search for orders went to a fold that has nothing to fold.
  it('folds nothing where no upper half is asked', () => {
    const random = createRandom(1);
    const rules = rulesOf(34, (n) => {
      const others = [
        compare(1, 'le', random.below(10)),
        compare(2, 'gt', random.below(2 ** 30)),
        compare(5, 'eq', random.below(1000)),
      ];
      return [compare(4, 'eq', n), ...others.filter(() => random.below(4) > 0)];
    }).map((rule) => ({ ...rule, nr: directSyscallNumber('keyctl', 'x86') ?? -1 }));
    const policy: Policy = { ...withValues(0), architectures: ['x86'], rules };
    const work = { policy, expanded: expandPolicy(policy, table) };
    const made = buildProgram(work);
    expect(faultOf(work, made)).toBeUndefined();
    expect(made.program.length).toBeLessThanOrEqual(1111);
  });

  // 3.3 million steps where each order of words was searched for, and nothing to be saved.
  it('takes few steps where nothing is asked twice', () => {
    const rules = rulesOf(300, (n) => [0, 1, 2].map((at) => compare(at, at === 0 ? 'eq' : 'le', n)));
    const { space, program } = buildProgram(policyWith(rules));
    expect(program.length).toBeLessThan(5 * 300 + 3 * AROUND_RULES);
    expect(space.work.steps).toBeLessThan(2_700_000);
  });
});

describe('on many architectures at once', () => {
  it.each(['little', 'big'] as const)('all %s-endian ones', (endian) => {
    const own = allArchitectures.filter((row) => row.endian === endian);
    const arch = endian === 'little' ? 'x86_64' : 's390x';
    for (const name of ['docker-default', 'podman-default'] as const) {
      const host = { arch, kernel: { kernel: 6, major: 1 }, capabilities: capabilitySets.docker } as const;
      const { seccomp } = resolveProfile(builtinProfiles[name](), host);
      if (seccomp === undefined) throw new Error('the profile turns seccomp off');
      const listed = { ...seccomp, architectures: own.map(({ ociArch }) => ociArch) };
      const { policy } = lowerProfile(listed, { runtime: 'crun', arch, table: newestTable });
      const work = { policy, expanded: expandPolicy(policy, newestTable) };
      const made = buildProgram(work);
      expect(faultOf(work, made)).toBeUndefined();
      expect(wrongByTheWords(work, made, createRandom(9), 500)).toEqual([]);
      expect(made.program.length).toBeGreaterThan(300);
    }
  });
});
