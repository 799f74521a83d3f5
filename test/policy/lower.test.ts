/**
 * What each runtime makes of a resolved profile: rules, steps, refusals, written out by hand.
 *
 * The expectations are what runc 1.1.5, 1.1.15, 1.3.6 and crun 1.8.1, 1.21, 1.28 were seen to do (test/oracle compares
 * with the running programs, where they are there); these tables need no program, no privilege and no libseccomp.
 */
import { describe, expect, it } from 'vitest';
import { type ArchName, architectures } from '../../src/abi/architectures.ts';
import type { OciSeccompError } from '../../src/errors.ts';
import type { LinuxSyscall } from '../../src/oci/linux-seccomp.ts';
import type { Lowered } from '../../src/policy/lower-profile.ts';
import { allow, byRuntime, deny, kinds, lower, runtimes, words } from './lowered.ts';

// include/uapi/linux/seccomp.h
const KILL_THREAD = 0;
const TRAP = 0x00030000;
const ERRNO = 0x00050000;
const NOTIFY = 0x7fc00000;
const TRACE = 0x7ff00000;
const LOG = 0x7ffc0000;
const ALLOW = 0x7fff0000;
const KILL_PROCESS = 0x80000000;

describe('return words', () => {
  it.each([
    ['SCMP_ACT_KILL', undefined, KILL_THREAD],
    ['SCMP_ACT_KILL_THREAD', undefined, KILL_THREAD],
    ['SCMP_ACT_KILL_PROCESS', undefined, KILL_PROCESS],
    ['SCMP_ACT_TRAP', undefined, TRAP],
    ['SCMP_ACT_ERRNO', undefined, ERRNO | 1],
    ['SCMP_ACT_ERRNO', 0, ERRNO],
    ['SCMP_ACT_ERRNO', 38, ERRNO | 38],
    ['SCMP_ACT_ERRNO', 4094, ERRNO | 4094],
    ['SCMP_ACT_TRACE', undefined, TRACE | 1],
    ['SCMP_ACT_TRACE', 65535, TRACE | 65535],
    ['SCMP_ACT_LOG', undefined, LOG],
    ['SCMP_ACT_NOTIFY', undefined, NOTIFY],
  ])('%s with errnoRet %s', (action, errnoRet, word) => {
    const rule = { names: ['ptrace'], action, ...(errnoRet === undefined ? {} : { errnoRet }) };
    expect(words(lower({ defaultAction: 'SCMP_ACT_ALLOW', syscalls: [rule] }))).toEqual([word]);
    const asDefault = errnoRet === undefined ? {} : { defaultErrnoRet: errnoRet };
    expect(lower({ defaultAction: action, ...asDefault }).policy.defaultAction).toBe(word);
  });

  it('keep 16 bits of an errno, and say so', () => {
    const lowered = lower({
      defaultAction: 'SCMP_ACT_ALLOW',
      syscalls: [
        { names: ['mount'], action: 'SCMP_ACT_ERRNO', errnoRet: 65537 },
        { names: ['ptrace'], action: 'SCMP_ACT_TRACE', errnoRet: 65536 },
      ],
    });
    expect(words(lowered)).toEqual([ERRNO | 1, TRACE]);
    expect(lowered.steps.map(({ kind, rule }) => [kind, rule])).toEqual([
      ['errno-truncated', 0],
      ['errno-truncated', 1],
    ]);
  });

  it.each([4095, 65535])('refuse an errno of %i, which libseccomp refuses', (errnoRet) => {
    const rule = { names: ['mount'], action: 'SCMP_ACT_ERRNO', errnoRet };
    expect(() => lower({ defaultAction: 'SCMP_ACT_ALLOW', syscalls: [rule] })).toThrow(
      expect.objectContaining({ code: 'ERR_PROFILE_SEMANTICS', details: { runtime: 'plain', rule: 0 } }),
    );
  });

  it.each(
    byRuntime({
      'runc@1.1.5': 'ignored',
      'runc@1.1.8': 'ignored',
      'runc@1.1.15': 'ignored',
      'runc@1.3.6': 'ignored',
      runc: 'ignored',
      crun: 'refused',
      youki: 'ignored',
      plain: 'ignored',
    }),
  )('%s: an errno on ALLOW is %s', (runtime, outcome) => {
    const profile = deny({ names: ['read'], action: 'SCMP_ACT_ALLOW', errnoRet: 1 });
    if (outcome === 'refused') {
      expect(() => lower(profile, runtime)).toThrow(/errnoRet 1 on SCMP_ACT_ALLOW/);
    } else {
      const lowered = lower(profile, runtime);
      expect(words(lowered)).toEqual([ALLOW]);
      expect(kinds(lowered)).toContain('errno-ignored');
    }
  });
});

describe('NOTIFY', () => {
  const answers = byRuntime({
    'runc@1.1.5': 'refused',
    'runc@1.1.8': 'refused',
    'runc@1.1.15': 'refused',
    'runc@1.3.6': 'refused',
    runc: 'refused',
    crun: 'taken',
    youki: 'refused',
    plain: 'taken',
  });
  it.each(answers)('%s: as default action %s', (runtime, outcome) => {
    const run = (): Lowered => lower({ defaultAction: 'SCMP_ACT_NOTIFY' }, runtime);
    if (outcome === 'refused') expect(run).toThrow(/SCMP_ACT_NOTIFY as default action/);
    else expect(run().policy.defaultAction).toBe(NOTIFY);
  });

  it.each(answers)('%s: on write %s', (runtime, outcome) => {
    const profile = deny({ names: ['mkdir', 'write'], action: 'SCMP_ACT_NOTIFY' });
    if (outcome === 'refused') expect(() => lower(profile, runtime)).toThrow(/SCMP_ACT_NOTIFY on write/);
    else expect(words(lower(profile, runtime))).toEqual([NOTIFY, NOTIFY]);
  });

  it.each(runtimes)('%s: on other calls taken', (runtime) => {
    expect(words(lower(deny({ names: ['mkdir'], action: 'SCMP_ACT_NOTIFY' }), runtime))).toEqual([NOTIFY]);
  });
});

describe('rules', () => {
  it('come one a name, in document order, each remembering its rule', () => {
    const { policy } = lower(deny(allow('write', 'read'), { names: ['mount'], action: 'SCMP_ACT_KILL' }));
    expect(policy.rules.map(({ syscall, nr, origin }) => [syscall, nr, origin])).toEqual([
      ['write', 1, 0],
      ['read', 0, 0],
      ['mount', 165, 1],
    ]);
  });

  it('are skipped when their action equals the default one, its errno included', () => {
    const lowered = lower({
      defaultAction: 'SCMP_ACT_ERRNO',
      defaultErrnoRet: 38,
      syscalls: [
        { names: ['mount', 'umount2'], action: 'SCMP_ACT_ERRNO', errnoRet: 38 },
        { names: ['ptrace'], action: 'SCMP_ACT_ERRNO' },
      ],
    });
    expect(lowered.policy.rules.map(({ syscall, returnWord }) => [syscall, returnWord])).toEqual([
      ['ptrace', ERRNO | 1],
    ]);
    expect(lowered.steps).toMatchObject([{ kind: 'equals-default-action', rule: 0 }]);
  });

  it('skip names that no architecture has, and keep those that only another one has', () => {
    const lowered = lower(deny(allow('no_such_call', 'read', 'mmap2')));
    expect(lowered.policy.rules.map(({ syscall, nr }) => [syscall, nr < 0])).toEqual([
      ['read', false],
      ['mmap2', true],
    ]);
    expect(lowered.steps.map(({ kind, syscall }) => [kind, syscall])).toEqual([
      ['unknown-syscall', 'no_such_call'],
      ['not-on-architecture', 'mmap2'],
    ]);
  });

  it.each(runtimes)('%s: an empty name', (runtime) => {
    const run = (): Lowered => lower(deny(allow('')), runtime);
    // crun and youki ask libseccomp, which knows no such name, and warn; runc refuses the container.
    if (runtime === 'crun' || runtime === 'youki') expect(kinds(run())).toContain('unknown-syscall');
    else expect(run).toThrow(/empty syscall name/);
  });
});

describe('comparisons', () => {
  const compare = (...args: NonNullable<LinuxSyscall['args']>): LinuxSyscall => ({
    names: ['socket'],
    action: 'SCMP_ACT_ALLOW',
    args,
  });
  const equals = (index: number, value: bigint) => ({ index, value, op: 'SCMP_CMP_EQ' });

  it('of different arguments stay together: all must hold', () => {
    const { policy, steps } = lower(deny(compare(equals(0, 1n), equals(1, 2n))));
    expect(policy.rules.map(({ comparisons }) => comparisons.length)).toEqual([2]);
    expect(steps).toEqual([]);
  });

  it.each(runtimes)('%s: with an argument twice become one rule each: any may hold', (runtime) => {
    const { policy, steps } = lower(deny(compare(equals(0, 1n), equals(1, 2n), equals(0, 3n))), runtime);
    expect(
      policy.rules.map(({ comparisons }) => comparisons.map(({ index, value }) => [index, value])),
    ).toEqual([[[0, 1n]], [[1, 2n]], [[0, 3n]]]);
    expect(steps).toContainEqual(expect.objectContaining({ kind: 'repeated-argument', rule: 0 }));
  });

  it.each(
    byRuntime({
      'runc@1.1.5': 7,
      'runc@1.1.8': 7,
      'runc@1.1.15': 7,
      'runc@1.3.6': 7,
      runc: 7,
      crun: 6,
      youki: 7,
      plain: 7,
    }),
  )('%s: of seven the first %i are read', (runtime, read) => {
    const seven = [0, 1, 2, 3, 4, 5, 0].map((index, at) => equals(index, BigInt(at)));
    const { policy, steps } = lower(deny(compare(...seven)), runtime);
    const values = policy.rules.flatMap(({ comparisons }) => comparisons.map(({ value }) => value));
    expect(values).toEqual(seven.slice(0, read).map(({ value }) => value));
    expect(steps.some(({ kind }) => kind === 'comparisons-dropped')).toBe(read === 6);
    // The seventh repeats an argument: whoever reads it ORs, crun ANDs the six.
    expect(policy.rules.length).toBe(read === 6 ? 1 : 7);
  });

  it.each(
    byRuntime({
      'runc@1.1.5': [0xf0n, 0x10n],
      'runc@1.1.8': [0xf0n, 0x10n],
      'runc@1.1.15': [0xf0n, 0x10n],
      'runc@1.3.6': [0xf0n, 0x10n],
      runc: [0xf0n, 0x10n],
      crun: [0xf0n, 0x10n],
      youki: [0x10n, 0xf0n],
      plain: [0xf0n, 0x10n],
    }),
  )('%s: MASKED_EQ with mask 0xf0 and value 0x10 is read as %s', (runtime, [value, valueTwo]) => {
    const masked = { index: 0, op: 'SCMP_CMP_MASKED_EQ', value: 0xf0n, valueTwo: 0x10n };
    const { policy, steps } = lower(deny(compare(masked)), runtime);
    expect(policy.rules[0]?.comparisons).toEqual([{ index: 0, op: 'maskedEq', value, valueTwo }]);
    expect(steps.some(({ kind }) => kind === 'mask-swapped')).toBe(runtime === 'youki');
  });

  it.each([
    ['an argument 6', { index: 6, value: 0n, op: 'SCMP_CMP_EQ' }],
    ['an argument -1', { index: -1, value: 0n, op: 'SCMP_CMP_EQ' }],
    ['half an argument', { index: 0.5, value: 0n, op: 'SCMP_CMP_EQ' }],
    ['a negative value', { index: 0, value: -1n, op: 'SCMP_CMP_EQ' }],
    ['a value of 65 bits', { index: 0, value: 1n << 64n, op: 'SCMP_CMP_EQ' }],
    ['a second value of 65 bits', { index: 0, value: 0n, valueTwo: 1n << 64n, op: 'SCMP_CMP_MASKED_EQ' }],
    ['an operator that does not exist', { index: 0, value: 0n, op: 'SCMP_CMP_LIKE' }],
  ])('refuse %s', (_, arg) => {
    expect(() => lower(deny(allow('read'), compare(arg)))).toThrow(
      expect.objectContaining({ code: 'ERR_PROFILE_SEMANTICS', details: { runtime: 'plain', rule: 1 } }),
    );
  });

  it('take the largest value there is', () => {
    const largest = (1n << 64n) - 1n;
    expect(lower(deny(compare(equals(5, largest)))).policy.rules[0]?.comparisons[0]).toMatchObject({
      index: 5,
      value: largest,
    });
  });
});

describe('architectures', () => {
  it('start with the native one, then come as listed, each once', () => {
    const seccomp = {
      ...deny(),
      architectures: ['SCMP_ARCH_X32', 'SCMP_ARCH_X86_64', 'SCMP_ARCH_X86', 'SCMP_ARCH_X32'],
    };
    expect(lower(seccomp).policy.architectures).toEqual(['x86_64', 'x32', 'x86']);
  });

  it('always include the native one, and say when the profile does not', () => {
    const lowered = lower({ ...deny(), architectures: ['SCMP_ARCH_X86'] });
    expect(lowered.policy.architectures).toEqual(['x86_64', 'x86']);
    expect(kinds(lowered)).toEqual(['native-architecture-added']);
    expect(kinds(lower(deny()))).toEqual([]);
  });

  it.each(
    byRuntime({
      'runc@1.1.5': 'refused',
      'runc@1.1.8': 'refused',
      'runc@1.1.15': 'refused',
      'runc@1.3.6': 'refused',
      runc: 'refused',
      crun: 'refused',
      // oci-spec-rs has ScmpArchNative, and youki's translate_arch hands it to libseccomp.
      youki: 'taken',
      plain: 'taken',
    }),
  )('%s: SCMP_ARCH_NATIVE is %s', (runtime, outcome) => {
    const run = (): Lowered => lower({ ...deny(), architectures: ['SCMP_ARCH_NATIVE'] }, runtime);
    if (outcome === 'refused') expect(run).toThrow(/SCMP_ARCH_NATIVE/);
    else expect(run().policy.architectures).toEqual(['x86_64']);
  });

  it.each(
    byRuntime<readonly ArchName[]>({
      'runc@1.1.5': ['m68k', 'parisc', 'parisc64', 'sh', 'sheb', 'loongarch64', 'riscv64'],
      'runc@1.1.8': ['m68k', 'parisc', 'parisc64', 'sh', 'sheb', 'loongarch64'],
      'runc@1.1.15': ['m68k', 'parisc', 'parisc64', 'sh', 'sheb'],
      'runc@1.3.6': ['m68k', 'parisc', 'parisc64', 'sh', 'sheb'],
      runc: ['m68k', 'parisc', 'parisc64', 'sh', 'sheb'],
      crun: [],
      youki: [],
      plain: [],
    }),
  )('%s: refuses %j', (runtime, refused) => {
    for (const { name, ociArch } of Object.values(architectures)) {
      // On its own machine, so that byte order is no reason to refuse.
      const run = (): Lowered => lower({ ...deny(), architectures: [ociArch] }, runtime, name);
      if (refused.includes(name)) expect(run, name).toThrow(/does not know the architecture/);
      else expect(run().policy.architectures, name).toEqual([name]);
    }
  });

  it('refuse one of the other byte order, and one that does not exist', () => {
    const hint = (...architectures: string[]) => {
      try {
        return lower({ ...deny(), architectures });
      } catch (error) {
        return (error as OciSeccompError).hint;
      }
    };
    expect(() => lower({ ...deny(), architectures: ['SCMP_ARCH_S390X'] })).toThrow(/big endian/);
    expect(hint('SCMP_ARCH_X86_64', 'SCMP_ARCH_S390X')).toMatch(/SCMP_ARCH_S390X out, .* --arch s390x$/);
    expect(() => lower({ ...deny(), architectures: ['SCMP_ARCH_VAX'] })).toThrow(/SCMP_ARCH_VAX/);
  });
});

describe('what no runtime takes', () => {
  it.each([
    [{ defaultAction: 'SCMP_ACT_MAYBE' }, /default|SCMP_ACT_MAYBE/],
    [
      { defaultAction: 'SCMP_ACT_ALLOW', syscalls: [{ names: ['read'], action: 'SCMP_ACT_MAYBE' }] },
      /SCMP_ACT_MAYBE/,
    ],
  ])('%j', (seccomp, message) => {
    for (const runtime of runtimes) expect(() => lower(seccomp, runtime), runtime).toThrow(message);
  });

  it('is refused under a name that says which runtime', () => {
    expect(() => lower({ defaultAction: 'SCMP_ACT_MAYBE' }, 'runc@1.1.5')).toThrow(
      /^runc@1\.1\.5 does not know/,
    );
  });
});
