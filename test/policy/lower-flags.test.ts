/**
 * What each runtime adds to the rules of a profile: flags, the ENOSYS stub, libseccomp's binary tree. As lower.test.ts.
 */
import { describe, expect, it } from 'vitest';
import type { ArchName } from '../../src/abi/architectures.ts';
import type { LinuxSeccomp } from '../../src/oci/linux-seccomp.ts';
import { type Lowered, lowerProfile } from '../../src/policy/lower-profile.ts';
import { allow, byRuntime, deny, kinds, lower, type Spelling, table } from './lowered.ts';

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
