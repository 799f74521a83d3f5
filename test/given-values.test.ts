/**
 * What JavaScript can hand to the stages: each member of each value, in turn, is one that its type refuses. All are refused, with the
 * place of the member; none ends in another error, and none in an answer.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { maybe, oneOf, recordOf, type Shape, text as shapeOfText } from '../src/abi/value-shape.ts';
import * as bpf from '../src/bpf/index.ts';
import * as compile from '../src/compile/index.ts';
import * as compose from '../src/compose/index.ts';
import * as decision from '../src/decision/index.ts';
import { matchRules } from '../src/decision/match-rules.ts';
import * as root from '../src/index.ts';
import * as oci from '../src/oci/index.ts';
import * as policy from '../src/policy/index.ts';

const text = JSON.stringify({
  defaultAction: 'SCMP_ACT_ERRNO',
  defaultErrnoRet: 38,
  architectures: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86'],
  flags: ['SECCOMP_FILTER_FLAG_LOG'],
  syscalls: [
    {
      names: ['read', 'socket'],
      action: 'SCMP_ACT_ALLOW',
      args: [{ index: 0, value: 3, valueTwo: 1, op: 'SCMP_CMP_MASKED_EQ' }],
    },
    {
      names: ['write'],
      action: 'SCMP_ACT_ERRNO',
      errnoRet: 5,
      comment: 'why',
      includes: { caps: ['CAP_SYS_ADMIN'], arches: ['amd64'], minKernel: '4.8' },
    },
  ],
});
const profile = oci.readProfile(text, { dialect: 'docker', name: 'p' }).profile as oci.Profile;
const host: oci.Host = {
  arch: 'x86_64',
  kernel: { kernel: 6, major: 1 },
  capabilities: ['CAP_SYS_ADMIN'],
};
const seccomp = oci.resolveProfile(profile, host).seccomp as oci.LinuxSeccomp;
const table = policy.newestTable;
const lowered = policy.lowerProfile(seccomp, { ...host, table }).policy;
const expanded = policy.expandPolicy(lowered, table);
const { program } = compile.buildProgram(lowered, expanded);
const endian = 'little';
const programs = [{ program, endian, kernel: host.kernel }] as const;
const data = { nr: 0, arch: 0xc000003e, instructionPointer: 0n, args: [1n, 2n] };
const partial: decision.PartialCall = { arch: 'x86_64', nr: 0, args: [1n] };
const filter = { program, endian, stubLength: 0, pfc: undefined } as const;
const [rule] = expanded[0]?.rules ?? [];
const [comparison] = rule?.comparisons ?? [];
const builtin = { arch: 'x86_64', kernel: '6.1', backend: 'builtin' } as const;

const space = decision.createSpace();
const node = decision.decidePrograms(space, programs);

/** A call, and what it is handed: each of these values is changed in each of its members. */
type Case = readonly [given: readonly unknown[], call: (...given: never[]) => unknown];
const of = <A extends readonly unknown[]>(call: (...given: A) => unknown, ...given: A): Case => [given, call];

const cases: Readonly<Record<string, Case>> = {
  resolveProfile: of((p: oci.Profile, h: oci.Host) => root.resolveProfile(p, h), profile, host),
  mergeBase: of(oci.mergeBase, profile, profile),
  serializeProfile: of(oci.serializeProfile, profile),
  serializeLinuxSeccomp: of(oci.serializeLinuxSeccomp, seccomp),
  serializeSeccompProfile: of((s: oci.LinuxSeccomp) => oci.serializeSeccompProfile(s, { name: 'p' }), {
    ...seccomp,
    defaultErrnoRet: 1,
  }),
  usableProfile: of(
    (read: Parameters<typeof oci.usableProfile>[0]) => oci.usableProfile(read, ['runc'], 'p'),
    { profile, problems: [] },
  ),
  intersectProfiles: of((p: readonly oci.Profile[]) => compose.intersectProfiles(p), [profile]),
  uniteProfiles: of((p: readonly oci.Profile[]) => compose.uniteProfiles(p), [profile]),
  simplifyProfile: of((p: oci.Profile) => compose.simplifyProfile(p), profile),
  compileProfile: of((p: oci.Profile) => root.compileProfile(p, builtin), profile),
  identifyBase: of((p: oci.Profile) => root.identifyBase(p), profile),
  lowerProfile: of(
    (s: oci.LinuxSeccomp, kernel: oci.KernelVersion) =>
      policy.lowerProfile(s, { arch: 'x86_64', kernel, table }),
    seccomp,
    host.kernel,
  ),
  expandPolicy: of((p: Pick<policy.Policy, 'architectures' | 'rules'>) => policy.expandPolicy(p, table), {
    architectures: lowered.architectures,
    rules: lowered.rules,
  }),
  answeredByStub: of((p: policy.Policy) => policy.answeredByStub(p, 'x86_64', 500), lowered),
  compilePolicy: of(
    (p: policy.Policy) => compile.compilePolicy(p, { backend: 'builtin', allowUnproven: true }),
    lowered,
  ),
  buildProgram: of((p: policy.Policy, e: typeof expanded) => compile.buildProgram(p, e), lowered, expanded),
  proveProgram: of(
    (p: policy.Policy) => compile.proveProgram({ policy: p, table, program, endian }),
    lowered,
  ),
  'the program of proveProgram': of(
    (p: bpf.Program) => compile.proveProgram({ policy: lowered, table, program: p, endian }),
    program,
  ),
  verifyPrograms: of(
    (p: policy.Policy, f: typeof programs) => compile.verifyPrograms({ policy: p, table, programs: f }),
    lowered,
    programs,
  ),
  tryGuesses: of(
    (f: typeof programs) => compile.tryGuesses(f, [{ labels: ['one'], policy: lowered, table }]),
    programs,
  ),
  findHazard: of(
    (r: readonly compile.HazardRule[]) => compile.findHazard(r, 1),
    lowered.rules.map(({ syscall, comparisons }) => ({ syscall, comparisons })),
  ),
  emitFilter: of((f: compile.EmittedFilter) => compile.emitFilter(f, 'bpf'), filter),
  encodeProgram: of((p: bpf.Program) => bpf.encodeProgram(p, endian), program),
  decodeInstructions: of((p: bpf.Program) => bpf.decodeInstructions(p, endian), program),
  disassemble: of((p: bpf.Program) => bpf.disassemble(p, endian), program),
  basicBlocks: of((p: bpf.Program) => bpf.basicBlocks(p, endian), program),
  controlFlowDot: of((p: bpf.Program) => bpf.controlFlowDot(p, endian, 'p'), program),
  findProgramProblems: of(bpf.findProgramProblems, program),
  prepareProgram: of((p: bpf.Program) => bpf.prepareProgram(p), program),
  decidePolicy: of(
    (p: policy.Policy, e: typeof expanded) => decision.decidePolicy(decision.createSpace(), p, e),
    lowered,
    expanded,
  ),
  decideProgram: of((p: bpf.Program) => decision.decideProgram(decision.createSpace(), p, endian), program),
  decidePrograms: of((f: typeof programs) => decision.decidePrograms(decision.createSpace(), f), programs),
  evaluate: of((d: typeof data) => decision.evaluate(space, node, d), data),
  matchRules: of(decision.matchRules, expanded, data),
  comparisonHolds: of(
    (c: NonNullable<typeof comparison>) => decision.comparisonHolds(c, data, 'x86_64'),
    comparison as NonNullable<typeof comparison>,
  ),
  answerCall: of((c: decision.PartialCall) => decision.answerCall(space, node, c), partial),
  restrictCall: of((c: decision.PartialCall) => decision.restrictCall(space, node, c), partial),
  explainCall: of(
    (p: typeof programs) => root.explainCall({ programs: p }, { syscall: 'read', arch: 'x86_64' }),
    programs,
  ),
  simulate: of((p: typeof programs, d: typeof data) => root.simulate({ programs: p }, d), programs, data),
};

const { proxy: revoked, revoke } = Proxy.revocable({}, {});
revoke();

const holes: readonly unknown[] = Array(2);

/** No type in these values takes one of them. */
const wrong: readonly unknown[] = [
  null,
  Number.NaN,
  1.5,
  2 ** 53,
  -(2 ** 40),
  -1n,
  1n << 64n,
  Symbol('x'),
  () => 1,
  holes,
  Object.create({ names: ['read'], index: 0 }),
  new Map(),
  revoked,
];

type Path = readonly (string | number)[];
const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value);

/** Every member, of lists the first two. What another stage keeps to itself is one member: it is compared as a whole. */
function pathsOf(value: unknown, path: Path = []): readonly Path[] {
  if (typeof value !== 'object' || value === null || path.at(-1) === 'runtime') return [path];
  const keys = isList(value) ? [...value.keys()].slice(0, 2) : Object.keys(value);
  return [path, ...keys.flatMap((key) => pathsOf(value[key as never], [...path, key]))];
}

function changed(value: unknown, [key, ...rest]: Path, to: unknown): unknown {
  if (key === undefined) return to;
  const next = changed(Object(value)[key], rest, to);
  return isList(value)
    ? value.map((each, at) => (at === key ? next : each))
    : { ...Object(value), [key]: next };
}

const outcomeOf = async (work: () => unknown): Promise<unknown> => {
  try {
    return { answer: await work() };
  } catch (error) {
    return error;
  }
};
const written = (path: Path): string =>
  path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${key}`)).join('');
/** Refused, with the member; what is no profile at all is said in other words. */
const refused = (path: Path): unknown =>
  expect.objectContaining({
    name: 'OciSeccompError',
    code: 'ERR_USAGE',
    ...(path.length === 0
      ? {}
      : { details: expect.objectContaining({ key: expect.stringContaining(written(path)) }) }),
  });

describe.each(Object.entries(cases))('%s', (_, [given, call]) => {
  const run = (values: readonly unknown[]): Promise<unknown> => outcomeOf(() => call(...(values as never[])));

  it('refuses each member of another type, and says which it is', async () => {
    for (const [at, value] of given.entries()) {
      for (const path of pathsOf(value)) {
        for (const [index, bad] of wrong.entries()) {
          // An argument that is not known is undefined, and a hole is one.
          const isOpen = bad === holes && path.at(-1) === 'args';
          if (isOpen) continue;
          const outcome = await run(
            given.map((each, own) => (own === at ? changed(value, path, bad) : each)),
          );
          expect(outcome, `${written(path)}: ${index}`).toEqual(refused(path));
        }
      }
    }
  });

  it('reads a value that is frozen or without a prototype, and one that a getter gives, once', async () => {
    const frozen = (value: unknown): unknown => {
      if (typeof value !== 'object' || value === null) return value;
      if (isList(value)) return Object.freeze(value.map(frozen));
      const copy = Object.assign(Object.create(null), value) as Record<string, unknown>;
      for (const key of Object.keys(copy)) if (key !== 'runtime') copy[key] = frozen(copy[key]);
      return Object.freeze(copy);
    };
    const plain = await run(given);
    expect(plain).toHaveProperty('answer');
    const shown = (outcome: unknown): string =>
      JSON.stringify(outcome, (_key, each: unknown) => (typeof each === 'bigint' ? `${each}n` : each));
    expect(shown(await run(given.map(frozen)))).toBe(shown(plain));
    const reads = new Map<string, number>();
    const counting = (value: unknown, path: Path): unknown => {
      if (typeof value !== 'object' || value === null || path.at(-1) === 'runtime') return value;
      if (isList(value)) return value.map((each, at) => counting(each, [...path, at]));
      const copy = {};
      for (const [key, each] of Object.entries(value)) {
        const own = [...path, key];
        const get = (): unknown => {
          reads.set(written(own), (reads.get(written(own)) ?? 0) + 1);
          return counting(each, own);
        };
        Object.defineProperty(copy, key, { get, enumerable: true });
      }
      return copy;
    };
    expect(shown(await run(given.map((each, at) => counting(each, [`given ${at}`]))))).toBe(shown(plain));
    expect([...reads].filter(([, count]) => count > 1)).toEqual([]);
  });
});

describe('what a call returned', () => {
  const many = 1000;
  const questions: Readonly<Record<string, readonly [records: number, ask: (nr: number) => unknown]>> = {
    expandPolicy: [0, () => policy.expandPolicy(lowered, table)],
    answeredByStub: [0, (nr) => policy.answeredByStub(lowered, 'x86_64', nr)],
    // The call that is asked about is the one value that no call returned; a filter that is written by hand is two more.
    matchRules: [1, (nr) => decision.matchRules(expanded, { ...data, nr })],
    simulate: [3, (nr) => root.simulate({ programs: [{ program, endian }] }, { ...data, nr })],
    findProgramProblems: [0, () => bpf.findProgramProblems(program)],
    decodeInstructions: [0, () => bpf.decodeInstructions(program, endian)],
  };

  it.each(Object.entries(questions))('is not checked again by a thousand of %s', (_, [records, ask]) => {
    const checked = vi.spyOn(Reflect, 'ownKeys');
    try {
      for (let nr = 0; nr < many; nr++) ask(nr);
      // Options are read in the same way, one object a question.
      expect(checked.mock.calls.length).toBeLessThanOrEqual((records + 1) * many);
    } finally {
      checked.mockRestore();
    }
  });

  it('is looked through once, whatever the number of calls that matchRules is asked about', () => {
    let reads = 0;
    const counted = expanded.map((each) => ({
      ...each,
      rules: each.rules.map((own) => {
        const get = (): number => {
          reads += 1;
          return own.nr;
        };
        return Object.defineProperty({ ...own }, 'nr', { get });
      }),
    }));
    const total = expanded.reduce((sum, { rules }) => sum + rules.length, 0);
    const found = Array.from({ length: many }, (_, nr) => matchRules(counted, { ...data, nr }));
    expect(reads).toBeLessThanOrEqual(total);
    expect(found).toEqual(
      Array.from({ length: many }, (_, nr) => decision.matchRules(expanded, { ...data, nr })),
    );
    expect(found.flat().length).toBeGreaterThan(0);
  });

  it('is frozen: who writes to it is told so, and what was worked out for it is found again', async () => {
    const compiled = await root.compileProfile(text, builtin);
    const written = bpf.readProgram(bpf.encodeProgram(program, endian), { name: 'p' });
    const returned = [lowered, expanded, program, compiled.program, written.program];
    const within = [lowered.rules[0]?.comparisons, expanded[0]?.rules[0], program[0], compiled.program[0]];
    expect([...returned, ...within].filter((value) => !Object.isFrozen(value))).toEqual([]);
    expect(policy.expandPolicy(lowered, table)).toBe(policy.expandPolicy(lowered, table));
  });

  it('is checked again when it is copied', () => {
    const rules = lowered.rules.map((each) => ({ ...each, nr: '1' as never }));
    expect(() => policy.expandPolicy({ ...lowered, rules }, table)).toThrow('policy.rules[0].nr');
  });
});

it('a shape has each member and each name of its type, or the compiler refuses it', () => {
  // @ts-expect-error: a name is forgotten.
  const level: Shape<'error' | 'warning'> = oneOf(['error']);
  // @ts-expect-error: a member is forgotten.
  const one = recordOf<{ a: string; b?: string }>({ a: shapeOfText });
  // @ts-expect-error: a member that may be absent would be asked for.
  const two = recordOf<{ a?: string }>({ a: shapeOfText });
  // @ts-expect-error: a member that must be there could be absent.
  const three = recordOf<{ a: string }>({ a: maybe(shapeOfText) });
  expect([level, one, two, three]).toHaveLength(4);
});

describe('what would have given another filter than was meant', () => {
  const usage = (key: string): Error =>
    expect.objectContaining({ code: 'ERR_USAGE', details: expect.objectContaining({ key }) }) as Error;
  const loose = <T>(value: unknown): T => value as T;
  const lower = (more: object): unknown =>
    policy.lowerProfile(
      loose({
        defaultAction: 'SCMP_ACT_ERRNO',
        syscalls: [{ names: ['read'], action: 'SCMP_ACT_ALLOW', ...more }],
      }),
      { arch: 'x86_64', table },
    );

  it('a misspelt member: the rule would have had no condition', () => {
    const arg = [{ index: 0, value: 3n, op: 'SCMP_CMP_EQ' }];
    expect(() => lower({ arg })).toThrow(usage('seccomp.syscalls[0].arg'));
    expect(() => lower({ args: [{ index: 0, value: 3, op: 'SCMP_CMP_EQ' }] })).toThrow(
      usage('seccomp.syscalls[0].args[0].value'),
    );
  });

  it('and the message says where it is, as docs/library.md shows', () => {
    const page = readFileSync(join(import.meta.dirname, '../docs/library.md'), 'utf8');
    const rules = Array.from({ length: 4 }, () => lowered.rules[0]).map((each, at) =>
      at === 3 ? { ...each, nr: '41' } : each,
    );
    const calls = [
      () => compile.findHazard(loose(0), 1),
      () => policy.expandPolicy(loose({ architectures: lowered.architectures, rules }), table),
      () => oci.serializeProfile(loose({ ...profile, rules: [{ ...profile.rules[0], arg: [] }] })),
    ];
    const [other, ...shown] = calls.map((call) => {
      try {
        return String(call());
      } catch (error) {
        return (error as Error).message;
      }
    });
    expect(other).toBe('rules is a list, not 0');
    for (const message of shown) expect(page).toContain(`\n${message}\n`);
  });

  it('a document as JSON.parse makes it', () => {
    expect(() =>
      oci.resolveProfile(loose({ ...JSON.parse(text), dialect: 'docker', rules: [] }), host),
    ).toThrow(usage('profile.syscalls'));
    const polluting = JSON.parse('{ "__proto__": { "args": [] } }') as object;
    expect(() => lower(polluting)).toThrow(usage('seccomp.syscalls[0].__proto__'));
  });

  it('architectures of two byte orders, and one twice', () => {
    for (const architectures of [
      ['x86_64', 's390x'],
      ['x86_64', 'x86_64'],
    ] as const) {
      const mixed = { ...lowered, architectures };
      expect(() => policy.expandPolicy(mixed, table)).toThrow(usage('policy.architectures[1]'));
    }
  });

  it('a runtime with traits that nobody compared with one', () => {
    const { runtime } = lowered;
    const other = { ...runtime, traits: { ...runtime.traits, enosysStub: 'none' as const } };
    expect(() => policy.answeredByStub({ ...lowered, runtime: other }, 'x86_64', 1)).toThrow(
      usage('policy.runtime'),
    );
    const copied = structuredClone(lowered);
    expect(policy.expandPolicy(copied, table)).toEqual(expanded);
    expect(compile.buildProgram(copied, expanded).program).toEqual(program);
  });

  it('a table that answers with no number', () => {
    for (const answer of ['1', Number.NaN, 2 ** 53, null, 1n]) {
      const other = { name: 'mine', resolve: () => loose<number>(answer) };
      expect(() => policy.lowerProfile(seccomp, { arch: 'x86_64', table: other })).toThrow(
        usage('table.resolve("read")'),
      );
    }
  });

  it('rules of another policy', () => {
    const others = expanded.map((each) => ({
      ...each,
      rules: each.rules.map((own) => ({ ...own, returnWord: 0x7fff0000 })),
    }));
    expect(() => compile.buildProgram({ ...lowered, rules: [] }, expanded)).toThrow(usage('expanded'));
    expect(() => compile.buildProgram(lowered, expanded.slice(1))).toThrow(usage('expanded'));
    expect(() => decision.decidePolicy(decision.createSpace(), lowered, others)).toThrow(usage('expanded'));
  });

  it('what JSON.parse made of a profile, or a name that is no text', async () => {
    for (const value of [undefined, null, 1, 1n, [], JSON.parse(text), Symbol('x'), () => text, revoked]) {
      expect(() => oci.readProfile(loose(value))).toThrow(usage('input'));
      expect(() => oci.readDocument(loose(value))).toThrow(usage('input'));
      await expect(oci.readProfiles(loose(value))).rejects.toThrow(usage('input'));
      expect(() => bpf.readProgram(loose(value), { name: 'p' })).toThrow(usage('input'));
      expect(() => bpf.assemble(loose(value), { name: 'p' })).toThrow(usage('listing'));
      expect(() => policy.parseRuntime(loose(value))).toThrow(usage('spelling'));
      expect(() => policy.releaseTable(loose(value))).toThrow(usage('asked'));
    }
    // Bytes are read when the call is made.
    const bytes = new TextEncoder().encode(text);
    const open = oci.readProfiles(bytes);
    bytes.fill(0);
    expect((await open).map((read) => read.profile?.defaultAction)).toEqual(['SCMP_ACT_ERRNO']);
  });

  it('a space that nobody made, and a node that it does not have', () => {
    expect(() => decision.evaluate({ ...space }, node, data)).toThrow(usage('space'));
    for (const other of [-1, 0.5, Number.NaN, 2 ** 40, '1'])
      expect(() => decision.evaluate(space, loose(other), data)).toThrow(usage('root'));
  });
});

it('takes capabilities as engines compare them: in another spelling the container would lack them', async () => {
  for (const name of ['SYS_ADMIN', 'cap_sys_admin', 'CAP_SYS_ADMIN ', '']) {
    const other = { ...host, capabilities: [name] };
    expect(() => root.resolveProfile(profile, other), name).toThrow(
      expect.objectContaining({
        code: 'ERR_USAGE',
        details: expect.objectContaining({ key: 'host.capabilities[0]' }),
      }),
    );
    await expect(root.lintProfile(text, { hosts: [other] })).rejects.toMatchObject({
      code: 'ERR_USAGE',
      details: { key: 'hosts' },
    });
  }
  // One that this release does not know: a newer kernel may.
  expect(root.resolveProfile(profile, { ...host, capabilities: ['CAP_NEW'] }).origins).toEqual([0]);
});

it('reads the text of a program as its bytes', () => {
  const listing = bpf.disassemble(program, endian);
  const bytes = new TextEncoder().encode(listing);
  expect(bpf.readProgram(listing)).toEqual(bpf.readProgram(bytes));
  expect(bpf.readPrograms(listing)).toEqual(bpf.readPrograms(bytes));
});

it('refuses levels, presets and kernels that are none', async () => {
  const kernels = { oldest: { kernel: 6, major: 1 }, newest: { kernel: 5, major: 4 } };
  const levels = { 'default-allow': 'fatal' };
  for (const options of [{ kernels }, { kernels: {} }, { levels }, { preset: 'toString' }])
    await expect(root.lintProfile(text, options as never)).rejects.toMatchObject({ code: 'ERR_USAGE' });
});
