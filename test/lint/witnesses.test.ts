/**
 * The calls that findings show, held against what libseccomp builds: each gets what the finding says it gets.
 */
import { afterAll, describe, expect, it } from 'vitest';
import { architectures } from '../../src/abi/architectures.ts';
import { formatReturnWord } from '../../src/abi/return-word.ts';
import { encodeProgram } from '../../src/bpf/program.ts';
import { formatCall } from '../../src/decision/format-call.ts';
import type { HostView } from '../../src/lint/ask/host-view.ts';
import type { Finding, Witness } from '../../src/lint/engine/finding.ts';
import { lintProfile } from '../../src/lint/engine/lint-profile.ts';
import { singleFindings } from '../../src/lint/engine/merge-findings.ts';
import { describeWith } from '../oracle/support/require.ts';
import { simulate } from '../oracle/support/simulate.ts';
import { caseSamples, corpusSamples, hasCorpus, type Sample } from './samples.ts';
import { type Built, buildView, isUnknown, newestLibrary, viewOfFinding, viewsOf } from './views.ts';

const cases = await caseSamples();

/** Runs the witnesses of a text. @returns the rules they came from */
async function runWitnesses(sample: Sample): Promise<readonly string[]> {
  const { findings, profile } = await lintProfile(sample.text, sample.options);
  const library = newestLibrary();
  if (profile === undefined || library === undefined) return [];
  const views = await viewsOf(profile, sample.options);
  const built = new Map<HostView, Promise<Built>>();
  const tried: string[] = [];
  for (const finding of singleFindings(findings)) {
    const { witness, rule } = finding;
    if (witness === undefined) continue;
    const view = viewOfFinding(views, finding);
    const building = built.get(view) ?? buildView(view, library);
    built.set(view, building);
    const its = await building;
    if (isUnknown(its, view, witness)) continue;
    expectWitness(view, its, finding, witness);
    tried.push(rule);
  }
  return tried;
}

function expectWitness(
  { host }: HostView,
  { program }: Built,
  { rule, range }: Finding,
  shown: Witness,
): void {
  const { call, verdict, otherwise = [], meant } = shown;
  const done = simulate(encodeProgram(program, architectures[host.arch].endian), call);
  const allowed = [verdict, ...otherwise].map((word) => formatReturnWord(word));
  expect(allowed, `${rule} at ${range.line}:${range.column}: ${formatCall(call)}`).toContain(
    formatReturnWord(done),
  );
  expect(meant, `${rule}: what was meant is what happens`).not.toBe(verdict);
}

describeWith(['libseccomp 2.5.4'], 'witnesses', () => {
  const tried = new Map<string, number>();
  const count = (rules: readonly string[]): void => {
    for (const rule of rules) tried.set(rule, (tried.get(rule) ?? 0) + 1);
  };

  it.each(cases)('$name', async (sample) => count(await runWitnesses(sample)));

  describe.skipIf(!hasCorpus)('of published profiles (needs ../shared/data/corpus)', () => {
    it.each(corpusSamples())('$name', async (sample) => count(await runWitnesses(sample)));
  });

  afterAll(() => {
    // Rules whose findings are about meaning show a call wherever there is one.
    const expected = [
      'always-matches',
      'conditional-made-moot',
      'conflicting-actions',
      'kill-kills-thread-only',
      'libseccomp-miscompiles',
      'masked-eq-dropped-bits',
      'masked-eq-swapped',
      'never-matches',
      'repeated-argument',
    ];
    expect(expected.filter((rule) => !tried.has(rule))).toEqual([]);
  });
});
