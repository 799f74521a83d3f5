/**
 * Every call of every entry point, with each of its arguments in turn one that its type refuses. A call that is new has no row here
 * until one is written, and the first test says so. test/libseccomp/abuse.test.ts does this for the binding.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { API, SymbolFlags } from 'typescript/unstable/sync';
import { describe, expect, it } from 'vitest';
import * as bpf from '../src/bpf/index.ts';
import * as compile from '../src/compile/index.ts';
import * as decision from '../src/decision/index.ts';
import { errorCodes, OciSeccompError } from '../src/errors.ts';
import * as lint from '../src/lint/index.ts';
import * as oci from '../src/oci/index.ts';
import * as policy from '../src/policy/index.ts';

const root = join(import.meta.dirname, '..');
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  readonly exports: Readonly<Record<string, string | { readonly default: string }>>;
};
type Call = (...given: readonly unknown[]) => unknown;

/** The functions of the entry points, by name. The same name is the same call everywhere. */
async function publicCalls(): Promise<ReadonlyMap<string, Call>> {
  const calls = new Map<string, Call>();
  for (const [path, target] of Object.entries(manifest.exports)) {
    if (typeof target === 'string' || path === './libseccomp') continue;
    const source = join(root, target.default.replace('./dist/', 'src/').replace(/js$/, 'ts'));
    const exported = (await import(source)) as Readonly<Record<string, unknown>>;
    for (const [name, value] of Object.entries(exported)) {
      if (typeof value !== 'function' || name === 'OciSeccompError') continue;
      expect([undefined, value], `${path}: ${name}`).toContain(calls.get(name));
      calls.set(name, value as Call);
    }
  }
  return calls;
}

/** Tells whether an argument's type takes a value. */
type Takes = (value: unknown) => boolean;
const nothing: Takes = () => false;
const anyText: Takes = (value) => typeof value === 'string';
const whole =
  (from: number, to: number): Takes =>
  (value) =>
    Number.isInteger(value) && (value as number) >= from && (value as number) <= to;
const absent =
  (takes: Takes): Takes =>
  (value) =>
    value === undefined || takes(value);
const list: Takes = (value) => value === values['empty list'];
const plain: Takes = (value) => value === values['empty object'] || value === values['no prototype'];
const options = absent(plain);
const u32 = whole(0, 2 ** 32 - 1);
const anyNumber = whole(-(2 ** 31), 2 ** 32 - 1);
const count = whole(0, Number.MAX_SAFE_INTEGER);
const callback: Takes = (value) => typeof value === 'function';
const u64: Takes = (value) => typeof value === 'bigint' && value >= 0n && value < 1n << 64n;

const text = '{"defaultAction":"SCMP_ACT_ERRNO","syscalls":[{"names":["read"],"action":"SCMP_ACT_ALLOW"}]}';
const read = oci.readProfile(text, { dialect: 'docker' });
const profile = read.profile as oci.Profile;
const host: oci.Host = { arch: 'x86_64', kernel: { kernel: 6, major: 1 }, capabilities: [] };
const resolution = oci.resolveProfile(profile, host);
const seccomp = resolution.seccomp as oci.LinuxSeccomp;
const table = policy.newestTable;
const lowered = policy.lowerProfile(seccomp, { ...host, table });
const expanded = policy.expandPolicy(lowered.policy, table);
const { program } = compile.buildProgram(lowered.policy, expanded);
const endian = 'little';
const filter = { programs: [{ program, endian }] } as const;
const bytes = bpf.encodeProgram(program, endian);
const space = decision.createSpace();
const node = decision.decidePrograms(space, filter.programs);
const other = decision.decideProgram(space, [{ code: 6, jt: 0, jf: 0, k: 0x7fff0000 }], endian);
const data = { nr: 0, arch: 0xc000003e, instructionPointer: 0n, args: [] };
const differences = decision.findDifferences(space, node, other);
const [change] = differences[0]?.changes ?? [];
const word: decision.Outcome = { kind: 'word', word: 0 };
const tested: decision.ArgumentTest = { index: 0, part: 'whole', test: { kind: 'in', ranges: [[1n, 2n]] } };
const comparison = { index: 0, op: 'eq', value: 1n, valueTwo: 0n } as const;
const [problem] = oci.readProfile('{}').problems;
const { findings } = await lint.lintProfile(text);
const claimInput: compile.ClaimInput = {
  ...{ documents: [], profile, problems: [], host, resolution, lowered, table, compiler: undefined },
  programs: [{ name: 'p', sha256: '00', instructions: program.length }],
  proof: compile.proveProgram({ policy: lowered.policy, table, program, endian }),
};
const claim = compile.makeClaim(claimInput);
const rule: lint.OwnRule = {
  ...{ id: 'acme/own', title: 'one line', level: 'warn', group: 'form' },
  check: () => {},
};
const emitted = { program, endian, stubLength: 0, pfc: undefined };
const machine = { arch: 'x86_64', kernel: '6.1', backend: 'builtin' } as const;
const named = { name: 'p' };

/** An argument that is right, and which of the others its type takes. */
type Argument = readonly [right: unknown, takes: Takes];
/** `notRun`: the right arguments ask a machine, or a registry. */
type Row = { readonly given: readonly Argument[]; readonly notRun?: true };
const row = (...given: readonly Argument[]): Row => ({ given });
const notRun = (...given: readonly Argument[]): Row => ({ given, notRun: true });

const ofSpace: Argument = [space, nothing];
const ofNode: Argument = [node, whole(0, space.count - 1)];
const ofArch: Argument = ['x86_64', nothing];
const maybeArch: Argument = ['x86_64', absent(nothing)];
const ofWord: Argument = [0x7fff0000, u32];
const ofProgram: Argument = [program, list];
const ofEndian: Argument = [endian, nothing];
const ofText: Argument = ['a', anyText];
const ofOptions: Argument = [{}, options];
const ofProfile: Argument = [profile, nothing];
const ofWords: Argument = [undefined, absent(nothing)];
const ofCall: Argument = [data, nothing];
const ofReference: Argument = [`localhost:1/a@sha256:${'0'.repeat(64)}`, nothing];

const rows: Readonly<Record<string, Row>> = {
  actionByOciAction: row(['SCMP_ACT_LOG', anyText]),
  allSyscallNames: row(),
  allowCall: row([text, anyText], [{ syscall: 'write' }, nothing], ofOptions),
  answerCall: row(ofSpace, ofNode, [{ arch: 'x86_64', nr: 0, args: [] }, nothing]),
  answeredByStub: row([lowered.policy, nothing], ofArch, [1, anyNumber]),
  assemble: row(['ret #0', anyText], [named, options]),
  basicBlocks: row(ofProgram, ofEndian),
  blocks: row([problem, nothing], [['runc'], list]),
  builtinProfile: row(['docker-default', nothing]),
  claimRows: row([claim, nothing]),
  compareOutcomes: row([word, nothing], [word, nothing]),
  comparisonHolds: row([comparison, nothing], ofCall, ofArch),
  compilePolicy: row([lowered.policy, nothing], [{ backend: 'builtin' }, options]),
  compileProfile: row([text, anyText], [machine, options]),
  controlFlowDot: row(ofProgram, ofEndian, ofText),
  createSpace: row(ofOptions),
  cutByCall: row(ofSpace, [[node], list]),
  decidePolicy: row(ofSpace, [lowered.policy, nothing], [expanded, nothing]),
  decideProgram: row(ofSpace, ofProgram, ofEndian, [new Map(), absent((value) => value === values.map)]),
  decidePrograms: row(
    ofSpace,
    [filter.programs, nothing],
    [new Map(), absent((value) => value === values.map)],
  ),
  decodeInstructions: row(ofProgram, ofEndian),
  decodeProgram: row([bytes, nothing], ofEndian),
  defineRule: row([rule, nothing]),
  denyCall: row([text, anyText], [{ syscall: 'read' }, nothing], ofOptions),
  describeArguments: row(ofSpace, [0, whole(0, space.count - 1)], [1, absent(count)]),
  diffFilters: row([filter, nothing], [filter, nothing]),
  disassemble: row(ofProgram, ofEndian),
  effectiveReturnWord: row(ofWord),
  emitFilter: row([emitted, nothing], ['bpf', nothing], [{}, options]),
  encodeProgram: row(ofProgram, ofEndian),
  errnoByName: row(['EPERM', anyText], maybeArch),
  errnoName: row([1, count], maybeArch),
  evaluate: row(ofSpace, ofNode, ofCall),
  expandPolicy: row([lowered.policy, nothing], [table, nothing]),
  explainCall: row([filter, nothing], [{ syscall: 'read', arch: 'x86_64' }, nothing]),
  findArchitecture: row(['amd64', anyText]),
  findCompanyDifference: row(ofSpace, ofNode, [other, ofNode[1]], [['looser'], list], [[], absent(list)]),
  findConflicts: row(ofSpace, ofNode, [[], absent(list)]),
  findDifferences: row(ofSpace, ofNode, [other, ofNode[1]]),
  findWitness: row(ofSpace, [1, ofNode[1]], [[], absent(list)]),
  formatCall: row(ofCall),
  formatClaim: row([claim, nothing]),
  formatComparison: row([comparison, nothing], ofWords),
  formatErrno: row([1, count], maybeArch),
  formatOutcome: row([word, nothing], maybeArch),
  formatReturnWord: row(ofWord, maybeArch),
  formatRuntime: row([lowered.policy.runtime, nothing]),
  formatTest: row([tested, nothing], ofWords),
  formatTests: row([{ tests: [tested] }, nothing], ofWords),
  formatValue: row([1n, u64]),
  groupThreads: row([[], list]),
  hasRelation: row([change, nothing], [['looser'], list]),
  identifyBase: row(ofProfile),
  installProgram: notRun(ofProgram, ofOptions),
  intersectProfiles: row([[profile], nothing], ofOptions),
  isBuiltinName: row(['docker-default', anyText]),
  findHazard: row([[], list], [1, count]),
  isPseudo: row([1, anyNumber]),
  isSubset: row([filter, nothing], [filter, nothing]),
  isUnknownAction: row(ofWord),
  kernelFeatures: row(maybeArch),
  librarySyscallTable: notRun([undefined, nothing]),
  lintProfile: row([text, anyText], ofOptions),
  lintProfiles: row([text, anyText], ofOptions),
  lowerProfile: row([seccomp, nothing], [{ arch: 'x86_64', table }, nothing]),
  machineArch: row(),
  machineKernelRelease: row(),
  makeClaim: row([claimInput, nothing]),
  matchRules: row([expanded, list], ofCall),
  mergeBase: row(ofProfile, ofProfile),
  parseKernelVersion: row(['6.1', anyText]),
  parseReturnWord: row(ofWord),
  parseRuntime: row(['runc', nothing]),
  prepareProgram: row(ofProgram, ofOptions),
  proveProgram: row([{ policy: lowered.policy, table, program, endian }, nothing], ofOptions, [
    undefined,
    absent(callback),
  ]),
  pullProfile: notRun(ofReference, ofOptions),
  pushProfile: notRun([text, anyText], ofReference, ofOptions),
  readCallCounts: row(['read 1', anyText], ofText),
  readDocument: row([text, anyText], ofOptions),
  readFilter: row([bytes, anyText], ofOptions),
  readProcessFilters: notRun([1, whole(1, 2 ** 22)], ofOptions),
  readProfile: row([text, anyText], ofOptions),
  readProfiles: row([text, anyText], ofOptions),
  readProgram: row([bytes, anyText], [named, options]),
  readPrograms: row([bytes, anyText], [named, options]),
  readThreadFilters: notRun([1, whole(1, 2 ** 22)], ofOptions),
  consumersFor: row(['docker', nothing], ['docker', absent(nothing)], [{ name: 'runc' }, nothing]),
  readersOf: row(['docker', nothing], [{}, plain]),
  rebaseProfile: notRun(ofProfile, ofOptions),
  releaseTable: row(['2.5.4', nothing]),
  reportProfile: row([text, anyText], [machine, options]),
  resolveProfile: row(ofProfile, [host, nothing], ofOptions),
  restrictCall: row(ofSpace, ofNode, [{ arch: 'x86_64', nr: 0, args: [] }, nothing]),
  returnWord: row(['errno', nothing], [1, absent(whole(0, 4094))]),
  seccompActionsAvailable: row(),
  serializeLinuxSeccomp: row([seccomp, nothing]),
  serializeProfile: row(ofProfile),
  serializeSeccompProfile: row([seccomp, nothing], [named, nothing]),
  severityFor: row([problem, nothing], [{}, plain]),
  precedenceOf: row(ofWord),
  simplifyProfile: row(ofProfile, ofOptions),
  simulate: row([filter, nothing], ofCall),
  singleFindings: row([findings, list]),
  strictestOf: row(ofSpace, [[node], nothing]),
  syscallName: row([0, anyNumber], ofArch),
  syscallNumber: row(['read', anyText], ofArch),
  buildProgram: row(
    [lowered.policy, nothing],
    [expanded, nothing],
    [new Map(), absent((value) => value === values.map)],
    ofOptions,
  ),
  synthesizeProfile: row(ofSpace, ofNode, ofOptions),
  traceRules: row(
    [{ profile, resolution, lowered, expanded }, nothing],
    [{ syscall: 'read', arch: 'x86_64', nr: 0 }, nothing],
  ),
  tryGuesses: row(
    [filter.programs, nothing],
    [[{ labels: ['one'], policy: lowered.policy, table }], list],
    ofOptions,
  ),
  uniteProfiles: row([[profile], nothing], ofOptions),
  usableProfile: row(
    [{ profile, problems: [] }, plain],
    [['runc'], list],
    ofText,
    ['a', absent(anyText)],
    ['docker', absent(anyText)],
  ),
  validateProfile: row([text, anyText], ofOptions),
  verifyFilter: row([text, anyText], [filter, nothing], [machine, options]),
  verifyPrograms: row([{ policy: lowered.policy, table, programs: filter.programs }, nothing], ofOptions),
  findProgramProblems: row(ofProgram),
  whereRelated: row(ofSpace, ofNode, [other, ofNode[1]], [['looser'], list]),
  withBases: row(ofProfile, [() => undefined, callback]),
  withRelations: row([differences, list], [['looser'], list]),
};

const { proxy: revoked, revoke } = Proxy.revocable({}, {});
revoke();
const throws = (): never => {
  throw new RangeError('of the caller');
};
const throwing = new Proxy({}, { get: throws, has: throws, ownKeys: throws, getPrototypeOf: throws });
const own = Object.defineProperty({}, 'kind', { get: throws, enumerable: true });

/** A profile that Docker and runc refuse. */
const refused = JSON.stringify({
  defaultAction: 'SCMP_ACT_ERRNO',
  syscalls: [{ names: ['read'], name: 'write', action: 'SCMP_ACT_NOTIFY' }],
});
/** Bytes that were sent to another thread: they are gone from this one. */
const sent = new Uint8Array(8);
structuredClone(sent, { transfer: [sent.buffer] });

/** Values of every kind; a type takes few of them. */
const values: Readonly<Record<string, unknown>> = {
  ...{ undefined, null: null, true: true, NaN: Number.NaN, infinite: Number.POSITIVE_INFINITY },
  ...{
    '-0': -0,
    fraction: 1.5,
    '-1': -1,
    '2^32': 2 ** 32,
    '2^53': 2 ** 53,
    '1n': 1n,
    '-1n': -1n,
    '2^64': 1n << 64n,
  },
  ...{ 'empty text': '', 'other text': 'no such thing', prototype: '__proto__', method: 'toString' },
  ...{
    'long text': 'x'.repeat(100_000),
    'text object': new String('read'),
    symbol: Symbol('x'),
    function: () => 1,
  },
  ...{
    'empty list': [],
    holes: Array(2),
    'list of null': [null],
    'list of lists': [[]],
    'list of objects': [{}],
  },
  ...{ 'empty object': {}, 'other object': { x: 1 }, 'no prototype': Object.create(null) as unknown },
  ...{ inherited: Object.create({ name: 'p', kind: 'word' }) as unknown, map: new Map(), date: new Date(0) },
  ...{ toString: { toString: throws, valueOf: throws, [Symbol.toPrimitive]: throws } },
  ...{ revoked, throwing, getter: own, 'list that throws': new Proxy([], { get: throws }) },
  'bytes of another thread': sent,
  ...{ 'broken JSON': '{', 'empty profile': '{}', 'no action': '{"defaultAction":"SCMP_ACT_ALLO"}' },
  ...{
    'refused profile': refused,
    'a program': 'ret #0x7fff0000',
    'a jump past the end': 'jeq #0, 9, 9\nret #0',
  },
};

/** By call, the codes that it threw here. */
const thrown = new Map<string, Set<string>>();

/** What is wrong with the outcome of a call; `undefined`: nothing. */
async function faultOf(name: string, work: () => unknown, isTaken: boolean): Promise<string | undefined> {
  try {
    const answer = await work();
    if (isTaken) return undefined;
    return `answers ${typeof answer === 'object' && answer !== null ? 'an object' : String(answer).slice(0, 40)}`;
  } catch (error) {
    if (!(error instanceof OciSeccompError)) return `throws ${String(error)}`;
    if (!Object.hasOwn(errorCodes, error.code)) return `throws code ${error.code}`;
    thrown.set(name, (thrown.get(name) ?? new Set()).add(error.code));
    return isTaken || error.code === 'ERR_USAGE' ? undefined : `throws ${error.code}: ${error.message}`;
  }
}

it('has a row for every call, and no other', async () => {
  expect([...(await publicCalls()).keys()].sort()).toEqual(Object.keys(rows).sort());
});

/** The parameters of a function, optional ones too, as its text has them. */
function countParameters(call: Call): number {
  const text = String(call);
  let depth = 0;
  let count = 0;
  for (const character of text.slice(text.indexOf('('))) {
    if ('([{'.includes(character)) depth += 1;
    else if (')]}'.includes(character)) depth -= 1;
    else if (depth === 1 && character === ',') count += 1;
    else if (count === 0 && character.trim() !== '') count = 1;
    if (depth === 0) break;
  }
  return count;
}

it('has every parameter of every call', async () => {
  const counts = [...(await publicCalls())].map(([name, call]) => [name, countParameters(call)] as const);
  expect(Object.fromEntries(counts)).toEqual(
    Object.fromEntries(counts.map(([name]) => [name, rows[name]?.given.length])),
  );
});

describe.each(Object.entries(rows))('%s', (name, { given, notRun: isNotRun }) => {
  it('refuses what its types refuse, and ends in no other error', async () => {
    const call = (await publicCalls()).get(name) as Call;
    const right = given.map(([value]) => value);
    if (isNotRun !== true) await call(...right);
    const faults: string[] = [];
    for (const [at, [, takes]] of given.entries()) {
      for (const [title, value] of Object.entries(values)) {
        const isTaken = takes(value);
        if (isTaken && isNotRun === true) continue;
        const fault = await faultOf(name, () => call(...right.with(at, value)), isTaken);
        if (fault !== undefined) faults.push(`argument ${at}, ${title}: ${fault}`);
      }
    }
    expect(faults).toEqual([]);
  });
});

/** The docstrings of the entry points' functions, by name. */
function docstrings(): ReadonlyMap<string, string> {
  const api = new API({ cwd: root });
  const [project] = api.updateSnapshot({ openProjects: [join(root, 'tsconfig.json')] }).getProjects();
  if (project === undefined) throw new Error('no project');
  const { checker, program: sources } = project;
  const found = new Map<string, string>();
  for (const target of Object.values(manifest.exports)) {
    if (typeof target === 'string') continue;
    const file = join(root, target.default.replace('./dist/', 'src/').replace(/js$/, 'ts'));
    const source = sources.getSourceFile(file);
    const module = source === undefined ? undefined : checker.getSymbolAtLocation(source);
    for (const each of module === undefined ? [] : checker.getExportsOfModule(module)) {
      const name = each.flags & SymbolFlags.Alias ? checker.getAliasedSymbol(each) : each;
      const tags = checker.getJsDocTagsOfSymbol(name).map((tag) => JSON.stringify(tag));
      found.set(each.name, [checker.getDocumentationCommentOfSymbol(name), ...tags].join('\n'));
    }
  }
  api.close();
  return found;
}

/** Whether a docstring names a code, itself or by `as {@link other}`. `ERR_PROFILE_*` names all that begin so. */
function namesCode(
  docs: ReadonlyMap<string, string>,
  call: string,
  code: string,
  seen = new Set<string>(),
): boolean {
  const text = docs.get(call) ?? '';
  if (seen.has(call)) return false;
  seen.add(call);
  const own = [...text.matchAll(/ERR_\w+\*?/g)].map(([each]) => each);
  if (own.some((each) => each === code || (each.endsWith('*') && code.startsWith(each.slice(0, -1)))))
    return true;
  return [...text.matchAll(/\b[Aa]s (?:\{@link |`)(\w+)/g)].some(([, other = '']) =>
    namesCode(docs, other, code, seen),
  );
}

it('says of each call which codes it throws: those that it threw above', () => {
  const docs = docstrings();
  const missing = [...thrown].flatMap(([call, codes]) =>
    [...codes].filter((code) => !namesCode(docs, call, code)).map((code) => `${call}: ${code}`),
  );
  expect(missing).toEqual([]);
  expect(new Set([...thrown.values()].flatMap((codes) => [...codes])).size).toBeGreaterThan(5);
});
