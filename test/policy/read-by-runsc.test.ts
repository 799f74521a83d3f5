/**
 * What is said of gVisor's runsc, held against a second reading of its rules and of runc's: where nothing is said, both
 * answer every call alike.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { syscallNumber } from '../../src/abi/syscall-numbers.ts';
import { readProfile } from '../../src/oci/read-profile.ts';
import { resolveProfile } from '../../src/oci/resolve-profile.ts';
import { lowerProfile } from '../../src/policy/lower-profile.ts';
import { readByRunsc } from '../../src/policy/read-by-runsc.ts';
import { parseRuntime, requireLinuxFilter } from '../../src/policy/runtimes.ts';

interface Arg {
  readonly index: number;
  readonly op: string;
  readonly value: number;
  readonly valueTwo: number;
}

interface Rule {
  readonly names: readonly string[];
  readonly action: string;
  readonly errnoRet?: number;
  readonly args?: readonly Arg[];
}

interface Written {
  readonly defaultAction: string;
  readonly defaultErrnoRet?: number;
  readonly syscalls: readonly Rule[];
  readonly [key: string]: unknown;
}

function profileOf(written: object) {
  const { profile } = readProfile(JSON.stringify(written), { dialect: 'oci' });
  if (profile === undefined) throw new Error('no profile');
  return profile;
}

function said(written: object): readonly string[] {
  return readByRunsc(profileOf(written), ['x86_64'])
    .filter(({ severity }) => severity !== 'note')
    .map(({ code, severity, pointer }) => `${severity} ${code} ${pointer}`);
}

describe('readByRunsc', () => {
  const rule = (action: string, more: object = {}) => ({ names: ['clone'], action, ...more });
  const equal = (value: number, index = 0) => ({ index, value, op: 'SCMP_CMP_EQ' });
  const allow = 'SCMP_ACT_ALLOW';
  const errno = 'SCMP_ACT_ERRNO';

  it.each<[string, object, readonly string[]]>([
    ['nothing to say', { defaultAction: errno, syscalls: [rule(allow)] }, []],
    [
      'an errno of the default action',
      { defaultAction: errno, defaultErrnoRet: 38 },
      ['warning runsc-errno /defaultAction'],
    ],
    ['EPERM, as it answers anyway', { defaultAction: errno, defaultErrnoRet: 1 }, []],
    [
      'actions that it does not know',
      { defaultAction: 'SCMP_ACT_LOG', syscalls: [rule('SCMP_ACT_KILL_PROCESS')] },
      ['error runsc-action /defaultAction', 'error runsc-action /syscalls/0/action'],
    ],
    [
      'a name that gVisor lacks',
      { defaultAction: errno, syscalls: [rule(allow, { names: ['read', 'openat2'] })] },
      ['warning runsc-unknown-name /syscalls/0'],
    ],
    [
      'flags',
      { defaultAction: errno, flags: ['SECCOMP_FILTER_FLAG_LOG'], syscalls: [] },
      ['warning runsc-flags /flags'],
    ],
    [
      'an exception that runc does not make',
      { defaultAction: errno, syscalls: [rule(errno, { args: [equal(1)] }), rule(allow)] },
      ['warning runsc-order /syscalls/0'],
    ],
    [
      'rules that never match together',
      {
        defaultAction: errno,
        syscalls: [rule('SCMP_ACT_TRAP', { args: [equal(1)] }), rule(allow, { args: [equal(2)] })],
      },
      [],
    ],
  ])('%s', (_, written, expected) => {
    expect(said(written)).toEqual(expected);
  });

  it('says first that a profile is read only if runsc is told so', () => {
    const [first] = readByRunsc(profileOf({ defaultAction: errno }), ['x86_64']);
    expect(first).toMatchObject({ code: 'runsc-option', severity: 'note' });
    expect(first?.message).toMatch(/--oci-seccomp/);
    expect(first?.hint).toMatch(/release 20240729 was run/);
  });

  it('refuses hosts that gVisor does not run on', () => {
    const found = readByRunsc(profileOf({ defaultAction: errno }), ['riscv64', 'aarch64']);
    expect(found).toContainEqual(expect.objectContaining({ code: 'runsc-host', severity: 'error' }));
  });

  it('is no runtime to compile for', () => {
    expect(() => requireLinuxFilter(parseRuntime('runsc'))).toThrow(/builds the filter in its own kernel/);
    for (const other of ['runc', 'crun', 'youki', 'plain'])
      expect(() => requireLinuxFilter(parseRuntime(other)), other).not.toThrow();
  });
});

/** A comparison as the specification has it; gVisor masks only the argument. */
function holds({ op, value, valueTwo }: Arg, argument: number, masksValue: boolean): boolean {
  if (op === 'SCMP_CMP_EQ') return argument === value;
  return (argument & value) === (masksValue ? valueTwo & value : valueTwo);
}

/** An argument that is compared twice: any one comparison is enough, for runc and for runsc. */
function matches({ args = [] }: Rule, call: readonly number[], masksValue: boolean): boolean {
  const each = args.map((arg) => holds(arg, call[arg.index] ?? 0, masksValue));
  const isRepeated = new Set(args.map(({ index }) => index)).size < args.length;
  return isRepeated ? each.includes(true) : !each.includes(false);
}

/** pkg/seccomp: the first rule that matches; every errno is EPERM. */
function byRunsc({ syscalls, defaultAction }: Written, call: readonly number[]): string {
  return syscalls.find((rule) => matches(rule, call, false))?.action ?? defaultAction;
}

/** docs/semantics.md, of what lowering makes of the profile: the actions that the call can get. */
function byRunc(written: Written): (call: readonly number[]) => readonly number[] {
  const host = { arch: 'x86_64', kernel: { kernel: 6, major: 1 }, capabilities: [] } as const;
  const { seccomp } = resolveProfile(profileOf(written), host);
  if (seccomp === undefined) throw new Error('seccomp is off');
  const table = { name: 'test', resolve: syscallNumber };
  const { policy } = lowerProfile(seccomp, { runtime: 'plain', arch: 'x86_64', table });
  return (call) => {
    const always = policy.rules.find(({ comparisons }) => comparisons.length === 0);
    if (always !== undefined) return [always.returnWord];
    const matching = policy.rules.filter(({ comparisons }) =>
      comparisons.every(({ index, op, value, valueTwo }) => {
        const argument = BigInt(call[index] ?? 0);
        return op === 'eq' ? argument === value : (argument & value) === (valueTwo & value);
      }),
    );
    const words = new Set(matching.map(({ returnWord }) => returnWord));
    return words.size === 0 ? [policy.defaultAction] : [...words];
  };
}

/** Linux include/uapi/linux/seccomp.h; of ERRNO with EPERM. */
const words: Readonly<Record<string, number>> = {
  SCMP_ACT_ALLOW: 0x7fff_0000,
  SCMP_ACT_ERRNO: 0x0005_0001,
  SCMP_ACT_TRAP: 0x0003_0000,
};

const small = fc.integer({ min: 0, max: 3 });
const arg: fc.Arbitrary<Arg> = fc.record({
  index: fc.integer({ min: 0, max: 1 }),
  op: fc.constantFrom('SCMP_CMP_EQ', 'SCMP_CMP_MASKED_EQ'),
  value: small,
  valueTwo: small,
});
const actionOf = fc.constantFrom('SCMP_ACT_ALLOW', 'SCMP_ACT_ERRNO', 'SCMP_ACT_TRAP');
const written: fc.Arbitrary<Written> = fc.record({
  defaultAction: actionOf,
  syscalls: fc.array(
    fc.record({ names: fc.constant(['clone']), action: actionOf, args: fc.array(arg, { maxLength: 2 }) }),
    { minLength: 1, maxLength: 4 },
  ),
});
const calls = [0, 1, 2, 3].flatMap((first) => [0, 1, 2, 3].map((second) => [first, second]));

describe('where nothing is said of runsc', () => {
  it('runc and runsc answer every call alike', () => {
    const seen = { silent: 0, different: 0 };
    fc.assert(
      fc.property(written, (profile) => {
        const runc = byRunc(profile);
        const others = calls.filter((call) => {
          const answers = runc(call);
          return answers.length > 1 || answers[0] !== words[byRunsc(profile, call)];
        });
        if (others.length > 0) seen.different += 1;
        if (said(profile).length > 0) return;
        seen.silent += 1;
        expect(others).toEqual([]);
      }),
      { numRuns: 2000 },
    );
    expect(seen.silent).toBeGreaterThan(100);
    expect(seen.different).toBeGreaterThan(100);
  });
});
