/**
 * Fixes: each leaves a profile that can be read and lacks the finding, and one that says so, the same meaning.
 */
import { describe, expect, it } from 'vitest';
import { capabilitySets } from '../../src/abi/capabilities.ts';
import { decidePolicy } from '../../src/decision/policy.ts';
import { applyEdits } from '../../src/lint/edits.ts';
import type { Finding } from '../../src/lint/finding.ts';
import { createView, type HostView } from '../../src/lint/host-view.ts';
import { type LintOptions, lintProfile } from '../../src/lint/lint.ts';
import type { Profile } from '../../src/oci/profile.ts';
import { readProfile } from '../../src/oci/validate.ts';
import { parseRuntime } from '../../src/policy/runtimes.ts';
import { caseSamples, corpusSamples, hasCorpus, type Sample } from './samples.ts';

async function viewOf(profile: Profile | undefined, options: LintOptions): Promise<HostView> {
  const [host = { arch: 'x86_64', kernel: { kernel: 6, major: 18 }, capabilities: capabilitySets.docker }] =
    options.hosts ?? [];
  if (profile === undefined) throw new Error('the profile cannot be read');
  const runtime = parseRuntime(options.runtimes?.[0] ?? 'runc');
  const view = await createView({ profile, host, runtime, compilers: [] });
  if (view === undefined || view instanceof Error) throw view ?? new Error('seccomp is off');
  return view;
}

async function tryFix({ text, options }: Sample, { rule, message, range, fix }: Finding): Promise<void> {
  if (fix === undefined) return;
  const fixed = applyEdits(text.replace(/^\ufeff/, ''), fix.edits);
  if (fixed === undefined) throw new Error('the edits overlap');
  const { findings, profile } = await lintProfile(fixed, options);
  const where = `${rule} at ${range.line}:${range.column}: ${fix.description}`;
  const isSame = (other: Finding): boolean => other.rule === rule && other.message === message;
  const before = (await lintProfile(text, options)).findings.filter(isSame).length;
  expect(findings.filter(isSame).length, where).toBeLessThan(before);
  if (fix.changesMeaning) return;
  const original = await viewOf(readProfile(text).profile, options);
  const changed = await viewOf(profile, options);
  expect(decidePolicy(original.space, changed.policy, changed.expanded), where).toBe(original.meaning());
}

async function tryFixes(sample: Sample): Promise<void> {
  const { findings } = await lintProfile(sample.text, sample.options);
  for (const finding of findings) await tryFix(sample, finding);
}

const cases = await caseSamples();

describe('fixes', () => {
  it.each(cases)('$name', tryFixes);

  describe.skipIf(!hasCorpus)('of published profiles (../shared/data/corpus)', () => {
    it.each(corpusSamples())('$name', tryFixes);
  });
});
