/**
 * Every problem of reading is a finding of exactly one rule.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { lintProfile } from '../../src/lint/lint.ts';
import { ruleOfProblem } from '../../src/lint/problem-rules.ts';
import { allRules } from '../../src/lint/registry.ts';
import { problemInfo } from '../../src/oci/problems.ts';
import { readProfile } from '../../src/oci/validate.ts';
import { caseSamples, type Sample } from './samples.ts';

it('every code has a rule that exists', () => {
  expect(Object.keys(ruleOfProblem).toSorted()).toEqual(Object.keys(problemInfo).toSorted());
  const ids = new Set(allRules.map(({ id }) => id));
  expect(Object.values(ruleOfProblem).filter((id) => !ids.has(id))).toEqual([]);
});

/** These are decided on the meaning, and the same text may mean something else than it looks. */
const decided = [
  'cannot-start',
  'redundant-with-default',
  'repeated-argument',
  'always-matches',
  'masked-eq-dropped-bits',
];

const folder = join(import.meta.dirname, '../../fixtures/profiles/bad');
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
  file.endsWith('.json'),
);
const samples: readonly Sample[] = [
  ...files.map((name) => ({ name, text: readFileSync(join(folder, name), 'utf8'), options: {} })),
  ...(await caseSamples()),
];

describe('texts with problems', () => {
  it.each(samples)('$name', async ({ text, options }) => {
    const levels = Object.fromEntries(allRules.map(({ id }) => [id, 'error'] as const));
    const { dialect } = options;
    const { problems } = readProfile(text, dialect === undefined ? {} : { dialect });
    const { findings } = await lintProfile(text, { ...options, levels });
    for (const { code, pointer } of problems) {
      const rule = ruleOfProblem[code];
      if (decided.includes(rule)) continue;
      const own = findings.filter((finding) => finding.rule === rule);
      expect(
        own.map(({ range }) => range.pointer),
        code,
      ).toContain(pointer);
    }
  });
});
