/**
 * Fixes, those of rules that are off by default too: each, applied alone, takes its finding away, and unless it says that
 * it changes the meaning, every call gets what it got before.
 */
import { describe, expect, it } from 'vitest';
import { decidePolicy } from '../../src/decision/decide-policy.ts';
import { applyEdits } from '../../src/lint/edit/text-edits.ts';
import type { Finding } from '../../src/lint/engine/finding.ts';
import { lintProfile } from '../../src/lint/engine/lint-profile.ts';
import { singleFindings } from '../../src/lint/engine/merge-findings.ts';
import { allRules } from '../../src/lint/engine/registry.ts';
import { readProfile } from '../../src/oci/read-profile.ts';
import { caseSamples, corpusSamples, hasCorpus, type Sample } from './samples.ts';
import { viewsOf } from './views.ts';

const levels = Object.fromEntries(allRules.map(({ id }) => [id, 'error'] as const));

async function tryFix({ text, options }: Sample, { rule, message, range, fix }: Finding): Promise<void> {
  if (fix === undefined) return;
  const fixed = applyEdits(text.replace(/^\ufeff/, ''), fix.edits);
  if (fixed === undefined) throw new Error('the edits overlap');
  const { findings, profile } = await lintProfile(fixed, options);
  const where = `${rule} at ${range.line}:${range.column}: ${fix.description}`;
  const isSame = (other: Finding): boolean => other.rule === rule && other.message === message;
  const before = singleFindings((await lintProfile(text, options)).findings).filter(isSame).length;
  expect(singleFindings(findings).filter(isSame).length, where).toBeLessThan(before);
  if (fix.changesMeaning) return;
  const original = readProfile(text).profile;
  if (original === undefined) return;
  if (profile === undefined) throw new Error(`${where}: the profile can no longer be read`);
  const changed = await viewsOf(profile, options);
  for (const { name, space, meaning } of await viewsOf(original, options)) {
    const view = changed.find((other) => other.name === name);
    if (view === undefined) throw new Error(`${name}: refused after the fix`);
    expect(decidePolicy(space, view.policy, view.expanded), `${where}, ${name}`).toBe(meaning());
  }
}

async function tryFixes({ options, ...sample }: Sample): Promise<void> {
  const all = { ...sample, options: { ...options, levels } };
  const { findings } = await lintProfile(sample.text, all.options);
  for (const finding of singleFindings(findings)) await tryFix(all, finding);
}

const cases = await caseSamples();

describe('fixes', () => {
  it.each(cases)('$name', tryFixes);

  describe.skipIf(!hasCorpus)('of published profiles (needs ../shared/data/corpus)', () => {
    it.each(corpusSamples())('$name', tryFixes);
  });
});
