/**
 * The budgets of docs/semantics.md ("What is proven") hold for all questions together: every step that any account counts is
 * added up, of inputs that would take many times as many. Budgets are a twentieth here, so that this takes seconds.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { directSyscallNumber } from '../../src/abi/syscall-numbers.ts';
import { auditReport } from '../../src/cli/answers/audit-report.ts';
import { lintBytes } from '../../src/cli/lint/lint-files.ts';
import type { AuditLog } from '../../src/cli/operands/audit-log.ts';
import { uniteProfiles } from '../../src/compose/index.ts';
import { only } from '../../src/compose/join-meanings.ts';
import { proveComposition } from '../../src/compose/prove-composition.ts';
import { OciSeccompError } from '../../src/errors.ts';
import { lintProfile, lintProfiles } from '../../src/lint/engine/lint-profile.ts';
import { allRules } from '../../src/lint/engine/registry.ts';
import { createAuditReader } from '../../src/observe/audit-groups.ts';
import { builtinProfiles } from '../../src/oci/builtin/index.ts';
import type { Host } from '../../src/oci/host.ts';
import { readProfile } from '../../src/oci/index.ts';
import type { Profile } from '../../src/oci/profile.ts';
import { serializeProfile } from '../../src/oci/serialize.ts';
import { compileLoaded } from '../../src/pipeline/compile-profile.ts';
import { hostFor, loadInput } from '../../src/pipeline/one-call.ts';
import { runtimeFor } from '../../src/policy/runtimes.ts';
import { makeReport } from '../../src/report-profile.ts';
import { randomPair } from '../compose/random-profiles.ts';
import { createRandom } from '../decision/random.ts';

const { accounts, seen, budgets, SCALE } = vi.hoisted(() => ({
  /** All that were opened: what was asked for, and the steps that were put on it. */
  accounts: [] as { readonly asked: number; done: number }[],
  /** What no account counts. */
  seen: { rules: 0, ways: 0, lowered: 0, policies: 0 },
  SCALE: 20,
  /** Budgets are so many times smaller. */
  budgets: { scale: 20 },
}));

vi.mock('../../src/decision/work.ts', async (original) => {
  const real = await original<typeof import('../../src/decision/work.ts')>();
  const createWork: typeof real.createWork = (asked, first = asked) => {
    const account = { asked, done: 0 };
    accounts.push(account);
    let steps = 0;
    return {
      ...real.createWork(asked / budgets.scale, first / budgets.scale),
      get steps() {
        return steps;
      },
      // An account that is emptied does not hide what was done.
      set steps(now) {
        account.done += Math.max(0, now - steps);
        steps = now;
      },
    };
  };
  const askApart: typeof real.askApart = async (work, most, answer) => {
    const before = work.steps;
    let part = real.createWork(0);
    const answered = await real.askApart(work, most, (own) => {
      part = own;
      return answer(own);
    });
    accounts.push({ asked: 0, done: part.steps - (work.steps - before) });
    return answered;
  };
  return { ...real, createWork, askApart };
});

vi.mock('../../src/decision/decide-policy.ts', async (original) => {
  const real = await original<typeof import('../../src/decision/decide-policy.ts')>();
  const decideCall: typeof real.decideCall = (space, rules, ...rest) => {
    seen.rules += rules.length;
    return real.decideCall(space, rules, ...rest);
  };
  return { ...real, decideCall };
});

vi.mock('../../src/lint/ask/changed-policy.ts', async (original) => {
  const real = await original<typeof import('../../src/lint/ask/changed-policy.ts')>();
  const policyWithConditions: typeof real.policyWithConditions = (view, origin, conditions) => {
    seen.ways += conditions.length;
    return real.policyWithConditions(view, origin, conditions);
  };
  return { ...real, policyWithConditions };
});

vi.mock('../../src/pipeline/resolve-and-lower.ts', async (original) => {
  const real = await original<typeof import('../../src/pipeline/resolve-and-lower.ts')>();
  const lowerFor: typeof real.lowerFor = (seccomp, reading) => {
    seen.lowered += seccomp.syscalls?.length ?? 0;
    return real.lowerFor(seccomp, reading);
  };
  return { ...real, lowerFor };
});

vi.mock('../../src/policy/lower-profile.ts', async (original) => {
  const real = await original<typeof import('../../src/policy/lower-profile.ts')>();
  const lowerProfile: typeof real.lowerProfile = (seccomp, options) => {
    seen.policies += 1;
    return real.lowerProfile(seccomp, options);
  };
  return { ...real, lowerProfile };
});

beforeEach(() => {
  accounts.length = 0;
  Object.assign(seen, { rules: 0, ways: 0, lowered: 0, policies: 0 });
  budgets.scale = SCALE;
});

const LINT = 5_000_000;
const REPORT = 8_000_000;
const PROOF = 8_000_000;

/** A question that finds the account empty takes the step that tells it so. */
const LAST_STEPS = 1.02;

/** @param least - an input that is easy would show nothing */
function expectWithin(budget: number, least = 0.6): void {
  const done = accounts.reduce((sum, each) => sum + each.done, 0);
  expect(accounts.map(({ asked }) => asked)).toContain(budget);
  expect(done).toBeGreaterThan(least * (budget / SCALE));
  expect(done).toBeLessThan(LAST_STEPS * (budget / SCALE));
}

/** Rules for one call that each compare two of its arguments, not always the same two. */
function entangled(
  seed: number,
  count: number,
): Omit<Profile, 'dialect' | 'rules'> & { readonly syscalls: object[] } {
  const random = createRandom(seed);
  const syscalls = Array.from({ length: count }, () => {
    const first = random.below(5);
    const args = [first, first + 1 + random.below(5 - first)].map((index) => ({
      index,
      value: random.word(),
      op: 'SCMP_CMP_EQ',
    }));
    return { names: ['mmap'], action: 'SCMP_ACT_ALLOW', args };
  });
  return { defaultAction: 'SCMP_ACT_ERRNO', architectures: ['SCMP_ARCH_X86_64'], syscalls };
}

/** Several objects of Kubernetes in one file. */
const severalProfiles = [1, 2, 3]
  .map((seed) => {
    const object = JSON.stringify({
      apiVersion: 'security-profiles-operator.x-k8s.io/v1beta1',
      kind: 'SeccompProfile',
      metadata: { name: `p${seed}` },
      spec: entangled(seed, 40),
    });
    return `---\n${object}\n`;
  })
  .join('');

const hosts: readonly Host[] = ['CAP_SYS_ADMIN', 'CAP_BPF', 'CAP_CHOWN'].map((cap) => ({
  arch: 'x86_64',
  kernel: { kernel: 6, major: 1 },
  capabilities: [cap],
}));
const onHosts = { hosts, runtimes: ['runc', 'crun'], inherited: 'among' } as const;

it.each([
  ['of the library', () => lintProfiles(severalProfiles, onHosts)],
  ['of the command', () => lintBytes('p.yaml', severalProfiles, () => onHosts)],
])('all profiles, hosts, runtimes and rules of a file share a budget: lint %s', async (_, lint) => {
  await lint();
  expectWithin(LINT);
  expect(accounts).toHaveLength(1);
});

it('all comparisons of a report share a budget, with the proof and with lint', async () => {
  const text = JSON.stringify(entangled(4, 200));
  const input = await loadInput('compileProfile', text, { name: 'one' });
  const { undecided } = await makeReport({
    generator: 'oci-seccomp',
    input,
    text,
    against: await loadInput('compileProfile', JSON.stringify(entangled(5, 200)), { name: 'other' }),
    host: hostFor(input.profile, { arch: 'x86_64', kernel: '6.1' }),
    runtime: runtimeFor('crun', 'oci'),
    engine: undefined,
    library: undefined,
    release: '2.6.0',
    noNewPrivileges: undefined,
  });
  expectWithin(REPORT);
  expect(undecided.join()).toContain('how the profile stands to ');
});

const parsed = (text: string): Profile => readProfile(text, { name: 'p' }).profile as Profile;

it('the proof of a composition shares a budget over all its hosts', () => {
  const profile = parsed(JSON.stringify(entangled(6, 26)));
  const many = Array.from({ length: 40 }, () => hosts).flat();
  const prove = () => proveComposition([profile], profile, only, many.slice(1), many.slice(0, 1));
  expect(prove).toThrow(/too complex to decide/);
  expectWithin(PROOF);
});

it('so do the proofs of all ways to write a composition', () => {
  // Three results are held against the inputs, and none of them is right.
  expect(() => uniteProfiles(randomPair(createRandom(4)))).toThrow(/no profile can say/);
  expect(accounts.filter(({ asked }) => asked === PROOF)).toHaveLength(1);
});

/** A rule whose comparisons are each a rule for libseccomp, as it compares arguments more than once. */
function oneRule(count: number, archs: readonly string[], args = 6): string {
  const random = createRandom(7);
  return JSON.stringify({
    defaultAction: 'SCMP_ACT_ERRNO',
    architectures: archs,
    syscalls: [
      {
        names: ['mmap'],
        action: 'SCMP_ACT_ALLOW',
        args: Array.from({ length: count }, (_, i) => ({
          index: i % args,
          value: random.word() * 2 ** 20,
          op: 'SCMP_CMP_EQ',
        })),
      },
    ],
  });
}

it('a rule of 18,000 comparisons is not held against itself for each of them', async () => {
  const text = oneRule(18_000, ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86']);
  const { findings } = await lintProfile(text, { inherited: 'among' });
  const [{ message } = { message: '' }] = findings.filter(({ rule }) => rule === 'not-decided');
  expect(message).toMatch(/there may be more findings of .*never-matches, repeated-argument/);
  // The call is left open, and no rule tries it again.
  expectWithin(LINT, 0.2);
  // Once as it is and once as it was meant, for each step that was paid.
  expect(seen.rules).toBeLessThan(2 * (LINT / SCALE));
});

it('what a rule may have meant is not written out in all ways', async () => {
  await lintProfile(oneRule(6, ['SCMP_ARCH_X86_64'], 3));
  expect(seen.ways).toBe(8);
  seen.ways = 0;
  const { findings } = await lintProfile(oneRule(120, ['SCMP_ARCH_X86_64'], 3));
  expect(findings.map(({ rule }) => rule)).toContain('not-decided');
  expect(seen.ways).toBe(0);
});

/** Rules with the default action, which are skipped, beside others: both compare one argument of one call. */
function skippedBeside(count: number): string {
  const compared = (value: number, action: string) => ({
    names: ['mmap'],
    action,
    args: [{ index: 0, value, op: 'SCMP_CMP_EQ' }],
  });
  const syscalls = Array.from({ length: count }, (_, i) => [
    compared(2 * i, 'SCMP_ACT_ERRNO'),
    compared(2 * i + 1, 'SCMP_ACT_ALLOW'),
  ]).flat();
  return JSON.stringify({
    defaultAction: 'SCMP_ACT_ERRNO',
    architectures: ['SCMP_ARCH_X86_64'],
    syscalls,
  });
}

it('of thousands of rules that are skipped none takes the others along', async () => {
  await lintProfile(skippedBeside(100), { inherited: 'among' });
  // The profile itself, and each skipped rule alone.
  expect(seen.lowered).toBeGreaterThan(200);
  expect(seen.lowered).toBeLessThan(5 * 200);
});

/** Rules of one call, each with a value of one argument. */
function rulesFor(count: number, compared: (n: number) => object): string {
  const syscalls = Array.from({ length: count }, (_, n) => ({
    names: ['ioctl'],
    action: 'SCMP_ACT_ALLOW',
    args: [{ index: 1, ...compared(n) }],
  }));
  return JSON.stringify({
    defaultAction: 'SCMP_ACT_ERRNO',
    architectures: ['SCMP_ARCH_X86_64'],
    syscalls,
  });
}

/** Masks that lack bits of what they ask for. */
function droppedBits(count: number): string {
  const random = createRandom(7);
  return rulesFor(count, () => ({
    value: random.word(),
    valueTwo: random.word(),
    op: 'SCMP_CMP_MASKED_EQ',
  }));
}

const values = (count: number): string => rulesFor(count, (value) => ({ value, op: 'SCMP_CMP_EQ' }));

it('a profile with hundreds of findings is handed to the runtime a limited number of times', async () => {
  const { findings } = await lintProfile(droppedBits(600));
  const found = findings.filter(({ rule }) => rule === 'masked-eq-dropped-bits');
  // Not all have a witness then, but each is told.
  expect(found.length).toBe(600);
  expect(seen.lowered).toBeLessThan(LINT / SCALE / 4);
});

const HANGS = new OciSeccompError('ERR_LIBSECCOMP_TIMEOUT', 'it hangs');
it.each([
  ['many rules', values(10_100), undefined, 2],
  ['a compiler that hangs', values(3), HANGS, 2],
  ['few rules', values(3), undefined, 3],
])('a compiler is asked for as many views of a file as its work allows: %s', async (_, text, error, most) => {
  let compiled = 0;
  const compiler = {
    name: 'c',
    compile: () => {
      compiled += 1;
      return error === undefined
        ? Promise.resolve({ program: [{ code: 0x06, jt: 0, jf: 0, k: 0 }] })
        : Promise.reject(error);
    },
  };
  const runtimes = ['runc', 'crun', 'youki'];
  const { findings } = await lintProfile(text, { runtimes, compilers: [compiler] });
  expect(compiled).toBe(most);
  const open = findings.filter(({ rule }) => rule === 'not-decided').map(({ message }) => message);
  for (const rule of ['libseccomp-miscompiles', 'too-long'])
    expect(open.some((message) => message.includes(rule))).toBe(most < runtimes.length);
});

it('skipped rules are not held against all others without end', async () => {
  const input = await loadInput('compileProfile', skippedBeside(400), { name: 'p' });
  const reading = {
    host: hostFor(input.profile, { arch: 'x86_64' }),
    runtime: runtimeFor('crun', 'oci'),
    engine: undefined,
  };
  const compiled = compileLoaded(input, { ...reading, backend: 'builtin', allowUnproven: true });
  await expect(compiled).rejects.toThrow(/too complex to decide: it takes more steps/);
});

describe('ordinary profiles stay decided', () => {
  const folder = new URL('../../fixtures/profiles/good/', import.meta.url);
  const texts = new Map(
    readdirSync(folder).map((file) => [file, readFileSync(new URL(file, folder), 'utf8')] as const),
  );
  const tenArchitectures = [
    ...['X86_64', 'X86', 'X32', 'AARCH64', 'ARM', 'PPC64LE', 'RISCV64', 'LOONGARCH64', 'MIPSEL64', 'MIPSEL'],
  ].map((name) => `SCMP_ARCH_${name}`);
  const { archMap: _, ...docker } = JSON.parse(serializeProfile(builtinProfiles['docker-default']()));
  texts.set('docker-default', serializeProfile(builtinProfiles['docker-default']()));
  texts.set('docker-default on ten', JSON.stringify({ ...docker, architectures: tenArchitectures }));

  it.each([...texts])(
    '%s, by lint with a twentieth of its budget, and in a report with a quarter',
    async (name, text) => {
      const { findings } = await lintProfile(text, { name, inherited: 'among' });
      expect(findings.filter(({ rule }) => rule === 'not-decided')).toEqual([]);
      budgets.scale = 4;
      const input = await loadInput('compileProfile', text, { name });
      const { undecided } = await makeReport({
        ...{ generator: 'oci-seccomp', input, text, against: undefined, release: '2.6.0' },
        host: hostFor(input.profile, { arch: 'x86_64', kernel: '6.1' }),
        runtime: runtimeFor('crun', input.profile.dialect),
        ...{ engine: undefined, library: undefined, noNewPrivileges: undefined },
      });
      expect(undecided).toEqual([]);
    },
  );
});

it('what ends a thread is asked of each call once, not for each rule that names it', async () => {
  const names = ['read', 'write', 'close', 'fstat', 'mmap', 'brk', 'dup', 'pause', 'getpid', 'fcntl'];
  const count = 400;
  const syscalls = Array.from({ length: count }, (_, i) => ({
    names,
    action: i % 2 === 0 ? 'SCMP_ACT_KILL' : 'SCMP_ACT_LOG',
  }));
  const text = JSON.stringify({
    defaultAction: 'SCMP_ACT_ERRNO',
    architectures: ['SCMP_ARCH_X86_64'],
    syscalls,
  });
  const others = allRules.map(({ id }) => id).filter((id) => id !== 'kill-kills-thread-only');
  const levels = Object.fromEntries(others.map((id) => [id, 'off' as const]));
  const { findings } = await lintProfile(text, { levels });
  expect(findings.map(({ places = [] }) => places.length)).toEqual([count / 2]);
  // All rules name all calls, so the first call shows it of each.
  expect(seen.rules).toBe(count);
});

it('a log of denied calls makes the policies of a profile once, and decides the calls that edits touch', async () => {
  const reader = createAuditReader();
  const denied = ['mount', 'unshare', 'io_uring_setup', 'kexec_load', 'bpf'];
  for (const name of denied) {
    const nr = directSyscallNumber(name, 'x86_64');
    reader.add(`audit(1.0:${nr}): pid=1 comm="x" exe="/x" arch=c000003e syscall=${nr} code=0x50000\n`);
  }
  const log = { name: 'log', isOfMachine: false } as AuditLog;
  const options = { arch: 'x86_64', kernel: '6.1' };
  const { entries } = await auditReport(log, reader.end(), 'docker-default', options, true);
  expect(entries.map(({ edit }) => edit?.proof.isMet)).toEqual(denied.map(() => true));
  const hostsProven = entries[0]?.edit?.proof.hosts.length ?? 0;
  expect(hostsProven).toBeGreaterThan(30);
  // For three runtimes: those of the profile once, and those of each edited one. Some more are of hosts with another capability.
  expect(seen.policies).toBeLessThan(1.2 * 3 * hostsProven * (1 + denied.length));
  // 102,082; of all calls of each policy it would be 4,700,000.
  expect(accounts.reduce((sum, each) => sum + each.done, 0)).toBeLessThan(150_000);
});
