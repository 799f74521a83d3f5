/**
 * Calls that i386 makes through socketcall and ipc: rules of several names meet at one number, and their conditions with them. Both
 * compilers make programs of inputs and results, and an interpreter runs them over socketcall(1, …), ipc(2, …) and the calls' own
 * numbers, so nothing here rests on the prover. OCI_SECCOMP_PAIRS is how many pairs.
 */
import { describe, expect, it } from 'vitest';
import { architectures } from '../../src/abi/architectures.ts';
import type { SeccompData } from '../../src/abi/seccomp-data.ts';
import { directSyscallNumber } from '../../src/abi/syscall-numbers.ts';
import { prepareProgram } from '../../src/bpf/simulate-program.ts';
import { type BackendName, compilePolicy, tableOf } from '../../src/compile/compile-policy.ts';
import { intersectProfiles, uniteProfiles } from '../../src/compose/index.ts';
import { OciSeccompError } from '../../src/errors.ts';
import type { Host } from '../../src/oci/host.ts';
import type { Profile, ProfileArg, ProfileRule } from '../../src/oci/profile.ts';
import { resolveProfile } from '../../src/oci/resolve-profile.ts';
import { lowerProfile } from '../../src/policy/lower-profile.ts';
import { createRandom, type Random } from '../decision/random.ts';
import { samples } from '../support/samples.ts';

const X86_TOO = [{ architecture: 'SCMP_ARCH_X86_64', subArchitectures: ['SCMP_ARCH_X86'] }];

function profile(rule: Omit<ProfileRule, 'action'>): Profile {
  return {
    dialect: 'docker',
    defaultAction: 'SCMP_ACT_ERRNO',
    archMap: X86_TOO,
    rules: [{ action: 'SCMP_ACT_ALLOW', ...rule }],
  };
}

type Verdict = (arch: 'x86_64' | 'x86', name: string, args: readonly bigint[]) => number;

/** What a compiled profile answers. */
async function verdictsOf(input: Profile, host: Host, backend: BackendName): Promise<Verdict> {
  const { seccomp } = resolveProfile(input, host);
  if (seccomp === undefined) throw new Error('seccomp is off');
  const table = tableOf(backend, undefined);
  const { policy } = lowerProfile(seccomp, { runtime: 'plain', arch: host.arch, table });
  const { program, endian } = await compilePolicy(policy, { backend, table });
  const { verdict } = prepareProgram(program, { endian });
  return (arch, name, given) => {
    const args = Array.from({ length: 6 }, (_, at) => given[at] ?? 0n) as unknown as SeccompData['args'];
    const nr = directSyscallNumber(name, arch) ?? -1;
    return verdict({ arch: architectures[arch].auditArch, nr, instructionPointer: 0n, args });
  };
}

const host: Host = { arch: 'x86_64', kernel: { kernel: 6, major: 1 }, capabilities: [] };
const ALLOW = 0x7fff_0000;
const EPERM = 0x0005_0001;

describe('what socketcall carries', () => {
  it('is said by a rule for socketcall where no rule for the call says it', async () => {
    const pair = [profile({ names: ['socket'] }), profile({ names: ['socketcall'] })];
    const { profile: result } = intersectProfiles(pair);
    expect(result.rules.map(({ names }) => names)).toEqual([['socketcall']]);
    for (const backend of ['builtin', 'libseccomp'] as const) {
      const verdict = await verdictsOf(result, host, backend);
      expect(verdict('x86', 'socketcall', [1n])).toBe(ALLOW);
      expect(verdict('x86', 'socketcall', [2n])).toBe(EPERM);
      expect(verdict('x86', 'socket', [1n])).toBe(EPERM);
      expect(verdict('x86_64', 'socket', [1n])).toBe(EPERM);
    }
  });

  // i386 shows no upper halves, so a rule for socketcall need not ask for them.
  it('compares no more than the profiles do', () => {
    const args: ProfileArg[] = [0, 1, 2, 3].map((index) => ({ index, value: 40n, op: 'SCMP_CMP_GE' }));
    const { dialect, ...loose } = profile({ names: ['socketcall', 'getsockname'] });
    const listed = { dialect, archMap: X86_TOO, defaultAction: 'SCMP_ACT_LOG' };
    const pair: Profile[] = [
      { dialect, ...loose },
      { ...listed, rules: [{ names: ['socket'], action: 'SCMP_ACT_ERRNO', args }] },
    ];
    const { profile: result } = intersectProfiles(pair);
    const values = result.rules.flatMap((rule) => rule.args ?? []).map(({ value }) => value);
    expect(values.filter((value) => value > 0xffff_ffffn)).toEqual([]);
    expect(intersectProfiles([result, result]).profile.rules).toEqual(result.rules);
  });

  it('keeps conditions of both names', async () => {
    const pair = [
      profile({ names: ['socket'], includes: { caps: ['CAP_CHOWN'] } }),
      profile({ names: ['socketcall'], excludes: { caps: ['CAP_KILL'] } }),
    ];
    const { profile: result, proof } = intersectProfiles(pair);
    expect([proof.wrong, proof.stricter]).toEqual([[], []]);
    for (const capabilities of [[], ['CAP_CHOWN'], ['CAP_KILL'], ['CAP_CHOWN', 'CAP_KILL']]) {
      const verdict = await verdictsOf(result, { ...host, capabilities }, 'builtin');
      const isOpen = capabilities.join() === 'CAP_CHOWN';
      expect(verdict('x86', 'socketcall', [1n]), capabilities.join()).toBe(isOpen ? ALLOW : EPERM);
    }
  });

  it('is refused where the call is allowed by its own number and the default is wanted for socketcall', () => {
    const all: Profile = {
      ...profile({ names: [] }),
      defaultAction: 'SCMP_ACT_ALLOW',
      rules: [{ names: ['socketcall'], action: 'SCMP_ACT_ERRNO' }],
    };
    // The rule for socket opens socketcall(1) too, and a rule that answers as the default action does closes nothing.
    expect(() => intersectProfiles([profile({ names: ['socket'] }), all])).toThrow(
      expect.objectContaining({
        code: 'ERR_INEXPRESSIBLE',
        message: expect.stringMatching(
          /socketcall\(SYS_SOCKET \(1\), 0\) of x86 should get ERRNO EPERM \(1\), and the rules that can be written give ALLOW$/,
        ),
        hint: expect.stringMatching(/take SCMP_ARCH_X86 out of the architectures/),
      }),
    );
  });

  it('names the actions that meet at the call which it names, not those of another call', () => {
    const onNetlink = (name: string, action: string): ProfileRule => ({
      names: [name],
      action,
      args: [{ index: 0, op: 'SCMP_CMP_EQ', value: 16n }],
    });
    const list = profile({ names: ['socket', 'connect'] });
    const denied = [onNetlink('socket', 'SCMP_ACT_KILL_PROCESS'), onNetlink('connect', 'SCMP_ACT_TRAP')];
    for (const rules of [denied, denied.toReversed()]) {
      const open: Profile = { ...profile({ names: [] }), defaultAction: 'SCMP_ACT_ALLOW', rules };
      expect(() => intersectProfiles([open, list])).toThrow(
        /socketcall\((SYS_SOCKET \(1\).* give ALLOW and KILL_PROCESS at once|SYS_CONNECT \(3\).* give ALLOW and TRAP at once)$/,
      );
    }
  });

  it('is refused where rules of two actions would meet there, which libseccomp refuses too', async () => {
    const netlink = { index: 0, op: 'SCMP_CMP_EQ', value: 16n };
    const others = { index: 0, op: 'SCMP_CMP_NE', value: 16n };
    const kill: ProfileRule = { names: ['socket'], action: 'SCMP_ACT_KILL_PROCESS', args: [netlink] };
    const open: Profile = { ...profile({ names: [] }), defaultAction: 'SCMP_ACT_ALLOW', rules: [kill] };
    const list = profile({ names: ['socket', 'read'] });
    // A killed thread for a killed process is accepted with `allowStricter`, but the text names what is meant.
    expect(() => intersectProfiles([open, list], { allowStricter: true })).toThrow(
      /should get KILL_PROCESS,/,
    );
    expect(() => intersectProfiles([open, list])).toThrow(
      expect.objectContaining({
        code: 'ERR_INEXPRESSIBLE',
        message: expect.stringMatching(
          /socketcall\(SYS_SOCKET \(1\), 0\) of x86 should get KILL_PROCESS, and the rules that can be written give ALLOW and KILL_PROCESS at once$/,
        ),
        hint: expect.stringMatching(/take SCMP_ARCH_X86 out of the architectures/),
      }),
    );
    // The rules that give each call's own number the right answer.
    const allow: ProfileRule = { names: ['socket'], action: 'SCMP_ACT_ALLOW', args: [others] };
    await expect(verdictsOf({ ...list, rules: [kill, allow] }, host, 'libseccomp')).rejects.toMatchObject({
      code: 'ERR_LIBSECCOMP',
      message: expect.stringContaining('EEXIST'),
    });
    // Without x86, nothing meets.
    const archMap = [{ architecture: 'SCMP_ARCH_X86_64', subArchitectures: [] }];
    const pair = [
      { ...open, archMap },
      { ...list, archMap },
    ];
    expect(intersectProfiles(pair).proof.wrong).toEqual([]);
  });

  it('is refused where two architectures of one host want different answers', () => {
    // On a host of mipsel64, the first profile is for x86 and the second for mipsel.
    const listed = { architectures: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86'] };
    const { archMap: _, ...one } = profile({ names: ['socket'] });
    const two: Profile = {
      ...profile({ names: ['socketcall'] }),
      archMap: [{ architecture: 'SCMP_ARCH_MIPSEL64', subArchitectures: ['SCMP_ARCH_MIPSEL'] }],
    };
    expect(() => uniteProfiles([{ ...one, dialect: 'oci', ...listed }, two])).toThrow(
      expect.objectContaining({ code: 'ERR_INEXPRESSIBLE' }),
    );
  });
});

const carried = { socket: 1n, connect: 3n, semop: 1n, msgget: 13n };
const names = ['read', 'socketcall', 'ipc', ...Object.keys(carried)];

const twoActions = [
  ['SCMP_ACT_ERRNO', 'SCMP_ACT_ALLOW'],
  ['SCMP_ACT_ERRNO', 'SCMP_ACT_ALLOW'],
  ['SCMP_ACT_ALLOW', 'SCMP_ACT_ERRNO'],
] as const;

/** One action for all rules of a profile, so that no rules contradict each other. */
function randomProfile(
  random: Random,
  choices: readonly (readonly [string, string])[] = twoActions,
): Profile {
  const [defaultAction, action] = random.pick(choices);
  const arg = (index: number): ProfileArg => ({
    index,
    op: random.pick(['SCMP_CMP_EQ', 'SCMP_CMP_NE', 'SCMP_CMP_LE', 'SCMP_CMP_GT']),
    value: random.pick([1n, 2n, 3n]),
  });
  const rules = Array.from({ length: 1 + random.below(3) }, (): ProfileRule => {
    const own = names.filter(() => random.chance(0.35));
    const args = random.pick([[], [], [0], [0, 1], [1]]).map(arg);
    const conditions = random.chance(0.3) ? { includes: { caps: ['CAP_CHOWN'] } } : {};
    return {
      names: own.length > 0 ? own : ['socket'],
      action,
      ...(args.length > 0 ? { args } : {}),
      ...conditions,
    };
  });
  return { dialect: 'docker', defaultAction, archMap: X86_TOO, rules };
}

/** 400 of each take half a minute. */
const PAIRS = Number(process.env.OCI_SECCOMP_PAIRS ?? samples(80));

/**
 * Whatever comparisons the rules of a carried call have, they answer for the multiplexer too, as if argument 0 were not compared. So
 * a result is refused only where the default action is wanted there.
 *
 * @returns `undefined` where no profile can say it
 */
function attempt<Result>(work: () => Result, wanted: string, found: string): Result | undefined {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof OciSeccompError) || error.code !== 'ERR_INEXPRESSIBLE') throw error;
    expect(error.message).toMatch(
      new RegExp(
        `(socketcall|ipc)\\(.*\\) of x86 should get ${wanted}.*, and the rules that can be written give ${found}`,
      ),
    );
    return undefined;
  }
}

describe.each([
  ['intersections', intersectProfiles, Math.min, 'ERRNO', 'ALLOW'],
  ['unions', uniteProfiles, Math.max, 'ALLOW', 'ERRNO'],
] as const)('%s of calls that meet at one number', (_, compose, pick, missed, given) => {
  it(`do what the programs of the inputs do, for ${PAIRS} random pairs`, async () => {
    const random = createRandom(21);
    let refused = 0;
    const wrong: string[] = [];
    for (let pair = 0; pair < PAIRS; pair++) {
      const inputs = [randomProfile(random), randomProfile(random)] as const;
      const on = { ...host, capabilities: random.chance(0.5) ? ['CAP_CHOWN'] : [] };
      const result = attempt(() => compose(inputs).profile, missed, given);
      if (result === undefined) {
        refused++;
        continue;
      }
      const [first, second, found] = await Promise.all(
        [...inputs, result].map((each) => verdictsOf(each, on, 'builtin')),
      );
      if (first === undefined || second === undefined || found === undefined) throw new Error('three');
      for (let sample = 0; sample < 40; sample++) {
        const args = [0n, 0n].map(() => BigInt(random.below(5)) + (random.chance(0.1) ? 1n << 32n : 0n));

        const at = [random.pick(['x86', 'x86', 'x86_64'] as const), random.pick(names), args] as const;
        const wanted = pick(first(...at), second(...at));
        if (found(...at) !== wanted) wrong.push(`${pair}: ${at.join(' ')}: ${found(...at)}, not ${wanted}`);
      }
    }
    if (process.env.OCI_SECCOMP_PAIRS !== undefined) {
      console.log(`${PAIRS - refused} exact, ${refused} refused, ${wrong.length} wrong`);
    }
    expect(wrong.slice(0, 5)).toEqual([]);
    // Of few pairs, more can be refused by chance.
    expect(refused).toBeLessThan(0.45 * PAIRS + 4);
  });
});

describe('results with rules of two actions', () => {
  const PAIRS_HERE = Math.ceil(PAIRS / 2);
  it(`are taken by libseccomp, for ${PAIRS_HERE} random pairs`, async () => {
    const random = createRandom(22);
    const lists = [['SCMP_ACT_ERRNO', 'SCMP_ACT_ALLOW']] as const;
    const exceptions = [['SCMP_ACT_ALLOW', 'SCMP_ACT_KILL_PROCESS']] as const;
    const refused: string[] = [];
    let composed = 0;
    for (let pair = 0; pair < PAIRS_HERE; pair++) {
      const inputs = [randomProfile(random, lists), randomProfile(random, exceptions)];
      try {
        const result = intersectProfiles(inputs).profile;
        composed++;
        await verdictsOf(result, { ...host, capabilities: ['CAP_CHOWN'] }, 'libseccomp');
      } catch (error) {
        if (!(error instanceof OciSeccompError)) throw error;
        // Of programs that libseccomp builds, some are wrong: ERR_PROOF.
        if (error.code === 'ERR_LIBSECCOMP') refused.push(`${pair}: ${error.message}`);
      }
    }
    expect(refused.slice(0, 3)).toEqual([]);
    expect(composed).toBeGreaterThan(PAIRS_HERE / 4);
  });
});
