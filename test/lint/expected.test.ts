/**
 * Published profiles and what lint finds in each: `corpus-expected.json`, every kind of finding in every file read and
 * found to be true. A change of a rule that adds or loses findings is to be read as carefully.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { lintProfile } from '../../src/lint/engine/lint-profile.ts';
import { singleFindings } from '../../src/lint/engine/merge-findings.ts';
import { corpusSamples, hasCorpus } from './samples.ts';

const file = join(import.meta.dirname, 'corpus-expected.json');
const expected = JSON.parse(readFileSync(file, 'utf8')) as Readonly<Record<string, Record<string, number>>>;
const name = hasCorpus ? 'reviewed findings' : 'reviewed findings (needs ../shared/data/corpus)';

it('at least 30 profiles are reviewed', () => {
  expect(Object.keys(expected).length).toBeGreaterThanOrEqual(30);
});

describe.skipIf(!hasCorpus)(name, () => {
  const samples = new Map(corpusSamples().map((sample) => [sample.name, sample]));

  it.each(Object.keys(expected))('%s', async (profile) => {
    const sample = samples.get(profile);
    if (sample === undefined) throw new Error('the profile is not there');
    const { findings } = await lintProfile(sample.text, { inherited: 'among' });
    const counts: Record<string, number> = {};
    for (const { rule } of singleFindings(findings)) counts[rule] = (counts[rule] ?? 0) + 1;
    expect(counts).toEqual(expected[profile]);
  });
});
