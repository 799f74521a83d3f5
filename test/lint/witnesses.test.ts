/**
 * The calls that findings show, held against what libseccomp builds: each gets what the finding says it gets.
 */
import { afterAll, describe, expect, it } from 'vitest';
import { architectures } from '../../src/abi/architectures.ts';
import { capabilitySets } from '../../src/abi/capabilities.ts';
import { formatReturnWord } from '../../src/abi/return-word.ts';
import { encodeProgram } from '../../src/bpf/program.ts';
import { compilePolicy } from '../../src/compile/compile.ts';
import { formatCall } from '../../src/decision/format.ts';
import { OciSeccompError } from '../../src/errors.ts';
import type { Finding } from '../../src/lint/finding.ts';
import { createView, newestTable } from '../../src/lint/host-view.ts';
import { lintProfile } from '../../src/lint/lint.ts';
import type { Profile } from '../../src/oci/profile.ts';
import { parseRuntime } from '../../src/policy/runtimes.ts';
import { libraryByVersion } from '../oracle/libraries.ts';
import { describeWith } from '../oracle/support/require.ts';
import { simulate } from '../oracle/support/simulate.ts';
import { caseSamples, corpusSamples, hasCorpus, type Sample } from './samples.ts';

const VERSION = '2.5.4';
const cases = await caseSamples();

/** What a runtime would install, as lint looks at profiles unless told otherwise. */
async function compile(profile: Profile, { options }: Sample): Promise<Uint8Array> {
  const kernel = options.kernels?.newest ?? { kernel: 6, major: 18 };
  const capabilities = profile.container?.capabilities ?? capabilitySets.docker;
  const host = options.hosts?.[0] ?? { arch: 'x86_64', kernel, capabilities };
  const runtime = parseRuntime(options.runtimes?.[0] ?? 'runc');
  const view = await createView({ profile, host, runtime, compilers: [] });
  if (view === undefined || view instanceof OciSeccompError) throw view;
  const library = libraryByVersion(VERSION)?.path;
  const { program } = await compilePolicy(view.policy, {
    allowUnproven: true,
    table: newestTable,
    ...(library === undefined ? {} : { library }),
  });
  return encodeProgram(program, architectures[host.arch].endian);
}

/** Runs the witnesses of a text. @returns how many there were */
async function runWitnesses(sample: Sample): Promise<readonly string[]> {
  const { findings, profile } = await lintProfile(sample.text, sample.options);
  const shown = findings.filter(({ witness }) => witness !== undefined);
  if (profile === undefined || shown.length === 0) return [];
  const program = await compile(profile, sample);
  for (const finding of shown) expectWitness(program, finding);
  return shown.map(({ rule }) => rule);
}

function expectWitness(program: Uint8Array, { rule, range, witness }: Finding): void {
  if (witness === undefined) return;
  const { call, verdict, otherwise = [], meant } = witness;
  const done = simulate(program, call);
  const allowed = [verdict, ...otherwise].map(formatReturnWord);
  expect(allowed, `${rule} at ${range.line}:${range.column}: ${formatCall(call)}`).toContain(
    formatReturnWord(done),
  );
  expect(meant, `${rule}: what was meant is what happens`).not.toBe(verdict);
}

describeWith([`libseccomp ${VERSION}`], 'witnesses', () => {
  const tried = new Map<string, number>();
  const count = (rules: readonly string[]): void => {
    for (const rule of rules) tried.set(rule, (tried.get(rule) ?? 0) + 1);
  };

  it.each(cases)('$name', async (sample) => count(await runWitnesses(sample)), 30_000);

  describe.skipIf(!hasCorpus)('of published profiles (../shared/data/corpus)', () => {
    it.each(corpusSamples())('$name', async (sample) => count(await runWitnesses(sample)), 30_000);
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
