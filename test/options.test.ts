/**
 * Options of public calls: an unknown one and one of another kind are refused, whatever JavaScript hands in. The compiler says
 * which calls take options and which options they are, so that a new call or option cannot be forgotten here.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import {
  API,
  type Checker,
  type Symbol as Name,
  SignatureKind,
  SymbolFlags,
  type Type,
  TypeFlags,
} from 'typescript/unstable/sync';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as bpf from '../src/bpf/index.ts';
import * as compile from '../src/compile/index.ts';
import * as compose from '../src/compose/index.ts';
import * as decision from '../src/decision/index.ts';
import * as root from '../src/index.ts';
import * as kernel from '../src/kernel/index.ts';
import * as libseccomp from '../src/libseccomp/index.ts';
import * as oci from '../src/oci/index.ts';
import * as policy from '../src/policy/index.ts';
import { root as folder } from './cli/run.ts';

/** Options as JavaScript hands them in. */
type Loose = never;

const text =
  '{ "defaultAction": "SCMP_ACT_ERRNO", "syscalls": [{ "names": ["read"], "action": "SCMP_ACT_ALLOW" }] }';
const profile = oci.readProfile(text).profile as oci.Profile;
const host = { arch: 'x86_64', kernel: { kernel: 6, major: 1 }, capabilities: [] } as const;
const { seccomp } = oci.resolveProfile(profile, host);
const table = policy.newestTable;
const { arch, kernel: itsKernel } = host;
const lowered = policy.lowerProfile(seccomp as oci.LinuxSeccomp, { arch, kernel: itsKernel, table });
const program = bpf.assemble('ret #0', { name: 'p' });
const proof = { policy: lowered.policy, table, program, endian: 'little' } as const;
const space = decision.createSpace();
const filter = { programs: [{ program, endian: 'little' }] } as const;
const opened = (): libseccomp.Filter => new libseccomp.Filter(libseccomp.allow());
const conditional = text.replace(
  '}] }',
  '}, { "names": ["mount"], "action": "SCMP_ACT_ALLOW", "includes": { "caps": ["CAP_SYS_ADMIN"] } }] }',
);
const pod =
  '{ "apiVersion": "v1", "kind": "Pod", "metadata": { "name": "p" }, "spec": { "containers": [{ "name": "c" }] } }';
const bytes = new TextEncoder().encode('ret #0');
const reference = 'registry.invalid/a/b:1';

/** Every call that takes options, with all else as it should be. A parameter `call` is a record too. */
const calls: Readonly<Record<string, (options: Loose) => unknown>> = {
  allowCall: (o) => root.allowCall(text, { syscall: 'write' }, o),
  denyCall: (o) => root.denyCall(text, { syscall: 'read' }, o),
  'the call of allowCall': (o) => root.allowCall(text, o),
  'the call of denyCall': (o) => root.denyCall(text, o),
  explainCall: (o) => root.explainCall(filter, o),
  lintProfile: (o) => root.lintProfile(text, o),
  lintProfiles: (o) => root.lintProfiles(text, o),
  resolveProfile: (o) => root.resolveProfile(profile, host, o),
  rebaseProfile: (o) => root.rebaseProfile(root.builtinProfiles['docker-default'](), o),
  compileProfile: (o) => root.compileProfile(text, o),
  readFilter: (o) => root.readFilter('ret #0', o),
  validateProfile: (o) => root.validateProfile(text, o),
  verifyFilter: (o) => root.verifyFilter(text, filter, o),
  pullProfile: (o) => root.pullProfile(reference, o),
  pushProfile: (o) => root.pushProfile(text, reference, o),
  reportProfile: (o) => root.reportProfile(text, o),
  assemble: (o) => bpf.assemble('ret #0', o),
  readProgram: (o) => bpf.readProgram(bytes, o),
  readPrograms: (o) => bpf.readPrograms(bytes, o),
  prepareProgram: (o) => bpf.prepareProgram(program, o),
  buildProgram: (o) =>
    compile.buildProgram(lowered.policy, policy.expandPolicy(lowered.policy, table), undefined, o),
  compilePolicy: (o) => compile.compilePolicy(lowered.policy, o),
  proveProgram: (o) => compile.proveProgram(proof, o),
  verifyPrograms: (o) =>
    compile.verifyPrograms({ policy: lowered.policy, table, programs: filter.programs }, o),
  tryGuesses: (o) => compile.tryGuesses(filter.programs, [], o),
  intersectProfiles: (o) => compose.intersectProfiles([profile], o),
  simplifyProfile: (o) => compose.simplifyProfile(profile, o),
  uniteProfiles: (o) => compose.uniteProfiles([profile], o),
  synthesizeProfile: (o) =>
    compose.synthesizeProfile(space, decision.decideProgram(space, program, 'little'), o),
  createSpace: (o) => decision.createSpace(o),
  readProcessFilters: (o) => kernel.readProcessFilters(process.pid, o),
  readThreadFilters: (o) => kernel.readThreadFilters(process.pid, o),
  // A program that no kernel takes: nothing is installed here.
  installProgram: (o) => kernel.installProgram([], o),
  readDocument: (o) => oci.readDocument(text, o),
  readProfile: (o) => oci.readProfile(text, o),
  readProfiles: (o) => oci.readProfiles(text, o),
  serializeSeccompProfile: (o) => oci.serializeSeccompProfile(seccomp as oci.LinuxSeccomp, o),
  lowerProfile: (o) => policy.lowerProfile(seccomp as oci.LinuxSeccomp, o),
  readersOf: (o) => policy.readersOf('oci', o),
  apiLevel: (o) => libseccomp.apiLevel(o),
  resetGlobalState: (o) => libseccomp.resetGlobalState(o),
  setApiLevel: (o) => libseccomp.setApiLevel(1, o),
  systemArch: (o) => libseccomp.systemArch(o),
  version: (o) => libseccomp.version(o),
  findArch: (o) => libseccomp.findArch('native', o),
  Filter: (o) => new libseccomp.Filter(libseccomp.allow(), o),
  'Filter#load': (o) => opened().load(o),
  'Filter#notifications': (o) => opened().notifications(o),
  addNotificationFd: (o) => libseccomp.addNotificationFd(3, 1n, 0, o),
  isNotificationValid: (o) => libseccomp.isNotificationValid(3, 1n, o),
  notifications: (o) => libseccomp.notifications(3, o).next(),
  receiveNotification: (o) => libseccomp.receiveNotification(3, o),
  respondNotification: (o) => libseccomp.respondNotification(3, 1n, { continue: true }, o),
  serveNotifications: (o) => libseccomp.serveNotifications(3, '/handler.mjs', o),
  resolveSyscall: (o) => libseccomp.resolveSyscall('read', 'x86_64', o),
  resolveSyscallRewrite: (o) => libseccomp.resolveSyscallRewrite('x86_64', 'read', o),
};

/** What the calls must have beside the option in question. */
const required: Readonly<Record<string, object>> = {
  'the call of allowCall': { syscall: 'read' },
  'the call of denyCall': { syscall: 'read' },
  explainCall: { syscall: 'read' },
  assemble: { name: 'p' },
  readProgram: { name: 'p' },
  readPrograms: { name: 'p' },
  serializeSeccompProfile: { name: 'p' },
  lowerProfile: { arch: 'x86_64', table },
};

/** Records that are handed on from one call to the next, or are checked as what they are: no options. */
const values = new Set(
  ['Profile', 'LinuxSeccomp', 'Problem', 'Claim', 'ClaimInput', 'EmittedFilter', 'Readers'].concat([
    'OwnRule',
    'OciSeccompErrorOptions',
    'Document',
    'RuleDefinition',
  ]),
);
/** Whose every value is taken here and refused later, or needed by nobody. */
const takesAnything = new Set(['serveNotifications data']);

const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
  readonly exports: Readonly<Record<string, { readonly types?: string }>>;
};

let api: API;
/** The calls, and the options of each: which may be `undefined`? */
const found = new Map<string, ReadonlyMap<string, boolean>>();
/** By call and option, values that its type refuses although they are of the right kind. */
const near = new Map<string, readonly unknown[]>();

/** Lists whose length says nothing about how much is looked at. */
const mayBeEmpty = new Set(['args', 'capabilities', 'rules', 'compilers', 'flags']);

/** The values that {@link near} holds for a type: no name, no number in range, a list of nobody. */
function nearValues(checker: Checker, key: string, type: Type): readonly unknown[] {
  const each = checker.getNonNullableType(type) ?? type;
  const parts = each.isUnionType() ? each.getTypes() : [each];
  const has = (flag: TypeFlags): boolean => parts.some(({ flags }) => (flags & flag) !== 0);
  const isList = parts.some((part) => checker.isArrayType(part));
  return [
    ...(has(TypeFlags.StringLiteral) && !has(TypeFlags.String)
      ? ['', 'no such name', 'toString', '__proto__']
      : []),
    ...(has(TypeFlags.Number) ? [Number.NaN, -1] : []),
    ...(isList && !mayBeEmpty.has(key) ? [[], Array(1)] : []),
    ...(isList ? [[Symbol('x')]] : []),
  ];
}

function collect(checker: Checker, call: string, type: Type | undefined, kind: SignatureKind): void {
  if (type === undefined) return;
  for (const signature of checker.getSignaturesOfType(type, kind)) {
    for (const parameter of signature.getParameters()) {
      const declared = checker.getTypeOfSymbol(parameter);
      const taken = declared === undefined ? undefined : checker.getNonNullableType(declared);
      if (taken === undefined || values.has(checker.typeToString(taken).replace(/<.*|^Pick<|[",].*/g, '')))
        continue;
      const members = checker.getPropertiesOfType(taken).filter(({ declarations: [first] }) => {
        return first !== undefined && !first.path.includes('/node_modules/');
      });
      if (!members.some(({ flags }) => (flags & SymbolFlags.Optional) !== 0)) continue;
      const takesUndefined = (member: Name): boolean => {
        const of = checker.getTypeOfSymbol(member);
        return of !== undefined && /\bundefined$|^unknown$|^undefined \|/.test(checker.typeToString(of));
      };
      for (const member of members) {
        const of = checker.getTypeOfSymbol(member);
        if (of === undefined) continue;
        const name = parameter.name === 'call' ? `the call of ${call}` : call;
        near.set(`${name} ${member.name}`, nearValues(checker, member.name, of));
      }
      found.set(
        parameter.name === 'call' ? `the call of ${call}` : call,
        new Map(
          members.map((each) => [
            each.name,
            (each.flags & SymbolFlags.Optional) === 0 || takesUndefined(each),
          ]),
        ),
      );
    }
  }
}

beforeAll(() => {
  api = new API({ cwd: folder });
  const [project] = api.updateSnapshot({ openProjects: [join(folder, 'tsconfig.json')] }).getProjects();
  if (project === undefined) throw new Error('no project');
  const { checker, program: sources } = project;
  for (const { types } of Object.values(manifest.exports)) {
    if (types === undefined) continue;
    const file = sources.getSourceFile(join(folder, types.replace(/^\.\/dist\/(.*)\.d\.ts$/, 'src/$1.ts')));
    const module = file === undefined ? undefined : checker.getSymbolAtLocation(file);
    if (module === undefined) throw new Error(`${types} is no module`);
    for (const exported of checker.getExportsOfModule(module)) {
      const name = exported.flags & SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
      if ((name.flags & SymbolFlags.Value) === 0) continue;
      const type = checker.getTypeOfSymbol(name);
      collect(checker, exported.name, type, SignatureKind.Call);
      if ((name.flags & SymbolFlags.Class) === 0) continue;
      collect(checker, exported.name, type, SignatureKind.Construct);
      for (const member of checker.getPropertiesOfType(checker.getDeclaredTypeOfSymbol(name))) {
        collect(
          checker,
          `${exported.name}#${member.name}`,
          checker.getTypeOfSymbol(member),
          SignatureKind.Call,
        );
      }
    }
  }
}, 60_000);
afterAll(() => api.close());

const errorOf = async (work: () => unknown): Promise<unknown> => {
  try {
    return await work();
  } catch (error) {
    return error;
  }
};

it('every call with options is here, and no other', () => {
  expect(Object.keys(calls).sort()).toEqual([...found.keys()].sort());
});

it('every option takes undefined too', () => {
  const strict = [...found].flatMap(([call, keys]) =>
    [...keys].flatMap(([key, isFree]) => (isFree ? [] : [`${call} ${key}`])),
  );
  expect(strict).toEqual([]);
});

describe.each(Object.entries(calls))('%s refuses', (name, call) => {
  const bare = name.replace(/.*#| of .*/g, '');
  const refused = (more: object): unknown =>
    expect.objectContaining({ code: 'ERR_USAGE', name: 'OciSeccompError', ...more });
  const given = (more: object): Loose => ({ ...required[name], ...more }) as Loose;

  it('an unknown option, and names those that there are', async () => {
    const known = [...(found.get(name)?.keys() ?? [])].sort();
    const options: { unheardOf?: undefined } = given({ unheardOf: undefined });
    const open = errorOf(() => call(options as Loose));
    // Options are read when the call is made, not when its code has been imported.
    delete options.unheardOf;
    const error = (await open) as root.OciSeccompError;
    expect(error).toEqual(refused({ message: `${bare} has no option "unheardOf"` }));
    expect(error.details).toMatchObject({ call: bare, key: 'unheardOf' });
    expect([...(error.details.known as readonly string[])].sort()).toEqual(known);
    const [first = ''] = known;
    const near = await errorOf(() => call(given({ [`${first}x`]: undefined })));
    if (first.length > 2) expect(near).toEqual(refused({ hint: `did you mean ${first}?` }));
  });

  it('options that JavaScript hides', async () => {
    const symbol = await errorOf(() => call(given({ [Symbol('arch')]: 1 })));
    const hidden = await errorOf(() => call(Object.defineProperty(given({}), 'unheardOf', { value: 1 })));
    const polluting = await errorOf(() => call(JSON.parse('{ "__proto__": { "name": "x" } }') as Loose));
    const inherited = await errorOf(() => call(Object.create({ name: 'x' }) as Loose));
    for (const each of [symbol, hidden, polluting, inherited]) expect(each).toEqual(refused({}));
  });

  it('what is no record', async () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    class Options {}
    const none = [
      null,
      [],
      'x',
      1,
      Number.NaN,
      -0,
      true,
      1n,
      Symbol('x'),
      () => {},
      new Map(),
      new Options(),
      proxy,
    ];
    for (const each of none) expect(await errorOf(() => call(each as Loose))).toEqual(refused({}));
  });

  it('names that are none, numbers out of range, and lists of nobody', async () => {
    for (const key of found.get(name)?.keys() ?? []) {
      for (const each of near.get(`${name} ${key}`) ?? []) {
        const error = await errorOf(() => call(given({ [key]: each })));
        expect(error, `${key}: ${inspect(each)}`).toEqual(refused({}));
      }
    }
  });

  it('for each option a value that no option can have, and one that cannot be read', async () => {
    for (const key of found.get(name)?.keys() ?? []) {
      if (takesAnything.has(`${name} ${key}`)) continue;
      expect(await errorOf(() => call(given({ [key]: Symbol('x') }))), key).toEqual(refused({}));
      const throwing = Object.defineProperty(given({}), key, {
        get: () => {
          throw new RangeError('of the caller');
        },
        enumerable: true,
      });
      expect(await errorOf(() => call(throwing)), key).toEqual(
        refused({ cause: new RangeError('of the caller') }),
      );
    }
  });
});

it('asks for names, numbers and lists of more than one option', () => {
  const kinds = [...near.values()].flat();
  expect(kinds.filter((each) => each === 'toString').length).toBeGreaterThan(15);
  expect(kinds.filter((each) => Number.isNaN(each)).length).toBeGreaterThan(10);
  expect(kinds.filter((each) => Array.isArray(each) && each.length === 0).length).toBeGreaterThan(4);
});

describe('values of another type', () => {
  const throwing = new Proxy(
    {},
    {
      get: () => {
        throw new RangeError('of the caller');
      },
      getPrototypeOf: () => {
        throw new RangeError('of the caller');
      },
    },
  );
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  const none: readonly unknown[] = [null, undefined, Number.NaN, 3, Symbol('x'), 1n, () => {}, {}, new Map()];
  const wrong = [...none, throwing, proxy];
  const lists = [[null], [3], Array(1), [throwing], [{}]];
  const programs = [...wrong, ...lists].map((each) => ({ programs: each }));
  const asked = { syscall: 'read' };
  const data = { nr: 0, arch: 0, instructionPointer: 0n, args: [0n, 0n, 0n, 0n, 0n, 0n] };
  const calls = Object.keys(data).flatMap((key) =>
    [...wrong, ...lists].map((each) => ({ ...data, [key]: each })),
  );
  const numbers = new Set([Number.NaN, 3]);

  /** Each argument that is no options record, with what it cannot be. Options have their own table above. */
  const cases: Readonly<
    Record<string, readonly [call: (value: Loose) => unknown, values: readonly unknown[]]>
  > = {
    compileProfile: [(v) => root.compileProfile(v), wrong],
    validateProfile: [(v) => root.validateProfile(v), wrong],
    lintProfile: [(v) => root.lintProfile(v), wrong],
    lintProfiles: [(v) => root.lintProfiles(v), wrong],
    allowCall: [(v) => root.allowCall(v, asked), wrong],
    denyCall: [(v) => root.denyCall(v, asked), wrong],
    'a call without syscall': [(v) => root.allowCall(text, v), [{}, { args: [] }]],
    reportProfile: [(v) => root.reportProfile(v), wrong],
    readFilter: [(v) => root.readFilter(v), wrong],
    pushProfile: [(v) => root.pushProfile(v, reference), wrong],
    builtinProfile: [(v) => root.builtinProfile(v), wrong],
    identifyBase: [
      (v) => root.identifyBase(v),
      [...wrong, ...lists.map((rules) => ({ dialect: 'oci', rules }))],
    ],
    rebaseProfile: [
      (v) => root.rebaseProfile(v),
      [...wrong, ...lists.map((rules) => ({ dialect: 'oci', rules }))],
    ],
    explainCall: [(v) => root.explainCall(v, asked), [...wrong, ...programs]],
    diffFilters: [(v) => root.diffFilters(filter, v), [...wrong, ...programs]],
    isSubset: [(v) => root.isSubset(v, filter), [...wrong, ...programs]],
    verifyFilter: [(v) => root.verifyFilter(text, v, host), [...wrong, ...programs]],
    'the profile of verifyFilter': [(v) => root.verifyFilter(v, filter, host), wrong],
    'the filter of simulate': [(v) => root.simulate(v, data as never), [...wrong, ...programs]],
    'the call of simulate': [
      (v) => root.simulate(filter, v),
      [
        ...wrong,
        ...calls.filter(
          ({ nr, arch, instructionPointer }) =>
            !numbers.has(nr === 0 ? arch : nr) && instructionPointer !== 1n,
        ),
      ],
    ],
    'hosts of lintProfile': [(v) => root.lintProfile(text, { hosts: v }), lists],
    'compilers of lintProfile': [(v) => root.lintProfile(text, { compilers: v }), lists],
    'callCounts of compilePolicy': [
      (v) => compile.compilePolicy(lowered.policy, { callCounts: v }),
      [
        {},
        new Set(),
        new Date(),
        new Map([['read', Number.NaN]]),
        new Map([['read', '1']]),
        new Map([[1, 1]]),
      ],
    ],
  };

  it.each(Object.entries(cases))('are refused by %s, with a stable code', async (_, [call, values]) => {
    for (const [index, value] of values.entries()) {
      const error = await errorOf(() => call(value as Loose));
      expect(error, String(index)).toEqual(
        expect.objectContaining({
          name: 'OciSeccompError',
          code: expect.stringMatching(/^ERR_(?:USAGE|BPF_INVALID)$/),
        }),
      );
    }
  });
});

it('a host is an option of both stages, whole', () => {
  expect(policy.lowerProfile(seccomp as oci.LinuxSeccomp, { ...host, table })).toEqual(lowered);
});

describe('options are read once', () => {
  it('so that a getter cannot answer twice', async () => {
    let count = 0;
    const options = {
      get strict(): boolean {
        count++;
        return count > 1;
      },
    };
    await root.compileProfile(text, { ...host, ...{ backend: 'builtin' } }).catch(() => undefined);
    const frozen = Object.freeze(
      Object.assign(Object.create(null), { ...host, backend: 'builtin' }),
    ) as root.CompileProfileOptions;
    expect((await root.compileProfile(text, frozen)).program.length).toBeGreaterThan(0);
    await root.compileProfile(text, options).catch(() => undefined);
    expect(count).toBe(1);
  });

  /** Each call with what it is given, and what writes other things into that. */
  const later: Readonly<Record<string, () => readonly [call: () => Promise<unknown>, write: () => void]>> = {
    compileProfile: () => {
      const input = Buffer.from(conditional);
      const kernel = { kernel: 6, major: 1 };
      const capabilities = ['CAP_SYS_ADMIN'];
      const options = { ...host, kernel, capabilities, backend: 'builtin', name: 'before' } as const;
      return [
        async () => {
          const { bytes: made, name, claim } = await root.compileProfile(input, options);
          return { made, name, claim };
        },
        () => {
          input.fill(0);
          kernel.kernel = 3;
          capabilities.length = 0;
          Object.assign(options, { name: 'after' });
        },
      ];
    },
    verifyFilter: () => {
      const programs = [...filter.programs];
      return [() => root.verifyFilter(text, { programs }, host), () => programs.splice(0)];
    },
    lintProfile: () => {
      const input = Buffer.from(conditional);
      const levels: Record<string, 'off' | 'error'> = { 'default-allow': 'off' };
      const hosts = [{ ...host, capabilities: ['CAP_SYS_ADMIN'] }];
      return [
        () => root.lintProfile(input, { levels, hosts }),
        () => {
          input.fill(0);
          levels['no-such-rule'] = 'off';
          hosts.length = 0;
        },
      ];
    },
    lintProfiles: () => {
      const input = Buffer.from(pod);
      const workloads = { seccompDefault: true };
      return [
        () => root.lintProfiles(input, { workloads }),
        () => {
          input.fill(0);
          workloads.seccompDefault = false;
        },
      ];
    },
    denyCall: () => {
      const input = Buffer.from(text);
      const args: (number | undefined)[] = [undefined, undefined, 5];
      const call = { syscall: 'read', args };
      return [
        () => root.denyCall(input, call),
        () => {
          input.fill(0);
          args.length = 0;
          call.syscall = 'write';
        },
      ];
    },
    reportProfile: () => {
      const input = Buffer.from(text);
      const against = Buffer.from(conditional);
      return [
        () => root.reportProfile(input, { ...host, backend: 'builtin', against }),
        () => {
          input.fill(0);
          against.fill(0);
        },
      ];
    },
  };

  it.each(Object.entries(later))('so that what is written later changes no %s', async (_, prepare) => {
    const [expected] = prepare();
    const [call, write] = prepare();
    const open = call();
    write();
    expect(await open).toEqual(await expected());
  });

  it('so that Object.prototype changes nothing', async () => {
    const compile = (): Promise<unknown> => root.compileProfile(text, { ...host, backend: 'builtin' });
    const plain = await compile();
    const withMember = async (name: string, value: unknown, enumerable: boolean): Promise<unknown> => {
      Object.defineProperty(Object.prototype, name, {
        value,
        configurable: true,
        enumerable,
        writable: true,
      });
      try {
        return await compile().catch((error: unknown) => error);
      } finally {
        Reflect.deleteProperty(Object.prototype, name);
      }
    };
    expect(await withMember('allowUnproven', 1, false)).toEqual(plain);
    // Rules without such members would have them: the filter would be another, and proven.
    for (const [name, value] of Object.entries({ errnoRet: 5, args: [], architectures: [], other: 1 })) {
      expect(await withMember(name, value, true)).toMatchObject({
        code: 'ERR_USAGE',
        details: { key: name },
      });
    }
  });
});
