/**
 * Every problem of reading is a finding of exactly one rule, where `validate` says it and as severe.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lintProfile } from '../../../src/lint/engine/lint-profile.ts';
import { singleFindings } from '../../../src/lint/engine/merge-findings.ts';
import { allRules } from '../../../src/lint/engine/registry.ts';
import { ruleOfProblem } from '../../../src/lint/engine/rule-of-problem.ts';
import { problemInfo } from '../../../src/oci/problem-codes.ts';
import { severityFor } from '../../../src/oci/problems.ts';
import { readProfile } from '../../../src/oci/read-profile.ts';
import { type AskedReaders, readersOf } from '../../../src/policy/profile-readers.ts';
import { samples } from '../../support/samples.ts';
import { caseSamples, type Sample } from '../samples.ts';

it('every code has a rule that exists', () => {
  expect(Object.keys(ruleOfProblem).toSorted()).toEqual(Object.keys(problemInfo).toSorted());
  const ids = new Set(allRules.map(({ id }) => id));
  expect(Object.values(ruleOfProblem).filter((id) => !ids.has(id))).toEqual([]);
});

/** A profile that is right but for a few keys, words and marks. */
const sound = JSON.stringify(
  {
    defaultAction: 'SCMP_ACT_ERRNO',
    defaultErrnoRet: 38,
    architectures: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86'],
    archMap: [{ architecture: 'SCMP_ARCH_X86_64', subArchitectures: ['SCMP_ARCH_X86'] }],
    syscalls: [
      { names: ['read', 'execve', ''], action: 'SCMP_ACT_ALLOW', errnoRet: 1 },
      {
        name: 'write',
        action: 'SCMP_ACT_ERRNO',
        args: [{ index: 0, value: 1, valueTwo: 3, op: 'SCMP_CMP_EQ' }],
      },
      {
        names: ['socket'],
        action: 'SCMP_ACT_TRACE',
        includes: { caps: ['CAP_KILL'], minKernel: '4.8' },
        comment: 'x',
      },
    ],
  },
  undefined,
  1,
);
const words = sound.match(/"[^"]*"|\d+|[[\]{},:]/g) ?? [];
const replacements = [
  '"x"',
  '"arg"',
  '"SCMP_ARCH_PPC64"',
  '"SCMP_ACT_NOTIFY"',
  'null',
  '-1',
  '1.5',
  '70000',
  '7',
  '"execvp"',
  '// a\n',
  ',',
  '[]',
];
const mutated = fc
  .array(fc.tuple(fc.nat(words.length - 1), fc.constantFrom(...replacements, ...words)), {
    minLength: 1,
    maxLength: 3,
  })
  .map((changes) => {
    const text = [...words];
    for (const [at, word] of changes) text[at] = word;
    return text.join(' ').replaceAll('{', '{\n');
  });

const folder = join(import.meta.dirname, '../../../fixtures/profiles/bad');
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
  file.endsWith('.json'),
);
const texts: readonly Sample[] = [
  ...files.map((name) => ({ name, text: readFileSync(join(folder, name), 'utf8'), options: {} })),
  ...(await caseSamples()),
];

const levels = { error: 'error', warning: 'warn', note: 'note' } as const;

/** What `validate` says of a text, as `lint` should say it: rule, place and level. */
function validated(
  text: string,
  readers: AskedReaders,
  dialect: Sample['options']['dialect'],
): readonly string[] {
  const read = readProfile(text, dialect === undefined ? {} : { dialect });
  const judged = readersOf(read.dialect ?? 'oci', readers);
  return read.problems.flatMap((problem) => {
    const rule = ruleOfProblem[problem.code];
    const level = levels[severityFor(problem, judged)];
    return [`${rule} ${problem.line}:${problem.column} ${level}`];
  });
}

/** The rules that no problem of reading belongs to: they take most of the time, and say nothing here. */
const others = Object.fromEntries(
  allRules
    .filter(({ id }) => !(Object.values(ruleOfProblem) as readonly string[]).includes(id))
    .map(({ id }) => [id, 'off' as const]),
);

async function linted(text: string, options: Sample['options']): Promise<readonly string[]> {
  const { findings, suppressed } = await lintProfile(text, { ...options, levels: others });
  return singleFindings([...findings, ...suppressed]).map(
    ({ rule, range, level }) => `${rule} ${range.line}:${range.column} ${level}`,
  );
}

/** The readers that are asked: everyone, or those of one runtime. */
const asked: readonly AskedReaders[] = [
  {},
  { runtimes: ['runc'] },
  { runtimes: ['crun'] },
  { runtimes: ['crun'], engine: 'podman' },
  { engine: 'docker' },
];

async function expectAgreement(text: string, { dialect }: Sample['options'] = {}): Promise<void> {
  for (const readers of asked) {
    const { engine, runtimes } = readers;
    const options = {
      ...(dialect === undefined ? {} : { dialect }),
      ...(engine === undefined ? {} : { engine }),
      ...(runtimes === undefined ? {} : { runtimes }),
    };
    const found = await linted(text, options);
    expect(
      validated(text, readers, dialect).filter((each) => !found.includes(each)),
      JSON.stringify(readers),
    ).toEqual([]);
  }
}

describe('validate and lint agree on place and level', () => {
  it.each(texts)('$name', ({ text, options }) => expectAgreement(text, options));

  it('of profiles with random mistakes', async () => {
    await fc.assert(
      fc.asyncProperty(mutated, (text) => expectAgreement(text)),
      { numRuns: samples(400) },
    );
  });
});

describe('texts with problems', () => {
  it.each(texts)('$name', async ({ text, options }) => {
    const levels = Object.fromEntries(allRules.map(({ id }) => [id, 'error'] as const));
    const { dialect } = options;
    const { problems } = readProfile(text, dialect === undefined ? {} : { dialect });
    const { findings } = await lintProfile(text, { ...options, levels });
    for (const { code, pointer } of problems) {
      const rule = ruleOfProblem[code];
      const own = findings.filter((finding) => finding.rule === rule);
      expect(
        own.map(({ range }) => range.pointer),
        code,
      ).toContain(pointer);
    }
  });
});
