/**
 * Random profiles composed. The prover has held each result against its inputs before it is returned; here a reading of the
 * rules that knows nothing of diagrams says the same for calls at the borders, and both compilers make programs of the
 * results that an interpreter runs.
 *
 * OCI_SECCOMP_PAIRS is how many pairs; 10,000 take several minutes of CPU. With it, each pair is compiled by both compilers,
 * where a run of the suite compiles one in 20. OCI_SECCOMP_SEED draws other pairs. How pairs ended is printed then: how many
 * results are exact, why the others are refused, and what the compilers made of the exact ones.
 */
import { describe, expect, it } from 'vitest';
import { actionByOciAction } from '../../src/abi/actions.ts';
import { architectures } from '../../src/abi/architectures.ts';
import { directSyscallNumber } from '../../src/abi/syscall-numbers.ts';
import { prepareProgram } from '../../src/bpf/simulate-program.ts';
import { compilePolicy, tableOf } from '../../src/compile/compile-policy.ts';
import { keyOfRule } from '../../src/compose/arrange-rules.ts';
import { intersectProfiles, simplifyProfile, uniteProfiles } from '../../src/compose/index.ts';
import { OciSeccompError } from '../../src/errors.ts';
import type { Host } from '../../src/oci/host.ts';
import type { LinuxSyscall } from '../../src/oci/linux-seccomp.ts';
import type { Profile, ProfileRule } from '../../src/oci/profile.ts';
import { resolveProfile } from '../../src/oci/resolve-profile.ts';
import { lowerProfile } from '../../src/policy/lower-profile.ts';
import { createRandom } from '../decision/random.ts';
import { samples } from '../support/samples.ts';
import { callNames, hosts, randomArguments, randomPair, randomProfile } from './random-profiles.ts';

const PAIRS = Number(process.env.OCI_SECCOMP_PAIRS ?? samples(400));
/** A program a pair takes minutes. */
const EVERY = process.env.OCI_SECCOMP_PAIRS === undefined ? 20 : 1;
const SEED = Number(process.env.OCI_SECCOMP_SEED ?? 0);

/** What a profile answers: the strictest of the rules that match, unless one has no comparisons. */
function answer(profile: Profile, host: Host, name: string, args: readonly bigint[]): number {
  const { seccomp } = resolveProfile(profile, host);
  if (seccomp === undefined) throw new Error('seccomp is off');
  const byDefault = wordOf(seccomp.defaultAction, seccomp.defaultErrnoRet);
  const own = (seccomp.syscalls ?? []).filter(
    (rule) => rule.names.includes(name) && wordOf(rule.action, rule.errnoRet) !== byDefault,
  );
  const plain = own.find((rule) => (rule.args ?? []).length === 0);
  if (plain !== undefined) return wordOf(plain.action, plain.errnoRet);
  const words = own.filter((rule) => holds(rule, args)).map((rule) => wordOf(rule.action, rule.errnoRet));
  // Of one action with several errnos the largest counts.
  return words.sort((a, b) => actionOf(a) - actionOf(b) || b - a)[0] ?? byDefault;
}

function wordOf(action: string, errno = 1): number {
  const row = actionByOciAction(action);
  return ((row?.word ?? 0) | (row?.kind === 'errno' ? errno : 0)) >>> 0;
}

function holds({ args = [] }: LinuxSyscall, given: readonly bigint[]): boolean {
  const isRepeated = new Set(args.map(({ index }) => index)).size < args.length;
  const results = args.map(({ index, op, value, valueTwo = 0n }) => {
    const arg = given[index] ?? 0n;
    if (op === 'SCMP_CMP_NE') return arg !== value;
    if (op === 'SCMP_CMP_LT') return arg < value;
    if (op === 'SCMP_CMP_LE') return arg <= value;
    if (op === 'SCMP_CMP_EQ') return arg === value;
    if (op === 'SCMP_CMP_GE') return arg >= value;
    if (op === 'SCMP_CMP_GT') return arg > value;
    return (arg & value) === (valueTwo & value);
  });
  return isRepeated ? results.includes(true) : !results.includes(false);
}

const actionOf = (word: number): number => (word & 0xffff0000) | 0;
const strictest = (a: number, b: number): number => (actionOf(b) < actionOf(a) ? b : a);
const loosest = (a: number, b: number): number => (actionOf(b) > actionOf(a) ? b : a);

/** How far a call comes. */
const reach = (word: number): number => Math.max(actionOf(word), 0);

const kinds = [
  ['intersect', intersectProfiles, strictest],
  ['unite', uniteProfiles, loosest],
] as const;

describe.each(kinds)('%s', (kind, compose, pick) => {
  it(`gives every call the right verdict, for ${PAIRS} random pairs`, () => {
    const random = createRandom(13 + SEED);
    let refused = 0;
    let stricter = 0;
    const reasons: string[] = [];
    const wrong: string[] = [];
    for (let pair = 0; pair < PAIRS; pair++) {
      const inputs = randomPair(random);
      const result = attempt(() => compose(inputs).profile, reasons);
      if (result === undefined) {
        refused++;
        const near = attempt(() => compose(inputs, { allowStricter: true }).profile);
        if (near === undefined) continue;
        stricter++;
        for (let sample = 0; sample < 10; sample++) {
          const [host, name, args] = [random.pick(hosts), random.pick(callNames), randomArguments(random)];
          const most = pick(answer(inputs[0], host, name, args), answer(inputs[1], host, name, args));
          const found = answer(near, host, name, args);
          // Of one action the errno may be another; a killed thread does for a killed process.
          if (reach(found) > reach(most))
            wrong.push(`${pair}: ${host.arch} ${name}(${args.join()}) is looser`);
        }
        continue;
      }
      for (let sample = 0; sample < 40; sample++) {
        const [host, name, args] = [random.pick(hosts), random.pick(callNames), randomArguments(random)];
        const wanted = pick(answer(inputs[0], host, name, args), answer(inputs[1], host, name, args));
        const found = answer(result, host, name, args);
        if (found !== wanted)
          wrong.push(
            `${pair}: ${host.arch} ${name}(${args.join()}): ${found.toString(16)}, not ${wanted.toString(16)}`,
          );
      }
    }
    tell(
      `${kind}, read by rules: ${PAIRS - refused} exact, ${stricter} with --stricter, ${refused - stricter} refused, ${wrong.length} wrong`,
      reasons,
    );
    expect(wrong.slice(0, 5)).toEqual([]);
    expect(refused / PAIRS).toBeLessThan(0.4);
    expect((refused - stricter) / PAIRS).toBeLessThan(0.1);
  });
});

describe.each(kinds)('%s of profiles for different architectures, --stricter', (kind, compose) => {
  const allow = (...names: readonly string[]): ProfileRule => ({ names, action: 'SCMP_ACT_ALLOW' });
  const profiles: readonly Profile[] = [
    {
      dialect: 'oci',
      defaultAction: 'SCMP_ACT_KILL_PROCESS',
      architectures: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86'],
      rules: [allow('read', 'write')],
    },
    {
      dialect: 'oci',
      defaultAction: 'SCMP_ACT_ERRNO',
      architectures: ['SCMP_ARCH_X86_64'],
      rules: [allow('read', 'close')],
    },
  ];

  it('kills what not all list', async () => {
    expect(() => compose(profiles)).toThrow(OciSeccompError);
    const { profile, proof } = compose(profiles, { allowStricter: true });
    expect(new Set(proof.stricter.flatMap(({ differences }) => differences.map(({ arch }) => arch)))).toEqual(
      new Set(['x86']),
    );
    const { seccomp } = resolveProfile(profile, {
      arch: 'x86_64',
      kernel: { kernel: 6, major: 1 },
      capabilities: [],
    });
    if (seccomp === undefined) throw new Error('seccomp is off');
    const table = tableOf('builtin', undefined);
    const { policy } = lowerProfile(seccomp, { runtime: 'plain', arch: 'x86_64', table });
    const { program, endian } = await compilePolicy(policy, { backend: 'builtin', table });
    const { verdict } = prepareProgram(program, { endian });
    const found = (['x86_64', 'x86'] as const).flatMap((arch) =>
      ['read', 'write', 'close', 'bpf'].map((name) => {
        const nr = directSyscallNumber(name, arch) ?? -1;
        const args = [0n, 0n, 0n, 0n, 0n, 0n] as const;
        return verdict({ arch: architectures[arch].auditArch, nr, instructionPointer: 0n, args });
      }),
    );
    const [allowed, eperm, process, thread] = [0x7fff0000, 0x00050001, 0x80000000, 0];
    const own =
      kind === 'intersect' ? [allowed, eperm, process, process] : [allowed, allowed, allowed, eperm];
    expect(found).toEqual([...own, thread, thread, thread, thread]);
  });
});

describe.each(kinds)('%s of profiles that notify', (_, compose) => {
  const notifying: Profile = {
    dialect: 'oci',
    defaultAction: 'SCMP_ACT_ERRNO',
    listenerPath: '/run/a',
    rules: [{ names: ['mount'], action: 'SCMP_ACT_NOTIFY' }],
  };

  it.each([
    [{ listenerPath: '/run/b' }, 'different listeners', 'make listenerPath the same'],
    [{ listenerMetadata: 'b' }, 'different metadata for one listener', 'make listenerMetadata the same'],
  ])('refuses %j: a filter has one', (other, message, hint) => {
    expect(() => compose([notifying, { ...notifying, ...other }])).toThrow(
      expect.objectContaining({
        message: expect.stringContaining(message) as string,
        hint: expect.stringContaining(hint) as string,
      }) as Error,
    );
  });

  it('takes empty metadata for none', () => {
    expect(compose([notifying, { ...notifying, listenerMetadata: '' }]).profile).toMatchObject({
      listenerPath: '/run/a',
    });
  });
});

/**
 * @param reasons - why it is refused is added, without names and values
 * @returns `undefined` where no profile can say it, or none that people could read
 */
function attempt<Result>(work: () => Result, reasons: string[] = []): Result | undefined {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof OciSeccompError) || !['ERR_INEXPRESSIBLE', 'ERR_UNDECIDED'].includes(error.code))
      throw error;
    reasons.push(error.message.replace(/: .*?( of \w+)? should get/, ': a call$1 should get'));
    return undefined;
  }
}

describe('a simplified profile', () => {
  it(`means the same and is no longer, for ${PAIRS} random profiles`, () => {
    const random = createRandom(14 + SEED);
    const size = (profile: Profile): number =>
      profile.rules.reduce((sum, { names }) => sum + names.length, 0);
    for (let at = 0; at < PAIRS; at++) {
      const input = randomProfile(random);
      const { profile } = simplifyProfile(input);
      expect(size(profile)).toBeLessThanOrEqual(size(input));
      const [host, name, args] = [random.pick(hosts), random.pick(callNames), randomArguments(random)];
      expect(answer(profile, host, name, args)).toBe(answer(input, host, name, args));
    }
  });

  it(`keeps the order of its author where it is asked to, for ${PAIRS} random profiles`, () => {
    const random = createRandom(16 + SEED);
    const text = (rule: ProfileRule, name: string): string => `${name} ${keyOfRule(rule)}`;
    for (let at = 0; at < PAIRS; at++) {
      const input = randomProfile(random);
      const { profile } = simplifyProfile(input, { keepOrder: true });
      for (let sample = 0; sample < 10; sample++) {
        const [host, name, args] = [random.pick(hosts), random.pick(callNames), randomArguments(random)];
        expect(answer(profile, host, name, args)).toBe(answer(input, host, name, args));
      }
      const words = (rules: readonly ProfileRule[]): readonly string[] =>
        rules.flatMap((rule) => rule.names.map((name) => text(rule, name)));
      const before = words(input.rules);
      const places = words(profile.rules).flatMap((word) =>
        before.includes(word) ? [before.indexOf(word)] : [],
      );
      expect(places, JSON.stringify(before)).toEqual([...places].sort((a, b) => a - b));
    }
  });

  it('joins only neighbours, and puts a new rule where the old ones stood', () => {
    const allow = (names: readonly string[], op?: string): ProfileRule => ({
      names,
      action: 'SCMP_ACT_ALLOW',
      ...(op === undefined ? {} : { args: [{ index: 0, op, value: 100n }] }),
    });
    const log = { names: ['write'], action: 'SCMP_ACT_LOG' };
    const rules = [
      allow(['read']),
      { ...allow(['zcat_not_a_call', 'bpf']), comment: 'ours' },
      allow(['personality'], 'SCMP_CMP_LE'),
      log,
      allow(['personality'], 'SCMP_CMP_GT'),
      allow(['kcmp']),
    ];
    const input: Profile = { dialect: 'oci', defaultAction: 'SCMP_ACT_ERRNO', rules };
    const shape = (options: object): readonly string[] =>
      simplifyProfile(input, options).profile.rules.map(
        ({ names, args = [], action }) => `${action.slice(9)} ${names} ${args.length}`,
      );
    expect(shape({ keepOrder: true })).toEqual([
      'ALLOW read 0',
      'ALLOW zcat_not_a_call,bpf 0',
      'ALLOW personality 0',
      'LOG write 0',
      'ALLOW kcmp 0',
    ]);
    // Rules with different comments stay apart; of sorted names one sorted list is made.
    expect(shape({})).toEqual([
      'ALLOW kcmp,personality,read 0',
      'ALLOW zcat_not_a_call,bpf 0',
      'LOG write 0',
    ]);
  });

  it('leaves out what an earlier rule says on more hosts, where rules stay as they are', () => {
    // As in Podman's default: without CAP_SYS_ADMIN, the first rule answers whatever the second one says.
    const deny = { action: 'SCMP_ACT_ERRNO', errnoRet: 1, errno: 'EPERM' };
    const rules = [
      { ...deny, names: ['perf_event_open', 'quotactl'], excludes: { caps: ['CAP_SYS_ADMIN'] } },
      { ...deny, names: ['bpf', 'perf_event_open'], excludes: { caps: ['CAP_SYS_ADMIN', 'CAP_BPF'] } },
      {
        names: ['perf_event_open', 'bpf'],
        action: 'SCMP_ACT_ALLOW',
        includes: { caps: ['CAP_PERFMON'] },
      },
    ];
    const input: Profile = {
      dialect: 'podman',
      defaultAction: 'SCMP_ACT_ERRNO',
      defaultErrno: 'ENOSYS',
      rules,
    };
    for (const keepOrder of [false, true]) {
      const { profile } = simplifyProfile(input, { keepOrder });
      expect(profile.rules).toEqual([rules[0], { ...rules[1], names: ['bpf'] }, rules[2]]);
    }
  });
});

/** What compilers make of the compositions of random pairs: how many programs, and whose proof failed. */
async function compilePairs(
  backend: 'builtin' | 'libseccomp',
  [, compose, pick]: (typeof kinds)[number],
  count: number,
) {
  const random = createRandom(15 + SEED);
  const wrong: string[] = [];
  const codes: string[] = [];
  for (let pair = 0; pair < count; pair++) {
    const inputs = randomPair(random);
    const result = attempt(() => compose(inputs).profile);
    if (result === undefined) continue;
    const host = random.pick(hosts);
    const { seccomp } = resolveProfile(result, host);
    if (seccomp === undefined) throw new Error('seccomp is off');
    const table = tableOf(backend, undefined);
    const { policy } = lowerProfile(seccomp, { runtime: 'plain', arch: host.arch, table });
    try {
      const { program, endian } = await compilePolicy(policy, { backend, table });
      codes.push('proven');
      const { verdict } = prepareProgram(program, { endian });
      for (let sample = 0; sample < 20; sample++) {
        const [name, args] = [random.pick(callNames), randomArguments(random)];
        const nr = directSyscallNumber(name, host.arch) ?? -1;
        if ((table.resolve(name, host.arch) ?? -1) < 0) continue;
        const found = verdict({ arch: architectures[host.arch].auditArch, nr, instructionPointer: 0n, args });
        const wanted = pick(answer(inputs[0], host, name, args), answer(inputs[1], host, name, args));
        if (found !== wanted) wrong.push(`${pair} ${name}(${args.join()}): ${found}, not ${wanted}`);
      }
    } catch (error) {
      if (!(error instanceof OciSeccompError)) throw error;
      codes.push(error.code);
    }
  }
  return { wrong, codes };
}

const COUNT = Math.ceil(PAIRS / EVERY);

/** With OCI_SECCOMP_PAIRS: how many pairs ended how. */
function tell(name: string, codes: readonly string[]): void {
  if (EVERY > 1) return;
  const counts = new Map<string, number>();
  for (const code of codes) counts.set(code, (counts.get(code) ?? 0) + 1);
  console.log(name, Object.fromEntries(counts));
}

describe.each(kinds)('programs of composed profiles: %s', (...kind) => {
  it(`by builtin, proven, they do what the inputs say, for ${COUNT} pairs`, async () => {
    const { wrong, codes } = await compilePairs('builtin', kind, COUNT);
    tell(`${kind[0]} builtin`, codes);
    expect(wrong).toEqual([]);
    expect(codes.length).toBeGreaterThan(COUNT / 2);
    expect(codes.filter((code) => code !== 'proven')).toEqual([]);
  });

  it(`by libseccomp, they do so where it is right, which is mostly, for ${COUNT} pairs`, async () => {
    const { wrong, codes } = await compilePairs('libseccomp', kind, COUNT);
    tell(`${kind[0]} libseccomp`, codes);
    expect(wrong).toEqual([]);
    const own = ['ERR_PROOF', 'ERR_LIBSECCOMP_TIMEOUT', 'ERR_LIBSECCOMP', 'ERR_LIBSECCOMP_CRASH'];
    expect(codes.filter((code) => code !== 'proven' && !own.includes(code))).toEqual([]);
    expect(codes.filter((code) => code === 'proven').length / codes.length).toBeGreaterThan(0.6);
  });
});
