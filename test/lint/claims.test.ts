/**
 * What findings claim of a profile, held against all calls, on the hosts that it is linted for.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ReturnWord } from '../../src/abi/actions.ts';
import { applyEdits } from '../../src/lint/edit/text-edits.ts';
import type { Finding, Witness } from '../../src/lint/engine/finding.ts';
import { lintProfile } from '../../src/lint/engine/lint-profile.ts';
import { singleFindings } from '../../src/lint/engine/merge-findings.ts';
import { samples } from '../support/samples.ts';
import {
  allAnswers,
  answersTo,
  applies,
  type TriedArg,
  type TriedConditions,
  type TriedHost,
  type TriedProfile,
  type TriedRule,
} from './brute-force.ts';

const newest = { kernel: 6, major: 18 };
const hosts: readonly TriedHost[] = [
  { arch: 'x86_64', kernel: newest, capabilities: [] },
  { arch: 'x86_64', kernel: newest, capabilities: ['CAP_SYS_ADMIN'] },
  { arch: 'x86_64', kernel: { kernel: 4, major: 4 }, capabilities: ['CAP_SYS_ADMIN', 'CAP_BPF'] },
  { arch: 'aarch64', kernel: { kernel: 5, major: 4 }, capabilities: ['CAP_BPF'] },
  { arch: 's390x', kernel: newest, capabilities: ['CAP_SYS_ADMIN'] },
];

const names = fc.constantFrom(
  ...[
    ['ioctl'],
    ['ioctl', 'open'],
    ['socket', 'socketcall', 'send'],
    ['socket', 'personality', 'nosuchcall'],
  ],
);
const values = fc.constantFrom(
  ...[
    [0, 1, 2, 3],
    [0, 1, 0x1_0000_0000, 0x1_0000_0001],
    [0, 2, 0xffff_ffff],
  ],
);
const operators = fc.constantFrom('EQ', 'NE', 'LT', 'LE', 'GT', 'GE', 'MASKED_EQ', 'MASKED_EQ');
const conditions: fc.Arbitrary<TriedConditions> = fc.constantFrom<TriedConditions[]>(
  { caps: ['CAP_SYS_ADMIN'] },
  { caps: ['CAP_SYS_ADMIN', 'CAP_BPF'] },
  { arches: ['amd64', 'arm64'] },
  { arches: ['s390x'] },
  { minKernel: '4.8' },
  { minKernel: '5.9' },
);

function argOf(all: readonly number[]): fc.Arbitrary<TriedArg> {
  const value = fc.constantFrom(...all);
  return fc
    .tuple(fc.constantFrom(0, 1), operators, value, value)
    .map(([index, op, one, two]) => ({ index, op: `SCMP_CMP_${op}`, value: one, valueTwo: two }));
}

function ruleOf(pool: readonly string[], all: readonly number[], limited: boolean): fc.Arbitrary<TriedRule> {
  const kinds = ['ALLOW', 'ALLOW', 'LOG', 'ERRNO', 'KILL'].map((kind) => `SCMP_ACT_${kind}`);
  const some = limited ? fc.option(conditions, { nil: undefined }) : fc.constant(undefined);
  return fc
    .record({
      names: fc.array(fc.constantFrom(...pool), { minLength: 1, maxLength: 3 }),
      action: fc.constantFrom(...kinds),
      args: fc.array(argOf(all), { maxLength: 2 }),
      includes: some,
      excludes: some,
    })
    .map(({ args, includes, excludes, ...rule }) => ({
      ...rule,
      ...(args.length === 0 ? {} : { args }),
      ...(includes === undefined ? {} : { includes }),
      ...(excludes === undefined ? {} : { excludes }),
    }));
}

const profiles: fc.Arbitrary<TriedProfile> = fc
  .tuple(names, values, fc.boolean(), fc.boolean(), fc.constantFrom('ERRNO', 'ALLOW', 'KILL_PROCESS', 'LOG'))
  .chain(([pool, all, limited, wide, action]) =>
    fc.array(ruleOf(pool, all, limited), { minLength: 1, maxLength: 7 }).map((syscalls) => ({
      defaultAction: `SCMP_ACT_${action}`,
      archMap: [
        { architecture: 'SCMP_ARCH_X86_64', subArchitectures: wide ? ['SCMP_ARCH_X86'] : [] },
        { architecture: 'SCMP_ARCH_AARCH64', subArchitectures: wide ? ['SCMP_ARCH_ARM'] : [] },
        { architecture: 'SCMP_ARCH_S390X', subArchitectures: [] },
      ],
      syscalls,
    })),
  );
const lintedHosts = fc.subarray([...hosts], { minLength: 1, maxLength: 3 });

/** Findings that say of a rule, or of a name in it, that it changes nothing. */
function saysNothing({ rule, message }: Finding): boolean {
  if (['shadowed-rule', 'duplicate-name', 'conditional-made-moot'].includes(rule)) return true;
  if (rule === 'conflicting-actions') return message.endsWith('that rule wins');
  return rule === 'redundant-with-default' && message.startsWith('the rule has no effect');
}

/** The profile without the rules or names that findings are about. */
function without(profile: TriedProfile, findings: readonly Finding[]): TriedProfile {
  const gone = findings.map(({ range }) => /^\/syscalls\/(\d+)(?:\/names\/(\d+))?/.exec(range.pointer) ?? []);
  const syscalls = profile.syscalls.flatMap((rule, index): readonly TriedRule[] => {
    const own = gone.filter(([, at]) => Number(at) === index).map(([, , name]) => name);
    const left = rule.names.filter((_, at) => !own.includes(String(at)));
    return own.includes(undefined) || left.length === 0 ? [] : [{ ...rule, names: left }];
  });
  return { ...profile, syscalls };
}

function expectWitness(profile: TriedProfile, linted: readonly TriedHost[], finding: Finding): void {
  const { call, verdict, otherwise = [] } = finding.witness as Witness;
  const named = linted.filter(({ arch, kernel }) => {
    const name = `${arch}, kernel ${kernel.kernel}.${kernel.major}, runc`;
    return finding.hosts?.includes(name) ?? true;
  });
  const said = [verdict, ...otherwise].map((word: ReturnWord) => Number(word)).sort((a, b) => a - b);
  const answers = answersTo(profile, named, call);
  // Of rules that contradict each other, other findings name one answer.
  const isSaid = (words: readonly number[]): boolean =>
    otherwise.length > 0 ? words.join() === said.join() : words.includes(verdict);
  expect(answers.some(isSaid), `${finding.rule}: ${finding.message}: ${answers.join(' | ')}`).toBe(true);
}

describe('findings', () => {
  it('claim what trying all calls shows', async () => {
    const counts = new Map<string, number>();
    const count = (what: string): unknown => counts.set(what, (counts.get(what) ?? 0) + 1);
    await fc.assert(
      fc.asyncProperty(profiles, lintedHosts, async (profile, linted) => {
        const text = JSON.stringify(profile);
        const found = singleFindings((await lintProfile(text, { hosts: linted })).findings);
        const before = allAnswers(profile, linted);
        const isSame = (other: TriedProfile): boolean =>
          allAnswers(other, linted, profile).join() === before.join();
        const spare = found.filter(saysNothing);
        for (const finding of spare) {
          const { rule, message } = finding;
          expect(isSame(without(profile, [finding])), `${rule}: ${message}`).toBe(true);
          count(rule);
        }
        expect(isSame(without(profile, spare)), 'all together').toBe(true);
        for (const { fix, rule } of found) {
          if (fix === undefined || fix.changesMeaning) continue;
          const mended = JSON.parse(applyEdits(text, fix.edits) ?? '') as TriedProfile;
          expect(isSame(mended), `${rule}: ${fix.description}`).toBe(true);
          count('fix');
        }
        for (const finding of found) {
          if (finding.witness === undefined) continue;
          expectWitness(profile, linted, finding);
          count('witness');
        }
        const dropped = found.filter(({ rule }) => rule === 'conditions-never-hold');
        for (const { range, related = [] } of dropped) {
          for (const { pointer } of [range, ...related.map((each) => each.range)]) {
            const rule = profile.syscalls[Number(pointer.split('/')[2])] as TriedRule;
            expect(linted.some((host) => applies(rule, host))).toBe(false);
            count('conditions-never-hold');
          }
        }
        const contradict = before.some((answers) => answers.includes('+'));
        expect(found.some(({ message }) => message.startsWith('rules contradict each other'))).toBe(
          contradict,
        );
      }),
      { numRuns: samples(1600) },
    );
    const expected = ['shadowed-rule', 'duplicate-name', 'conditional-made-moot', 'conflicting-actions'];
    const others = ['redundant-with-default', 'conditions-never-hold', 'fix', 'witness'];
    for (const what of [...expected, ...others]) expect(counts.get(what), what).toBeGreaterThan(0);
  }, 600_000);
});
