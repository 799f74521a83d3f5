/**
 * Programs that were kept: what is found is used only if it means the policy, whoever put it there. Asked of an interpreter
 * and of a second reading of the rules, which take no part in the proof.
 */
import { describe, expect, it } from 'vitest';
import { architectures } from '../../src/abi/architectures.ts';
import { encodeProgram, type Program } from '../../src/bpf/program.ts';
import { type CompileOptions, compilePolicy } from '../../src/compile/compile-policy.ts';
import { type ProgramInputs, type ProgramStore, programKey } from '../../src/compile/kept-program.ts';
import { proveProgram } from '../../src/compile/prove.ts';
import { openLibrary } from '../../src/libseccomp/library.ts';
import { librarySyscallTable } from '../../src/libseccomp/syscall.ts';
import { expandPolicy } from '../../src/policy/expand-policy.ts';
import { lowerProfile } from '../../src/policy/lower-profile.ts';
import { newestTable } from '../../src/policy/newest-table.ts';
import type { Policy, PolicyRule } from '../../src/policy/policy.ts';
import { parseRuntime } from '../../src/policy/runtimes.ts';
import { createRandom } from '../decision/random.ts';
import { samples } from '../support/samples.ts';
import { randomPolicy } from './builtin/random-policies.ts';
import { buildProgram, wrongByTheWords } from './builtin/support.ts';

interface Seen {
  readonly kept: Map<string, Uint8Array>;
  readonly passed: string[];
  found: number;
}

/** A store in memory. @param lie - returned in place of what was kept */
function memory(lie?: Uint8Array): { readonly store: ProgramStore; readonly seen: Seen } {
  const seen: Seen = { kept: new Map(), passed: [], found: 0 };
  const store: ProgramStore = {
    find: (key) => {
      const bytes = lie ?? seen.kept.get(key);
      if (bytes !== undefined) seen.found++;
      return bytes;
    },
    passOver: (_, why) => void seen.passed.push(why),
    keep: (key, program) => void seen.kept.set(key, program),
  };
  return { store, seen };
}

const builtin = { backend: 'builtin', table: newestTable } as const satisfies CompileOptions;

/** What a filter for web servers may look like: an argument that is compared, three architectures, runc's stub. */
const policy = lowerProfile(
  {
    defaultAction: 'SCMP_ACT_ERRNO',
    architectures: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86', 'SCMP_ARCH_X32'],
    syscalls: [
      { names: ['read', 'write', 'openat', 'exit_group'], action: 'SCMP_ACT_ALLOW' },
      {
        names: ['personality'],
        action: 'SCMP_ACT_LOG',
        args: [{ index: 0, value: 0x1_0000_0008n, op: 'SCMP_CMP_GE' }],
      },
    ],
  },
  { runtime: 'runc', arch: 'x86_64', table: newestTable },
).policy;

const ALLOW = 0x7fff0000;
const EPERM = 0x00050001;
const bytesOf = ({ program }: { readonly program: Program }): Uint8Array => encodeProgram(program, 'little');

describe('a kept program', () => {
  it('is the one that was built, with a proof of its own', async () => {
    const outcomes = { used: 0, conflicts: 0 };
    for (let i = 0; i < samples(120); i++) {
      const { policy: each } = randomPolicy(1_207, i);
      const built = await compilePolicy(each, builtin);
      const { store, seen } = memory();
      const first = await compilePolicy(each, { ...builtin, store });
      const second = await compilePolicy(each, { ...builtin, store });
      expect(first).toEqual(built);
      expect(second).toEqual(built);
      expect(seen.passed).toEqual([]);
      const conflicts = 'conflicts' in built.proof ? built.proof.conflicts.length : 0;
      expect([seen.kept.size, seen.found]).toEqual(conflicts > 0 ? [0, 0] : [1, 1]);
      outcomes[conflicts > 0 ? 'conflicts' : 'used']++;
    }
    expect(Math.min(outcomes.used, outcomes.conflicts)).toBeGreaterThan(0);
  });

  it('that is changed in any byte is not used, unless it still means the policy', async () => {
    const expanded = expandPolicy(policy, newestTable);
    const built = await compilePolicy(policy, builtin);
    const bytes = bytesOf(built);
    const random = createRandom(12);
    const { endian } = built;
    let harmless = 0;
    for (let at = 0; at < bytes.length; at++) {
      const lie = Uint8Array.from(bytes);
      lie[at] = (lie[at] ?? 0) ^ (1 << random.below(8));
      const { store, seen } = memory(lie);
      const made = await compilePolicy(policy, { ...builtin, store });
      if (seen.passed.length === 1) {
        expect(bytesOf(made)).toEqual(bytes);
        expect([...seen.kept.values()]).toEqual([bytes]);
        continue;
      }
      // A byte that no call depends on.
      harmless++;
      expect(bytesOf(made)).toEqual(lie);
      const work = { ...buildProgram({ policy, expanded }), program: made.program, endian };
      expect(wrongByTheWords({ policy, expanded }, work, random, 400)).toEqual([]);
    }
    expect(bytes.length).toBeGreaterThan(200);
    // Offsets of jumps that a RET or LD does not have, in most.
    expect(harmless).toBeLessThan(bytes.length / 2);
  });

  const DIFFERENT = 'it does not do what the profile says';
  const REFUSED = 'it is not a program that the kernel accepts';
  const FOREIGN = 'it returns what no rule of the profile says';
  const reasons: Readonly<Record<string, string>> = {
    'right, with an instruction that no path reaches and the kernel refuses': REFUSED,
    'kills all': FOREIGN,
    empty: REFUSED,
    'half an instruction': expect.stringMatching(/^it cannot be used: .*whole number/) as string,
    'without its end': REFUSED,
    'too long': REFUSED,
    'a jump out of it': REFUSED,
    'in the other byte order': REFUSED,
    noise: REFUSED,
  };

  it('of another meaning, or of none, is not used', async () => {
    const built = await compilePolicy(policy, builtin);
    const word = (code: number, k: number, jt = 0, jf = 0): Program => [{ code, jt, jf, k }];
    const ret = (k: number): Program => word(0x06, k);
    const jump = word(0x05, 1);
    const lies: Readonly<Record<string, Uint8Array>> = {
      'right, with an instruction that no path reaches and the kernel refuses': bytesOf({
        program: [...jump, ...word(0xff, 0), ...built.program],
      }),
      'allows all': bytesOf({ program: ret(0x7fff0000) }),
      'kills all': bytesOf({ program: ret(0x80000000) }),
      empty: new Uint8Array(0),
      'half an instruction': bytesOf(built).subarray(0, -4),
      'without its end': bytesOf(built).subarray(0, -8),
      'too long': bytesOf({ program: Array.from({ length: 4097 }, () => ret(0)).flat() }),
      'a jump out of it': bytesOf({ program: [...word(0x05, 0xffffffff), ...ret(0)] }),
      'arithmetic that nobody follows': bytesOf({
        program: [
          ...word(0x20, 16),
          ...word(0x24, 0x9e3779b1),
          ...word(0x15, 7, 0, 1),
          ...ret(0x7fff0000),
          ...ret(0),
        ],
      }),
      'in the other byte order': encodeProgram(built.program, 'big'),
      'one call more': bytesOf(
        await compilePolicy(
          { ...policy, rules: [...policy.rules, ruleOf('ptrace', 101, 0x7fff0000)] },
          builtin,
        ),
      ),
      'one call less': bytesOf(await compilePolicy({ ...policy, rules: policy.rules.slice(1) }, builtin)),
      'without the stub': bytesOf(await compilePolicy({ ...policy, enosysStub: undefined }, builtin)),
      noise: Uint8Array.from({ length: 800 }, (_, i) => (i * 2654435761) >>> 13),
    };
    for (const [name, lie] of Object.entries(lies)) {
      const { store, seen } = memory(lie);
      const made = await compilePolicy(policy, { ...builtin, store });
      expect(made, name).toEqual(built);
      expect(seen.passed, name).toEqual([reasons[name] ?? DIFFERENT]);
      expect([...seen.kept.values()], name).toEqual([bytesOf(built)]);
    }
  });

  it.each([
    [
      'an unknown action for KILL_PROCESS, which ranks behind ERRNO beside another filter',
      0x80000000,
      0x00070000,
    ],
    ['data that the kernel ignores', 0x80000000, 0x80000001],
    ['ALLOW that the kernel does not cache', ALLOW, ALLOW + 1],
    ['KILL_THREAD with data', 0, 5],
  ])('is not used with %s, though it is equal alone', async (_, from, to) => {
    const killing = { ...policy, enosysStub: undefined, defaultAction: 0x80000000 };
    const built = await compilePolicy(killing, builtin);
    const program = built.program.map((each) =>
      each.code === 6 && each.k === from ? { ...each, k: to } : each,
    );
    expect(program).not.toEqual(built.program);
    expect(proveProgram({ policy: killing, table: newestTable, program, endian: 'little' }).equal).toBe(true);
    const { store, seen } = memory(bytesOf({ program }));
    expect(await compilePolicy(killing, { ...builtin, store })).toEqual(built);
    expect(seen.passed).toEqual(['it returns what no rule of the profile says']);
  });

  it('is not used where rules contradict each other: a proof accepts either side', async () => {
    const rules = (allowedFrom: bigint, deniedTo: bigint): PolicyRule[] => [
      { ...ruleOf('getppid', 110, ALLOW), comparisons: [comparison('ge', allowedFrom)] },
      { ...ruleOf('getppid', 110, EPERM), comparisons: [comparison('le', deniedTo)] },
    ];
    const own = { ...policy, enosysStub: undefined, architectures: ['x86_64'] } as const;
    const torn: Policy = { ...own, rules: rules(1n, 5n) };
    const built = await compilePolicy(torn, builtin);
    for (const side of [rules(1n, 0n), rules(6n, 5n)]) {
      const { program } = await compilePolicy({ ...own, rules: side }, builtin);
      expect(proveProgram({ policy: torn, table: newestTable, program, endian: 'little' }).equal).toBe(true);
      const { store, seen } = memory(bytesOf({ program }));
      expect(await compilePolicy(torn, { ...builtin, store })).toEqual(built);
      expect(seen.passed).toEqual([expect.stringContaining('contradict')]);
      expect(seen.kept.size).toBe(0);
    }
  });
});

const comparison = (op: 'ge' | 'le', value: bigint) => ({ index: 0, op, value, valueTwo: 0n }) as const;
const ruleOf = (syscall: string, nr: number, returnWord: number): PolicyRule => {
  return { syscall, nr, comparisons: [], returnWord, origin: 0 };
};

describe('a store', () => {
  it('is not asked for programs of libseccomp: what it makes of the rules is the question', async () => {
    const table = librarySyscallTable(openLibrary());
    const own = { ...policy, rules: policy.rules.slice(0, 2) };
    const built = await compilePolicy(own, { table });
    const { store, seen } = memory(bytesOf(built));
    expect(await compilePolicy(own, { table, store })).toEqual(built);
    expect([seen.found, seen.kept.size]).toEqual([0, 0]);
  });
});

describe('the key of a program', () => {
  const inputs: ProgramInputs = {
    policy,
    expanded: expandPolicy(policy, newestTable),
    callCounts: undefined,
  };
  const [rule, ...others] = policy.rules;
  if (rule === undefined) throw new Error('the policy has no rule');

  // The compiler asks for a row of each member that is added.
  const policies: Readonly<Record<keyof Policy, Policy>> = {
    runtime: { ...policy, runtime: parseRuntime('crun') },
    architectures: { ...policy, architectures: ['x86_64', 'x32', 'x86'] },
    defaultAction: { ...policy, defaultAction: 0x00050002 },
    badArchAction: { ...policy, badArchAction: 0x80000000 },
    optimize: { ...policy, optimize: 2 },
    rules: { ...policy, rules: [...others, rule] },
    enosysStub: { ...policy, enosysStub: undefined },
    flags: { ...policy, flags: ['SECCOMP_FILTER_FLAG_LOG'] },
  };
  const rules: Readonly<Record<keyof PolicyRule, PolicyRule>> = {
    syscall: { ...rule, syscall: 'pread64' },
    nr: { ...rule, nr: 17 },
    comparisons: { ...rule, comparisons: [{ index: 0, op: 'eq', value: 1n, valueTwo: 0n }] },
    returnWord: { ...rule, returnWord: 0x7ffc0000 },
    origin: { ...rule, origin: 9 },
  };
  const others2: Readonly<Record<Exclude<keyof ProgramInputs, 'policy'>, ProgramInputs>> = {
    expanded: { ...inputs, expanded: expandPolicy({ ...policy, rules: others }, newestTable) },
    callCounts: { ...inputs, callCounts: new Map([['read', 7]]) },
  };
  const changed = [
    ...Object.entries(policies).map(
      ([name, each]) => [`policy.${name}`, { ...inputs, policy: each }] as const,
    ),
    ...Object.entries(rules).map(
      ([name, each]) =>
        [`a rule's ${name}`, { ...inputs, policy: { ...policy, rules: [each, ...others] } }] as const,
    ),
    ...Object.entries(others2),
    ['other counts', { ...inputs, callCounts: new Map([['read', 8]]) }] as const,
  ];

  it.each(changed)('changes with %s', (_, other) => {
    expect(programKey(other)).not.toBe(programKey(inputs));
  });

  it('is another one for each of these', () => {
    expect(new Set(changed.map(([, each]) => programKey(each))).size).toBe(changed.length);
    expect(programKey(structuredClone(inputs))).toBe(programKey(inputs));
  });

  it('tells values apart that a double cannot', () => {
    const keyOf = (value: bigint): string => {
      const each = { ...rule, comparisons: [{ index: 0, op: 'eq', value, valueTwo: 0n }] } as const;
      return programKey({ ...inputs, policy: { ...policy, rules: [each] } });
    };
    expect(keyOf(2n ** 53n)).not.toBe(keyOf(2n ** 53n + 1n));
  });

  it('holds all that decides a program: options of the compilation that it lacks decide none', () => {
    const fates: Readonly<Record<keyof CompileOptions, string>> = {
      backend: 'with another one no store is asked',
      callCounts: 'in the key',
      library: 'in the key by the numbers that its table gives',
      table: 'in the key by the numbers that it gives',
      timeoutMs: 'whether there is a program, not which',
      pfc: 'with it no store is asked',
      allowUnproven: 'what is kept is proven',
      calls: 'what is kept is proven for all calls',
      work: 'whether there is a program, not which',
      onBuilt: 'told of a step',
      onDecided: 'told of the meanings',
      store: 'where it is looked for',
    };
    expect(Object.keys(fates)).toHaveLength(12);
    expect(architectures[policy.architectures[0]].endian).toBe('little');
  });
});
