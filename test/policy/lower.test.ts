/**
 * What each runtime makes of a resolved profile: rules, steps, refusals, written out by hand.
 *
 * The expectations are what runc 1.1.5, 1.1.15, 1.3.6 and crun 1.8.1, 1.21, 1.28 were seen to do (test/oracle compares
 * with the running programs, where they are there); these tables need no program, no privilege and no libseccomp.
 */
import { describe, expect, it } from 'vitest';
import { type ArchName, architectures } from '../../src/abi/architectures.ts';
import { syscallNumber } from '../../src/abi/syscall-numbers.ts';
import type { LinuxSeccomp, LinuxSyscall } from '../../src/oci/linux-seccomp.ts';
import { type Lowered, lowerProfile } from '../../src/policy/lower-profile.ts';
import type { SyscallTable } from '../../src/policy/policy.ts';

const table: SyscallTable = { name: 'the test table', resolve: syscallNumber };

// include/uapi/linux/seccomp.h
const KILL_THREAD = 0;
const TRAP = 0x00030000;
const ERRNO = 0x00050000;
const NOTIFY = 0x7fc00000;
const TRACE = 0x7ff00000;
const LOG = 0x7ffc0000;
const ALLOW = 0x7fff0000;
const KILL_PROCESS = 0x80000000;

const runtimes = [
  'runc@1.1.5',
  'runc@1.1.8',
  'runc@1.1.15',
  'runc@1.3.6',
  'runc',
  'crun',
  'youki',
  'plain',
] as const;
type Spelling = (typeof runtimes)[number];

const deny = (...syscalls: readonly LinuxSyscall[]): LinuxSeccomp => ({
  defaultAction: 'SCMP_ACT_ERRNO',
  syscalls,
});
const allow = (...names: readonly string[]): LinuxSyscall => ({ names, action: 'SCMP_ACT_ALLOW' });

function lower(seccomp: LinuxSeccomp, runtime: Spelling = 'plain', arch: ArchName = 'x86_64'): Lowered {
  return lowerProfile(seccomp, { runtime, arch, table });
}

const words = ({ policy }: Lowered): readonly number[] => policy.rules.map(({ returnWord }) => returnWord);
const kinds = ({ steps }: Lowered): readonly string[] => steps.map(({ kind }) => kind);

/** What each runtime does, given for all of them: a new runtime does not pass unseen. */
function byRuntime<T>(answers: Record<Spelling, T>): readonly (readonly [Spelling, T])[] {
  return runtimes.map((runtime) => [runtime, answers[runtime]] as const);
}

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
    expect(() => lower({ ...deny(), architectures: ['SCMP_ARCH_S390X'] })).toThrow(/big endian/);
    expect(() => lower({ ...deny(), architectures: ['SCMP_ARCH_VAX'] })).toThrow(/SCMP_ARCH_VAX/);
  });
});

describe('flags', () => {
  const TSYNC = 'SECCOMP_FILTER_FLAG_TSYNC';
  const LOG_FLAG = 'SECCOMP_FILTER_FLAG_LOG';
  const WAIT_KILLABLE = 'SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV';
  const notify = { names: ['mkdir'], action: 'SCMP_ACT_NOTIFY' };
  const listening = { ...deny(notify), listenerPath: '/run/agent' };
  const all = [
    'SECCOMP_FILTER_FLAG_TSYNC',
    'SECCOMP_FILTER_FLAG_LOG',
    'SECCOMP_FILTER_FLAG_SPEC_ALLOW',
    'SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV',
  ];
  it.each(
    byRuntime({
      'runc@1.1.5': [],
      'runc@1.1.8': [],
      'runc@1.1.15': [],
      'runc@1.3.6': all.slice(0, 3),
      runc: all,
      crun: all,
      youki: all,
      plain: all,
    }),
  )('%s: takes %j', (runtime, known) => {
    for (const flag of all) {
      const run = (): Lowered => lower({ ...listening, flags: [flag] }, runtime);
      if (!known.includes(flag)) expect(run, flag).toThrow(/does not know the flag/);
      else if (flag !== TSYNC) expect(run().policy.flags).toEqual([flag]);
    }
    expect(() => lower({ ...deny(), flags: ['SECCOMP_FILTER_FLAG_NEW'] }, runtime)).toThrow(/FLAG_NEW/);
  });

  // Each outcome as the flags that reach the kernel, or the refusal.
  const unknown = /does not know the flag/;
  const alone = /only with a listener/;
  const together = /only together with SECCOMP_FILTER_FLAG_TSYNC_ESRCH/;
  const outcome = (seccomp: LinuxSeccomp, runtime: Spelling, wanted: readonly string[] | RegExp): void => {
    const run = (): Lowered => lower(seccomp, runtime);
    if (wanted instanceof RegExp) expect(run).toThrow(wanted);
    else expect(run().policy.flags).toEqual(wanted);
  };

  it.each(
    byRuntime<readonly (readonly string[] | RegExp)[]>({
      // a path alone, an action alone, neither, both
      'runc@1.1.5': [unknown, unknown, unknown, unknown],
      'runc@1.1.8': [unknown, unknown, unknown, unknown],
      'runc@1.1.15': [unknown, unknown, unknown, unknown],
      'runc@1.3.6': [unknown, unknown, unknown, unknown],
      runc: [alone, [WAIT_KILLABLE, LOG_FLAG], alone, [WAIT_KILLABLE, LOG_FLAG]],
      crun: [[WAIT_KILLABLE, LOG_FLAG], [], [], [WAIT_KILLABLE, LOG_FLAG]],
      youki: [alone, [WAIT_KILLABLE, LOG_FLAG], alone, [WAIT_KILLABLE, LOG_FLAG]],
      plain: [alone, [WAIT_KILLABLE, LOG_FLAG], alone, [WAIT_KILLABLE, LOG_FLAG]],
    }),
  )('%s: WAIT_KILLABLE_RECV and LOG with a path alone, an action alone, neither, both', (runtime, wanted) => {
    const given = { flags: [WAIT_KILLABLE, LOG_FLAG] };
    const path = { listenerPath: '/run/agent' };
    const profiles = [{ ...deny(), ...path }, deny(notify), deny(), listening];
    for (const [i, profile] of profiles.entries())
      outcome({ ...profile, ...given }, runtime, wanted[i] ?? unknown);
  });

  it('dropped by crun because of one that the kernel refuses: a step', () => {
    const { steps } = lower({ ...deny(), flags: [WAIT_KILLABLE, LOG_FLAG] }, 'crun');
    expect(steps.map(({ kind }) => kind)).toEqual(['flags-dropped']);
    expect(steps[0]?.message).toContain(
      `loads the filter without any of its flags (${WAIT_KILLABLE}, ${LOG_FLAG})`,
    );
  });

  it.each(
    byRuntime<readonly (readonly string[] | RegExp)[]>({
      'runc@1.1.5': [unknown, unknown],
      'runc@1.1.8': [unknown, unknown],
      'runc@1.1.15': [unknown, unknown],
      'runc@1.3.6': [[], []],
      runc: [[], []],
      crun: [[TSYNC], together],
      youki: [[TSYNC], [TSYNC]],
      plain: [[TSYNC], [TSYNC]],
    }),
  )('%s: TSYNC without a listener, and with one', (runtime, [without = unknown, beside = unknown]) => {
    outcome({ ...deny(), flags: [TSYNC] }, runtime, without);
    outcome({ ...listening, flags: [TSYNC] }, runtime, beside);
  });

  it('TSYNC with a listener where libseccomp needs TSYNC_ESRCH, of Linux 5.7', () => {
    const on = (kernel: number, major: number): Lowered =>
      lowerProfile(
        { ...listening, flags: [TSYNC] },
        { runtime: 'plain', arch: 'x86_64', table, kernel: { kernel, major } },
      );
    expect(() => on(5, 6)).toThrow(/does not know SECCOMP_FILTER_FLAG_TSYNC_ESRCH/);
    expect(on(5, 7).policy.flags).toEqual([TSYNC]);
  });

  it.each(
    byRuntime({
      'runc@1.1.5': false,
      'runc@1.1.8': false,
      'runc@1.1.15': false,
      'runc@1.3.6': true,
      runc: true,
      crun: true,
      youki: false,
      plain: false,
    }),
  )('%s: SPEC_ALLOW where the profile has no flags key: %s', (runtime, added) => {
    expect(lower(deny(), runtime).policy.flags).toEqual(added ? ['SECCOMP_FILTER_FLAG_SPEC_ALLOW'] : []);
    expect(lower({ ...deny(), flags: [] }, runtime).policy.flags).toEqual([]);
  });
});

describe('the ENOSYS stub', () => {
  // asm/unistd_64.h: read 0, write 1, mkdir 83; asm/unistd_32.h: read 3, write 4; x32 numbers carry bit 30.
  const sectionsOf = (seccomp: LinuxSeccomp, runtime: Spelling = 'runc', arch: ArchName = 'x86_64') =>
    lower(seccomp, runtime, arch).policy.enosysStub?.map(({ limits }) =>
      limits.map((limit) => [limit.arch, limit.maxNr]),
    );

  it.each(
    byRuntime({
      'runc@1.1.5': [],
      'runc@1.1.8': [],
      'runc@1.1.15': [[['x86_64', 1]]],
      'runc@1.3.6': [[['x86_64', 1]]],
      runc: [[['x86_64', 1]]],
      crun: undefined,
      youki: undefined,
      plain: undefined,
    }),
  )('%s: for the native architecture that is not listed', (runtime, sections) => {
    expect(sectionsOf(deny(allow('write')), runtime)).toEqual(sections);
  });

  it('has a section an audit architecture, in which x86_64 and x32 share one', () => {
    const architectures = ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86', 'SCMP_ARCH_X32'];
    expect(sectionsOf({ ...deny(allow('read', 'write')), architectures })).toEqual([
      [
        ['x86_64', 1],
        ['x32', 0x40000001],
      ],
      [['x86', 4]],
    ]);
  });

  it('counts the names of every rule, also of those that are skipped', () => {
    const skipped = { names: ['mkdir'], action: 'SCMP_ACT_ERRNO' };
    expect(sectionsOf(deny(allow('write'), skipped))).toEqual([[['x86_64', 83]]]);
  });

  it('checks nothing where the largest number is 0, which runc takes for none', () => {
    expect(sectionsOf(deny(allow('read')))).toEqual([[]]);
    expect(kinds(lower(deny(allow('read')), 'runc'))).not.toContain('enosys-stub');
  });

  it.each([
    ['SCMP_ACT_ALLOW', false],
    ['SCMP_ACT_LOG', false],
    ['SCMP_ACT_TRACE', false],
    ['SCMP_ACT_ERRNO', true],
    ['SCMP_ACT_TRAP', true],
    ['SCMP_ACT_KILL', true],
    ['SCMP_ACT_KILL_PROCESS', true],
  ])('with the default action %s: %s', (defaultAction, present) => {
    const syscalls = [{ names: ['write'], action: 'SCMP_ACT_ERRNO', errnoRet: 13 }];
    expect(lower({ defaultAction, syscalls }, 'runc').policy.enosysStub !== undefined).toBe(present);
    // TRACE carries 16 bits of data, and is TRACE whatever they are.
    if (defaultAction === 'SCMP_ACT_TRACE') {
      const traced = lower({ defaultAction, defaultErrnoRet: 7, syscalls }, 'runc');
      expect(traced.policy.enosysStub).toBeUndefined();
    }
  });

  it('is there though the default errno is ENOSYS already: the check meant to spare it never fires', () => {
    expect(sectionsOf({ ...deny(allow('write')), defaultErrnoRet: 38 })).toEqual([[['x86_64', 1]]]);
  });
});

describe('the binary tree', () => {
  const manyNames = (count: number): LinuxSeccomp =>
    deny(allow(...Array.from({ length: count }, () => 'read')));
  it.each(
    byRuntime({
      'runc@1.1.5': [1, 1],
      'runc@1.1.8': [1, 1],
      'runc@1.1.15': [1, 1],
      'runc@1.3.6': [1, 2],
      runc: [1, 2],
      crun: [1, 1],
      youki: [1, 1],
      plain: [1, 1],
    }),
  )('%s: libseccomp optimisation for 32 and 33 names: %j', (runtime, levels) => {
    const optimize = [32, 33].map((count) => lower(manyNames(count), runtime).policy.optimize);
    expect(optimize).toEqual(levels);
  });

  it('counts names, also of skipped rules and unknown calls', () => {
    const skipped = { names: ['mount', 'no_such_call'], action: 'SCMP_ACT_ERRNO' };
    const names = Array.from({ length: 31 }, () => 'read');
    expect(lower(deny(allow(...names), skipped), 'runc').policy.optimize).toBe(2);
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
