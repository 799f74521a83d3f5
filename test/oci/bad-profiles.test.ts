import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { problemInfo } from '../../src/oci/problem-codes.ts';
import type { Problem } from '../../src/oci/problems.ts';
import { readProfile } from '../../src/oci/read-profile.ts';

interface Expected {
  readonly dialect: string | null;
  readonly profile: boolean;
  readonly problems: readonly {
    readonly code: string;
    /** `line:column` */
    readonly at: string;
    readonly pointer: string;
    readonly severity: string;
    readonly rejectedBy?: readonly string[];
  }[];
}

const folder = `${import.meta.dirname}/../../fixtures/profiles`;
const table = JSON.parse(readFileSync(`${folder}/bad-expected.json`, 'utf8')) as Record<string, Expected>;

function summary({
  code,
  line,
  column,
  pointer,
  severity,
  rejectedBy,
}: Problem): Expected['problems'][number] {
  return {
    code,
    at: `${line}:${column}`,
    pointer,
    severity,
    ...(rejectedBy === undefined ? {} : { rejectedBy }),
  };
}

describe('readProfile on broken documents', () => {
  it('has an expectation for every file, and at least 60', () => {
    expect(readdirSync(`${folder}/bad`).sort()).toEqual(Object.keys(table).sort());
    expect(Object.keys(table).length).toBeGreaterThanOrEqual(60);
  });

  it.each(Object.entries(table))('%s', (file, expected) => {
    const { profile, dialect, problems } = readProfile(readFileSync(`${folder}/bad/${file}`), { name: file });
    expect(problems.map(summary)).toEqual(expected.problems);
    expect({ dialect: dialect ?? null, profile: profile !== undefined }).toEqual({
      dialect: expected.dialect,
      profile: expected.profile,
    });
    for (const problem of problems) expect(problem.message).toMatch(/^.*[^.]$/);
  });

  it('covers every code that a small document can have', () => {
    const seen = new Set(Object.values(table).flatMap(({ problems }) => problems.map(({ code }) => code)));
    const missing = Object.keys(problemInfo).filter((code) => !seen.has(code));
    // Of objects that make pods, and of units and policies: test/lint/cases/ and test/oci/foreign/ have cases of each.
    const workloads = [
      'workload-unconfined',
      'workload-profile-missing',
      'workload-profile-ignored',
      'workload-refused',
      'workload-unread',
    ];
    const foreign = ['ignored-setting', 'filter-not-read', 'rule-left-out', 'invalid-policy', 'unit-refused'];
    expect(missing.toSorted()).toEqual(
      ['too-large', 'invalid-yaml', 'more-problems', 'foreign-file', ...foreign, ...workloads].toSorted(),
    );
  });
});

describe('readProfile on sound documents', () => {
  const files = readdirSync(`${folder}/good`);
  it.each(files)('%s has no error and no warning', (file) => {
    const { profile, problems } = readProfile(readFileSync(`${folder}/good/${file}`), { name: file });
    expect(problems.filter(({ severity }) => severity !== 'note')).toEqual([]);
    expect(profile).toBeDefined();
  });
});
