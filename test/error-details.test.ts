/**
 * The details of errors, by their codes: what the types say of a code is there at run time.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as built from 'oci-seccomp';
import { describe, expect, expectTypeOf, it, onTestFinished } from 'vitest';
import * as bpf from '../src/bpf/index.ts';
import type { Counterexample, Weakness } from '../src/compile/index.ts';
import * as compose from '../src/compose/index.ts';
import * as decision from '../src/decision/index.ts';
import type { ErrorCode, ErrorDetailsByCode, Problem } from '../src/index.ts';
import * as root from '../src/index.ts';
import * as binding from '../src/libseccomp/index.ts';
import { root as folder } from './cli/run.ts';
import { installedLibraries, skipUnless } from './oracle/libraries.ts';
import { describeWith } from './oracle/support/require.ts';

const { OciSeccompError } = root;
const builtin = { arch: 'x86_64', kernel: '6.1', backend: 'builtin' } as const;
/** It asks where a call comes from, and no profile does. */
const load = (k: number): bpf.SockFilter => ({ code: 0x20, jt: 0, jf: 0, k });
const isEqual = (k: number, jf: number): bpf.SockFilter => ({ code: 0x15, jt: 0, jf, k });
const asksPlace = [
  ...[load(4), isEqual(0xc000003e, 5), load(0), isEqual(0, 3), load(8), isEqual(7, 1)],
  ...[0x7fff0000, 0x00050001].map((k) => ({ code: 6, jt: 0, jf: 0, k })),
];
const rule = (name: string, more: object = {}): string =>
  JSON.stringify({
    defaultAction: 'SCMP_ACT_ERRNO',
    syscalls: [{ names: [name], action: 'SCMP_ACT_ALLOW', ...more }],
  });
const list = (value: unknown, members: object): void =>
  expect(value).toEqual(expect.arrayContaining([expect.objectContaining(members)]));
const text = expect.any(String) as string;
const problem = {
  code: text,
  severity: text,
  message: text,
  pointer: text,
  line: expect.any(Number) as number,
};

/** What is looked at of the details of a code. */
type Checks = { readonly [Code in ErrorCode]?: (details: ErrorDetailsByCode[Code]) => void };
const checks: Checks = {
  ERR_PROFILE_SYNTAX: ({ problems }) => list(problems, problem),
  ERR_PROFILE_SCHEMA: ({ problems }) => list(problems, problem),
  ERR_PROFILE_SEMANTICS: ({ problems }) => list(problems, problem),
  ERR_BPF_INVALID: ({ problems }) => list(problems, { message: text, line: 1 }),
  ERR_UNDECIDED: ({ reason }) => expect(reason).toEqual(text),
  ERR_INEXPRESSIBLE: ({ differences }) => list(differences, { changes: expect.any(Array) as unknown }),
  ERR_CLAIM: ({ weaknesses, notes }) => {
    list(weaknesses, { kind: 'unknown-names', message: text });
    expect(notes).toEqual(weaknesses.map(({ message }) => message));
  },
  ERR_PROOF: ({ counterexample }) =>
    expect(counterexample).toMatchObject({ call: { nr: 135 }, relation: text, meant: {}, done: {} }),
  ERR_LIBSECCOMP_TOO_OLD: ({ asked, minimum, found }) =>
    expect([asked, minimum, found]).toEqual([text, text, text]),
  ERR_USAGE: ({ call, key }) => expect([call, key]).toEqual(['compileProfile', 'strickt']),
  ERR_LIBSECCOMP: ({ rule, syscall, errno, call, reason }) => {
    expect([rule, syscall, errno]).toEqual([1, 'read', 17]);
    expect([call, reason]).toEqual([text, text]);
  },
  ERR_LIBSECCOMP_TIMEOUT: ({ hazard, timeoutMs, limit }) =>
    expect([hazard, timeoutMs, limit]).toEqual([text, 100, 'cpu']),
  ERR_LIBSECCOMP_CRASH: ({ hazard, signal, status }) =>
    expect([hazard, signal, status]).toEqual([text, 'SIGABRT', undefined]),
};

const provoked: { readonly [Code in keyof typeof checks]?: () => unknown } = {
  ERR_PROFILE_SYNTAX: () => root.compileProfile('{', builtin),
  ERR_PROFILE_SCHEMA: () => root.compileProfile('{"defaultAction":1}', builtin),
  ERR_PROFILE_SEMANTICS: () => root.compileProfile('{"defaultAction":"SCMP_ACT_NOTIFY"}', builtin),
  ERR_BPF_INVALID: () => bpf.assemble('no instruction'),
  ERR_UNDECIDED: () =>
    decision.decidePrograms(decision.createSpace({ maxNodes: 10 }), [
      { program: asksPlace, endian: 'little' },
    ]),
  ERR_INEXPRESSIBLE: () => {
    const space = decision.createSpace();
    return compose.synthesizeProfile(space, decision.decideProgram(space, asksPlace, 'little'));
  },
  ERR_CLAIM: () => root.compileProfile(rule('no_such_call'), { ...builtin, strict: true }),
  ERR_USAGE: () => root.compileProfile(rule('read'), { ...builtin, strickt: true } as never),
};
const endless = readFileSync(join(folder, 'fixtures/cli/endless.json'));
const ofLibseccomp = { arch: 'x86_64', kernel: '6.1', backend: 'libseccomp' } as const;
const ofTheLibrary: typeof provoked = {
  ERR_PROOF: () =>
    root.compileProfile(readFileSync(join(folder, 'fixtures/cli/miscompiled.json')), {
      ...{ arch: 'x86_64', kernel: '6.1', backend: 'libseccomp', runtime: 'crun' },
    }),
  ERR_LIBSECCOMP_TOO_OLD: () => {
    using filter = new binding.Filter(binding.allow());
    filter.addRule(binding.trap(7), 'read');
  },
  ERR_LIBSECCOMP: () =>
    root.compileProfile(
      JSON.stringify({
        defaultAction: 'SCMP_ACT_ALLOW',
        syscalls: ['SCMP_ACT_ERRNO', 'SCMP_ACT_KILL'].map((action) => ({
          ...{ names: ['read'], action },
          args: [{ index: 0, value: 1, op: 'SCMP_CMP_EQ' }],
        })),
      }),
      ofLibseccomp,
    ),
};

/** What the process with libseccomp does not survive; only a built package starts one. The second library ends it for every rule. */
const ofTheChild: typeof provoked = {
  ERR_LIBSECCOMP_TIMEOUT: () => built.compileProfile(endless, { ...ofLibseccomp, timeoutMs: 100 }),
  ERR_LIBSECCOMP_CRASH: () => {
    const made = mkdtempSync(join(tmpdir(), 'oci-seccomp-crash-'));
    onTestFinished(() => rmSync(made, { recursive: true }));
    const [code, library] = [join(made, 'crash.c'), join(made, 'crash.so')];
    writeFileSync(code, '#include <stdlib.h>\nint seccomp_rule_add_array(void) { abort(); }\n');
    const base = installedLibraries().at(-1)?.path ?? '';
    execFileSync('cc', ['-shared', '-fPIC', '-o', library, code, '-Wl,--no-as-needed', base]);
    return built.compileProfile(endless, { ...ofLibseccomp, library });
  },
};

/** Of the tests' copy of the package, or of the built one. */
const isOurs = (error: unknown): error is root.OciSeccompError =>
  error instanceof Error && error.name === 'OciSeccompError';

async function check(code: ErrorCode, work: () => unknown): Promise<void> {
  const error: unknown = await Promise.resolve()
    .then(work)
    .then(
      () => undefined,
      (reason: unknown) => reason,
    );
  if (!isOurs(error)) throw error;
  expect(error.code, error.message).toBe(code);
  (checks[code] as ((details: unknown) => void) | undefined)?.(error.details);
  expect(error.hasCode(code)).toBe(true);
  expect(error.hasCode(code === 'ERR_IO' ? 'ERR_KERNEL' : 'ERR_IO')).toBe(false);
  const json: unknown = JSON.parse(JSON.stringify(error));
  expect(json).toMatchObject({ name: 'OciSeccompError', code, message: error.message });
  expect(Object.keys((json as typeof error).details).sort()).toEqual(definedKeys(error.details));
  // What a thread is sent arrives whole.
  expect(structuredClone(error.toJSON())).toEqual(json);
}

const definedKeys = (record: object): readonly string[] =>
  Object.entries(record)
    .flatMap(([key, value]) => (value === undefined ? [] : [key]))
    .sort();

describe('the details of an error', () => {
  it.each(Object.entries(provoked) as [ErrorCode, () => unknown][])('%s: are what their type says', check);

  it('are looked at for every code whose details have a type of their own', () => {
    const all = [...Object.keys(provoked), ...Object.keys(ofTheLibrary), ...Object.keys(ofTheChild)];
    expect(all.sort()).toEqual(Object.keys(checks).sort());
  });

  it('have the type of the code that was asked for', () => {
    const error = new OciSeccompError('ERR_IO', 'x');
    if (error.hasCode('ERR_PROOF')) {
      expectTypeOf(error.details.counterexample).toEqualTypeOf<Counterexample | undefined>();
      expectTypeOf(error.code).toEqualTypeOf<'ERR_PROOF'>();
      expectTypeOf(error.hint).toEqualTypeOf<string | undefined>();
    }
    if (error.hasCode('ERR_CLAIM'))
      expectTypeOf(error.details.weaknesses).toEqualTypeOf<readonly Weakness[]>();
    if (error.hasCode('ERR_PROFILE_SCHEMA'))
      expectTypeOf(error.details.problems).toEqualTypeOf<readonly Problem[] | undefined>();
    if (error.hasCode('ERR_KERNEL')) expectTypeOf(error.details.errno).toEqualTypeOf<number | undefined>();
    // @ts-expect-error no such code
    expect(error.hasCode('ERR_KERNAL')).toBe(false);
  });
});

describe('an error in JSON', () => {
  const details = { id: 2n ** 64n - 1n, args: [1n], pid: 7, left: undefined };

  it.each<readonly [unknown, unknown]>([
    [new RangeError('deep'), 'RangeError: deep'],
    [
      new OciSeccompError('ERR_IO', 'in'),
      { name: 'OciSeccompError', code: 'ERR_IO', message: 'in', details: {} },
    ],
  ])('has integers of 64 bits as text, and its cause: %s', (cause, shown) => {
    const error = new OciSeccompError('ERR_KERNEL', 'no', { hint: 'do', details, cause });
    expect(JSON.parse(JSON.stringify({ error }))).toEqual({
      error: {
        ...{ name: 'OciSeccompError', code: 'ERR_KERNEL', message: 'no', hint: 'do' },
        details: { id: '18446744073709551615', args: ['1'], pid: 7 },
        cause: shown,
      },
    });
  });

  it('leaves out a hint and a cause that it does not have', () => {
    expect(Object.keys(new OciSeccompError('ERR_IO', 'x').toJSON())).toEqual([
      'name',
      'code',
      'message',
      'details',
    ]);
  });
});

describeWith(
  ['cc', 'built', 'libseccomp 2.6.1'],
  'the details of an error of a process with libseccomp',
  () => {
    it.each(Object.entries(ofTheChild) as [ErrorCode, () => unknown][])(
      '%s: are what their type says',
      check,
    );
  },
);

describe.skipIf(skipUnless(installedLibraries().length > 0))(
  'the details of an error (needs libseccomp)',
  () => {
    it.each(Object.entries(ofTheLibrary) as [ErrorCode, () => unknown][])(
      '%s: are what their type says',
      check,
    );
  },
);

describe('a message', () => {
  it('and its hint stay readable, whatever they quote', async () => {
    const long = 'x'.repeat(1_000_000);
    const quoting: readonly (() => unknown)[] = [
      () => root.compileProfile(rule('read'), { arch: long }),
      () => root.compileProfile(rule('read'), { kernel: long }),
      () => root.compileProfile(rule('read'), { capabilities: [long] }),
      () => root.compileProfile(rule('read'), { ...builtin, runtime: long }),
      () => root.compileProfile(rule('read'), { ...builtin, table: long }),
      () => root.compileProfile(rule('read'), { library: long }),
      () => root.compileProfile('{', { name: long }),
      () => root.validateProfile(rule('read'), { runtimes: [long] }),
      () => root.lintProfile(rule('read'), { levels: { [long]: 'off' } }),
      () => root.allowCall(rule('read'), { syscall: long }),
      () => root.readFilter(`pid:${long}`),
    ];
    for (const ask of quoting) {
      const error = await (async () => ask())().catch((thrown: unknown) => thrown);
      if (!(error instanceof OciSeccompError)) throw error;
      expect(error.message).toContain(' more characters]');
      expect(error.message.length).toBeLessThan(6100);
      expect((error.hint ?? '').length).toBeLessThan(6100);
    }
  });

  it('is whole where it quotes the longest path that Linux takes', () => {
    const path = 'x'.repeat(4096);
    expect(new OciSeccompError('ERR_USAGE', `${path} is no file`).message).toBe(`${path} is no file`);
  });
});
