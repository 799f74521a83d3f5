/**
 * The budgets of docs/semantics.md ("What is proven") hold for all questions together: every step that any account counts is
 * added up, of inputs that would take many times as many. Budgets are a twentieth here, so that this takes seconds.
 */
import { beforeEach, expect, it, vi } from 'vitest';
import { lintBytes } from '../../src/cli/lint/lint-files.ts';
import { uniteProfiles } from '../../src/compose/index.ts';
import { only } from '../../src/compose/join-meanings.ts';
import { proveComposition } from '../../src/compose/prove-composition.ts';
import { lintProfile, lintProfiles } from '../../src/lint/engine/lint-profile.ts';
import type { Host } from '../../src/oci/host.ts';
import { readProfile } from '../../src/oci/index.ts';
import type { Profile } from '../../src/oci/profile.ts';
import { hostFor, loadInput } from '../../src/pipeline/one-call.ts';
import { runtimeFor } from '../../src/policy/runtimes.ts';
import { makeReport } from '../../src/report-profile.ts';
import { randomPair } from '../compose/random-profiles.ts';
import { createRandom } from '../decision/random.ts';

const { accounts, seen, SCALE } = vi.hoisted(() => ({
  /** All that were opened: what was asked for, and the steps that were put on it. */
  accounts: [] as { readonly asked: number; done: number }[],
  /** What no account counts. */
  seen: { rules: 0, ways: 0 },
  SCALE: 20,
}));

vi.mock('../../src/decision/work.ts', async (original) => {
  const real = await original<typeof import('../../src/decision/work.ts')>();
  const createWork: typeof real.createWork = (asked, first = asked) => {
    const account = { asked, done: 0 };
    accounts.push(account);
    let steps = 0;
    return {
      ...real.createWork(asked / SCALE, first / SCALE),
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

beforeEach(() => {
  accounts.length = 0;
  Object.assign(seen, { rules: 0, ways: 0 });
});

const LINT = 8_000_000;
const REPORT = 12_000_000;
const PROOF = 12_000_000;

/** A question that finds the account empty takes the step that tells it so. */
const LAST_STEPS = 1.02;

function expectWithin(budget: number): void {
  const done = accounts.reduce((sum, each) => sum + each.done, 0);
  expect(accounts.map(({ asked }) => asked)).toContain(budget);
  // An input that is easy would show nothing.
  expect(done).toBeGreaterThan(0.6 * (budget / SCALE));
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
  const input = await loadInput(text, { name: 'one' });
  const { undecided } = await makeReport({
    generator: 'oci-seccomp',
    input,
    text,
    against: await loadInput(JSON.stringify(entangled(5, 200)), { name: 'other' }),
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
  expectWithin(LINT);
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
