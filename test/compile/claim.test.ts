/**
 * What weakens a claim, held against the meaning: decision diagrams of the policy with all names and without some.
 */
import { describe, expect, it } from 'vitest';
import { architectures } from '../../src/abi/architectures.ts';
import { syscallNumber } from '../../src/abi/syscall-numbers.ts';
import { encodeProgram } from '../../src/bpf/program.ts';
import { type Claim, makeClaim } from '../../src/compile/claim.ts';
import { formatClaim, formatRules, requireStrongClaim } from '../../src/compile/claim-text.ts';
import { compilePolicy } from '../../src/compile/compile-policy.ts';
import { proveProgram } from '../../src/compile/prove.ts';
import { decidePolicy } from '../../src/decision/decide-policy.ts';
import { whereRelated } from '../../src/decision/relate.ts';
import { createSpace, FALSE } from '../../src/decision/space.ts';
import { evaluate } from '../../src/decision/witness.ts';
import { OciSeccompError } from '../../src/errors.ts';
import { readProfile } from '../../src/oci/read-profile.ts';
import { resolveProfile } from '../../src/oci/resolve-profile.ts';
import { expandPolicy } from '../../src/policy/expand-policy.ts';
import { lowerProfile } from '../../src/policy/lower-profile.ts';
import type { SyscallTable } from '../../src/policy/policy.ts';
import { simulate } from '../oracle/support/simulate.ts';

const newest: SyscallTable = { name: 'the newest table', resolve: syscallNumber };
const without = (hidden: string): SyscallTable => ({
  name: 'an old table',
  resolve: (name, arch) => (name === hidden ? undefined : syscallNumber(name, arch)),
});
const kernel = { kernel: 6, major: 1 };

interface Case {
  readonly runtime?: string;
  readonly table?: SyscallTable;
  readonly kernel?: { readonly kernel: number; readonly major: number };
}

function lower(seccomp: object, { runtime = 'plain', table = newest, kernel: asked = kernel }: Case = {}) {
  const { profile, problems } = readProfile(JSON.stringify(seccomp), { name: 'p.json', dialect: 'oci' });
  if (profile === undefined) throw new Error('not a profile');
  const host = { arch: 'x86_64', kernel: asked, capabilities: [] } as const;
  const resolution = resolveProfile(profile, host);
  if (resolution.seccomp === undefined) throw new Error('seccomp is off');
  const lowered = lowerProfile(resolution.seccomp, { runtime, arch: 'x86_64', kernel: asked, table });
  return { profile, problems, host, resolution, lowered, table };
}

/** The claim of a program that does what the policy says. */
async function claimOf(seccomp: object, options: Case = {}): Promise<Claim> {
  const work = lower(seccomp, options);
  const { program, endian } = await compilePolicy(work.lowered.policy, { table: work.table });
  const proof = proveProgram({ policy: work.lowered.policy, table: work.table, program, endian });
  return makeClaim({ ...work, documents: [], programs: [], compiler: undefined, proof });
}

const rule = (action: string, names: readonly string[], args?: readonly object[]): object => ({
  names,
  action: `SCMP_ACT_${action}`,
  ...(args === undefined ? {} : { args }),
});
const profile = (defaultAction: string, ...syscalls: readonly object[]): object => ({
  defaultAction: `SCMP_ACT_${defaultAction}`,
  architectures: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86'],
  // Without one, runtimes refuse NOTIFY whatever the kernel.
  ...(JSON.stringify([defaultAction, syscalls]).includes('NOTIFY')
    ? { listenerPath: '/run/agent.sock' }
    : {}),
  syscalls,
});
const kinds = ({ weaknesses }: Claim): readonly string[] => weaknesses.map(({ kind }) => kind);

describe('a name that the table lacks', () => {
  const actions = ['KILL_PROCESS', 'KILL', 'TRAP', 'ERRNO', 'NOTIFY', 'TRACE', 'LOG', 'ALLOW'];
  const pairs = actions.flatMap((a) => actions.filter((b) => a !== b).map((b) => [a, b] as const));

  it.each(pairs)('errs as the diagrams say: %s under a default of %s', (action, byDefault) => {
    for (const [runtime, hidden] of [
      ['plain', 'openat2'],
      ['runc', 'openat2'],
    ] as const) {
      if (runtime === 'runc' && byDefault === 'NOTIFY') continue;
      const seccomp = profile(byDefault, rule(action, [hidden]), rule(action, ['read']));
      const work = lower(seccomp, { runtime, table: without(hidden) });
      const [skipped] = makeClaim({
        ...work,
        documents: [],
        programs: [],
        compiler: undefined,
        proof: { equal: true, counterexample: undefined, conflicts: [], compared: 'now' },
      }).skippedNames;
      const written = lower(seccomp, { runtime });
      const space = createSpace();
      // The stub of the old table stays: it is what the call meets.
      const policy = { ...written.lowered.policy, enosysStub: undefined };
      const meant = decidePolicy(space, policy, expandPolicy(policy, newest));
      const { policy: old } = work.lowered;
      const done = decidePolicy(space, old, expandPolicy(old, work.table));
      const calls = (['x86_64', 'x86'] as const).map((arch) => {
        return { arch: architectures[arch].auditArch, nr: syscallNumber(hidden, arch) ?? -1 };
      });
      // The worst of both: runc's stub may stand on one of them only.
      const is = (relation: 'looser' | 'stricter' | 'different'): boolean =>
        calls.some((call) => relatedAt(space, whereRelated(space, meant, done, [relation]), call));
      const expected = is('looser')
        ? 'opens'
        : is('different')
          ? 'changes'
          : is('stricter')
            ? 'closes'
            : 'nothing';
      expect([runtime, skipped?.name, skipped?.effect]).toEqual([runtime, hidden, expected]);
    }
  });

  it('is told with what it comes to', async () => {
    const opened = await claimOf(profile('ALLOW', rule('ERRNO', ['mkdirr', 'rmdir'])));
    expect(formatClaim(opened)).toBe(
      'proven for what the newest table knows: 1 name it does not know (mkdirr) would have been denied and is allowed',
    );
    const closed = await claimOf(profile('KILL', rule('ALLOW', ['wriet', 'read', 'opne'])));
    expect(formatClaim(closed)).toBe(
      'proven for what the newest table knows: 2 names it does not know (wriet, opne) would have been allowed and are denied',
    );
    expect(closed.weaknesses.map(({ effect }) => effect)).toEqual(['closes']);
    // As `validate` quotes them.
    const odd = await claimOf(profile('ALLOW', rule('ERRNO', ['mou\u001bnt', 'a, b', 'read'])));
    expect(formatClaim(odd)).toContain('2 names it does not know ("mou\\u001bnt", "a, b") would');
  });

  it('weakens nothing if no architecture of the filter has the call', async () => {
    const claim = await claimOf(profile('ERRNO', rule('ALLOW', ['read', 'riscv_flush_icache'])), {
      table: without('riscv_flush_icache'),
    });
    expect(claim.skippedNames.map(({ effect }) => effect)).toEqual(['nothing']);
    expect(formatClaim(claim)).toBe('proven: for every call the program does what the profile says');
  });
});

describe('rules', () => {
  it('are counted by what is in the filter', async () => {
    const claim = await claimOf(
      profile(
        'ERRNO',
        rule('ALLOW', ['read', 'wriet']),
        rule('ERRNO', ['mount']),
        rule('ALLOW', ['opne']),
        rule('ALLOW', ['riscv_flush_icache']),
      ),
    );
    expect(claim.rules).toEqual({ used: [0], dropped: [], sameAsDefault: [1], unknown: [2], nameless: [3] });
    expect(formatRules(claim)).toBe(
      '4 rules: 1 is in the filter, 1 skipped as equal to the default action, 1 without a name that this libseccomp knows, 1 without a call of these architectures',
    );
  });

  it('of which none is left are no success', async () => {
    const claim = await claimOf(profile('ALLOW', rule('ERRNO', ['ptrase'])));
    expect(kinds(claim)).toEqual(['nothing-left', 'unknown-names']);
    expect(formatRules(claim)).toContain('1 rule: none is in the filter');
    expect(formatClaim(claim)).toContain('no rule is in the filter: every call gets ALLOW');
  });

  it('that nobody wrote are not missed', async () => {
    expect(kinds(await claimOf(profile('ALLOW')))).toEqual([]);
  });
});

it.each([1, 2, 3, 5])(
  'of %i weaknesses of one kind two are told in full, and how many are not',
  async (count) => {
    const names = ['openat2', 'faccessat2', 'close_range', 'clone3', 'epoll_pwait2'].slice(0, count);
    // Each conflicts with itself: two rules for the same call and value.
    const pairs = names.flatMap((name) => [
      rule('ALLOW', [name], [{ index: 2, value: 1, op: 'SCMP_CMP_EQ' }]),
      rule('KILL', [name]),
    ]);
    const text = formatClaim(await claimOf(profile('ERRNO', ...pairs)));
    const shown = names.filter((name) => text.includes(name));
    expect(shown).toHaveLength(Math.min(count, 2));
    expect(/and (\d+) more of this kind/.exec(text)?.[1]).toBe(count > 2 ? String(count - 2) : undefined);
  },
);

describe('a key that nobody reads', () => {
  it.each([
    [
      { defaultAction: 'SCMP_ACT_ALLOW', syscals: [{ names: ['mount'], action: 'SCMP_ACT_ERRNO' }] },
      'syscals',
    ],
    [
      profile('ALLOW', { ...rule('ERRNO', ['mount']), arg: [{ index: 0, value: 1, op: 'SCMP_CMP_EQ' }] }),
      'arg',
    ],
    [profile('ERRNO', { ...rule('ALLOW', ['mount']), includes: { caps: ['CAP_SYS_ADMIN'] } }), 'includes'],
  ])('weakens the claim: %j', async (seccomp, key) => {
    const claim = await claimOf(seccomp);
    expect(claim.result).toBe('equal');
    expect(claim.weaknesses).toEqual([
      { kind: 'lost', message: expect.stringMatching(`"${key}" .*ignored \\(line 1\\)$`) as string },
    ]);
  });

  it('weakens nothing where it is a note', async () => {
    const noted = { ...profile('ALLOW', rule('ERRNO', ['mount'])), _why: 'no mounts', owner: 'ops' };
    expect((await claimOf(noted)).weaknesses).toEqual([]);
  });
});

describe('contradictions', () => {
  const flags = (op: string, value: number): object => ({ index: 2, value, op: `SCMP_CMP_${op}` });
  const both = profile(
    'ERRNO',
    rule('ALLOW', ['openat'], [flags('LE', 1)]),
    rule('KILL', ['openat'], [flags('EQ', 1)]),
  );

  it('name the side that the program takes', async () => {
    const claim = await claimOf(both);
    expect(new Set(kinds(claim))).toEqual(new Set(['contradiction']));
    const winners = new Set(claim.contradictions.map(({ winner }) => winner));
    expect(winners.size).toBe(1);
    expect(formatClaim(claim)).toMatch(
      /^proven, except: rules contradict each other for openat \(KILL_THREAD and ALLOW\): (KILL_THREAD|ALLOW) wins$/,
    );
  });

  it('are also where a rule without comparisons makes another one moot', async () => {
    const claim = await claimOf(
      profile('ERRNO', rule('ALLOW', ['openat']), rule('KILL', ['openat'], [flags('EQ', 1)])),
    );
    expect(claim.contradictions.map(({ cause }) => cause)).toEqual(['unconditional', 'unconditional']);
    expect(formatClaim(claim)).toContain('ALLOW wins, because its rule has no comparisons');
  });

  it.each([
    ['ALLOW', 'KILL'],
    ['KILL', 'ALLOW'],
    ['LOG', 'TRAP'],
  ])('name what the program does where two rules have no comparisons: %s, then %s', async (one, other) => {
    const seccomp = profile(
      'ERRNO',
      rule(one, ['openat']),
      rule(other, ['openat']),
      rule('NOTIFY', ['openat'], [flags('EQ', 1)]),
    );
    const { lowered } = lower(seccomp, { runtime: 'crun' });
    const { program, endian } = await compilePolicy(lowered.policy, { table: newest });
    const call = { arch: architectures.x86_64.auditArch, nr: 257, args: [0n, 0n, 1n] };
    const done = simulate(encodeProgram(program, endian), call, endian);
    const claim = await claimOf(seccomp, { runtime: 'crun' });
    const unconditional = claim.contradictions.filter(({ cause }) => cause === 'unconditional');
    expect(unconditional.length).toBeGreaterThan(0);
    expect(new Set(unconditional.map(({ winner }) => winner))).toEqual(new Set([done]));
  });

  it('are also where a skipped rule would have denied what another allows', async () => {
    const overlapping = profile(
      'ERRNO',
      rule('ALLOW', ['openat'], [flags('LE', 1)]),
      rule('ERRNO', ['openat'], [flags('EQ', 1)]),
    );
    expect((await claimOf(overlapping)).contradictions.map(({ cause }) => cause)).toEqual([
      'default',
      'default',
    ]);
    const apart = profile(
      'ERRNO',
      rule('ALLOW', ['openat'], [flags('LE', 1)]),
      rule('ERRNO', ['openat'], [flags('EQ', 2)]),
    );
    expect((await claimOf(apart)).contradictions).toEqual([]);
    const otherwise = profile(
      'ERRNO',
      rule('ALLOW', ['openat'], [flags('LE', 1)]),
      rule('ERRNO', ['openat']),
    );
    expect((await claimOf(otherwise)).contradictions).toEqual([]);
  });

  it('of one action are none', async () => {
    const claim = await claimOf(
      profile('ERRNO', rule('ALLOW', ['openat']), rule('ALLOW', ['openat'], [flags('EQ', 1)])),
    );
    expect(claim.contradictions).toEqual([]);
  });
});

describe('a rule that a runtime reads otherwise than the others', () => {
  const compare = (index: number, op: string, value: number, valueTwo = 0): object => ({
    index,
    op: `SCMP_CMP_${op}`,
    value,
    valueTwo,
  });
  const policyOf = (seccomp: object, runtime: string) => ({
    ...lower(seccomp, { runtime }).lowered.policy,
    enosysStub: undefined,
  });

  it.each([
    ['one comparison', [compare(0, 'EQ', 1)], []],
    ['a mask', [compare(0, 'MASKED_EQ', 0xf0, 0x10)], ['youki']],
    ['seven comparisons', [0, 1, 2, 3, 4, 5, 5].map((index) => compare(index, 'EQ', 1)), undefined],
  ] as const)('weakens the claim where the diagrams differ: %s', async (_name, args, expected) => {
    const seccomp = profile('ALLOW', rule('ERRNO', ['socket'], args));
    const space = createSpace();
    const decide = (policy: ReturnType<typeof policyOf>) =>
      decidePolicy(space, policy, expandPolicy(policy, newest));
    // "plain" hands rules to libseccomp as they stand.
    const meant = decide(policyOf(seccomp, 'plain'));
    const differing: string[] = [];
    for (const runtime of ['runc@1.1.5', 'runc', 'crun', 'youki']) {
      if (decide(policyOf(seccomp, runtime)) === meant) continue;
      differing.push(runtime);
      expect([runtime, kinds(await claimOf(seccomp, { runtime }))]).toEqual([runtime, ['rewritten']]);
    }
    if (expected !== undefined) expect(differing).toEqual(expected);
  });

  // The kernel answers ENOSYS where no listener is attached, tried with crun 1.8.1.
  it.each([
    ['crun', ['kernel']],
    ['plain', []],
  ] as const)(
    'weakens the claim where nobody is asked: NOTIFY without listenerPath for %s',
    async (runtime, expected) => {
      const heard = profile('ALLOW', rule('NOTIFY', ['mkdir']));
      expect(kinds(await claimOf(heard, { runtime }))).toEqual([]);
      const unheard = { ...heard, listenerPath: undefined };
      expect(kinds(await claimOf(unheard, { runtime }))).toEqual(expected);
    },
  );

  // test/oracle/support/facts/rule-facts.ts has what runc's filter returns for them.
  it.each([2 ** 16, 2 ** 16 + 1, 2 ** 32, 2 ** 32 + 1])(
    'weakens the claim where an errno is cut: %i',
    async (errnoRet) => {
      const cut = { ...rule('ERRNO', ['mkdir']), errnoRet };
      expect(kinds(await claimOf(profile('ALLOW', cut), { runtime: 'runc' }))).toEqual(['rewritten']);
      const byDefault = { ...profile('ERRNO', rule('ALLOW', ['read'])), defaultErrnoRet: errnoRet };
      expect(kinds(await claimOf(byDefault, { runtime: 'runc' }))).toEqual(['rewritten']);
    },
  );
});

describe('a program that does something else', () => {
  it('is claimed to be different, and why is the first weakness', async () => {
    const written = lower(profile('ALLOW', rule('ERRNO', ['mkdir'])));
    const other = lower(profile('ALLOW', rule('ERRNO', ['rmdir'])));
    const { program, endian } = await compilePolicy(other.lowered.policy, { table: newest });
    const proof = proveProgram({ policy: written.lowered.policy, table: newest, program, endian });
    const claim = makeClaim({ ...written, documents: [], programs: [], compiler: undefined, proof });
    // It allows mkdir and denies rmdir: what gets through and should not is what a reader sees.
    const { relation, call } = proof.counterexample ?? {};
    expect([relation, call?.nr]).toEqual(['looser', syscallNumber('mkdir', 'x86_64')]);
    expect(claim.result).toBe('different');
    expect(kinds(claim)).toEqual(['unproven']);
    expect(formatClaim(claim)).not.toMatch(/^proven/);
    expect(catchError(() => requireStrongClaim(claim, 'p.json'))?.code).toBe('ERR_CLAIM');
  });

  it('is not equal where nobody can follow it', () => {
    const { lowered } = lower(profile('ALLOW'));
    // ld [0]; mul #3; ret a: a product is not followed, and the kernel takes such a program.
    const program = [
      { code: 0x20, jt: 0, jf: 0, k: 0 },
      { code: 0x24, jt: 0, jf: 0, k: 3 },
      { code: 0x16, jt: 0, jf: 0, k: 0 },
    ];
    const proof = proveProgram({ policy: lowered.policy, table: newest, program, endian: 'little' });
    expect(proof.equal).toBe(false);
    expect(proof.counterexample?.relation).toBe('unknown');
  });
});

describe('a strict claim', () => {
  it('is refused with every weakness', async () => {
    const claim = await claimOf(profile('ALLOW', rule('ERRNO', ['mkdirr', 'rmdir'])));
    const refused = catchError(() => requireStrongClaim(claim, 'p.json'));
    expect(refused?.code).toBe('ERR_CLAIM');
    expect(refused?.details.notes).toHaveLength(1);
  });

  it('passes without one', async () => {
    const claim = await claimOf(profile('ALLOW', rule('ERRNO', ['rmdir'])));
    expect(catchError(() => requireStrongClaim(claim, 'p.json'))).toBeUndefined();
  });
});

describe('an old kernel', () => {
  const old = { kernel: 3, major: 10 };
  it.each(['LOG', 'KILL_PROCESS', 'NOTIFY'])(
    'has no %s: runtimes start nothing, a program alone kills',
    async (action) => {
      const seccomp = profile('ALLOW', rule(action, ['getpid']));
      for (const runtime of ['runc', 'crun', 'youki']) {
        const refused = catchError(() => lower(seccomp, { runtime, kernel: old }));
        expect(refused?.code).toBe('ERR_PROFILE_SEMANTICS');
        expect(refused?.details.rule).toBe(0);
      }
      expect(kinds(await claimOf(seccomp, { kernel: old }))).toEqual(['kernel']);
      expect(kinds(await claimOf(seccomp, { kernel: { kernel: 5, major: 0 } }))).toEqual([]);
    },
  );

  it('loads no filter at all before 3.5', () => {
    expect(catchError(() => lower(profile('ALLOW'), { kernel: { kernel: 3, major: 4 } }))?.message).toContain(
      '3.5',
    );
  });

  it('makes crun drop all flags and others refuse', async () => {
    const seccomp = { ...profile('ALLOW'), flags: ['SECCOMP_FILTER_FLAG_TSYNC', 'SECCOMP_FILTER_FLAG_LOG'] };
    const on = { kernel: 4, major: 4 };
    expect(catchError(() => lower(seccomp, { runtime: 'runc', kernel: on }))?.code).toBe(
      'ERR_PROFILE_SEMANTICS',
    );
    const claim = await claimOf(seccomp, { runtime: 'crun', kernel: on });
    expect([claim.flags, kinds(claim)]).toEqual([[], ['kernel']]);
    const listened = { ...seccomp, listenerPath: '/run/agent.sock' };
    expect(catchError(() => lower(listened, { runtime: 'crun', kernel: on }))?.code).toBe(
      'ERR_PROFILE_SEMANTICS',
    );
  });

  it('quietly goes without a flag that nobody asked for', () => {
    const { lowered } = lower(profile('ALLOW'), { runtime: 'runc', kernel: { kernel: 4, major: 16 } });
    expect([lowered.policy.flags, lowered.steps]).toEqual([[], []]);
  });
});

function relatedAt(
  space: ReturnType<typeof createSpace>,
  where: number,
  call: { arch: number; nr: number },
): boolean {
  const outcome = evaluate(space, where, { ...call, instructionPointer: 0n, args: [0n, 0n, 0n, 0n, 0n, 0n] });
  return where !== FALSE && outcome.kind === 'boolean' && outcome.holds;
}

function catchError(work: () => unknown): OciSeccompError | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    if (error instanceof OciSeccompError) return error;
    throw error;
  }
}
