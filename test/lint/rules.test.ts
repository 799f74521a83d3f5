/**
 * Every rule: what it flags and where, what it leaves alone, and that it has its page.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { formatReturnWord } from '../../src/abi/return-word.ts';
import { formatCall } from '../../src/decision/format-call.ts';
import type { Witness } from '../../src/lint/engine/finding.ts';
import { type LintOptions, lintProfile, lintProfiles } from '../../src/lint/engine/lint-profile.ts';
import { singleFindings } from '../../src/lint/engine/merge-findings.ts';
import { allRules } from '../../src/lint/engine/registry.ts';
import type { RuleCases } from './cases.ts';

const folder = join(import.meta.dirname, 'cases');
const files = new Map<string, RuleCases>();
for (const file of readdirSync(folder)) {
  const { cases } = (await import(join(folder, file))) as { cases: RuleCases };
  files.set(file, cases);
}
const page = (id: string): string => `docs/rules/${id}.md`;
/** As `witnesses` of a case says it. */
function witnessText(witness: Witness | undefined): readonly string[] {
  if (witness === undefined) return [];
  const { call, verdict, meant } = witness;
  const instead = meant === undefined ? '' : ` instead of ${formatReturnWord(meant)}`;
  return [`${formatCall(call)}: ${formatReturnWord(verdict)}${instead}`];
}

/** Pods are not profiles: they are looked at in files. */
async function lint(text: string, options: LintOptions) {
  if (options.workloads === undefined) return lintProfile(text, options);
  return { findings: (await lintProfiles(text, options)).flatMap(({ findings }) => findings) };
}

const headings = ['## Why', '## Example', '## Fix', '## References'];

it('a finding names the hosts only where some others do not have it', async () => {
  const hosts = (['x86_64', 'aarch64'] as const).map((arch) => ({
    arch,
    kernel: { kernel: 6, major: 1 },
    capabilities: [],
  }));
  const named = async (text: string, id: string) => {
    const { findings } = await lintProfile(text, { hosts });
    return findings.filter(({ rule }) => rule === id).map((finding) => finding.hosts);
  };
  const allow = (name: string) =>
    `{"defaultAction": "SCMP_ACT_ERRNO", "sycalls": [], "syscalls": [{"names": ["${name}"], "action": "SCMP_ACT_ALLOW"}]}`;
  expect(await named(allow('read'), 'unknown-key')).toEqual([undefined]);
  const address = allow('chdir').replace(
    '_ALLOW"}',
    '_ALLOW", "args": [{"index": 0, "op": "SCMP_CMP_EQ", "value": 7}]}',
  );
  expect(await named(address, 'pointer-argument')).toEqual([undefined]);
  expect(await named(allow('read'), 'cannot-start')).toEqual([
    [expect.stringMatching(/^x86_64/)],
    [expect.stringMatching(/^aarch64/)],
  ]);
});

it('rules have ids of their own, in kebab-case', () => {
  const ids = allRules.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.filter((id) => !/^[a-z0-9]+(-[a-z0-9]+)*$/.test(id))).toEqual([]);
});

describe.each(allRules.map((rule) => ({ id: rule.id, rule })))('$id', ({ id, rule }) => {
  const cases = files.get(`${id}.ts`);

  it('has cases, and a page with all its parts', () => {
    expect(cases?.flagged.length, `test/lint/cases/${id}.ts`).toBeGreaterThan(0);
    expect(cases?.clean.length).toBeGreaterThan(0);
    expect(existsSync(page(id)), page(id)).toBe(true);
    const text = readFileSync(page(id), 'utf8');
    expect(text.split('\n')[0]).toBe(`# ${id}`);
    expect(headings.filter((heading) => !text.includes(`\n${heading}\n`))).toEqual([]);
  });

  it.each(cases?.flagged ?? [])('flags $name', async (each) => {
    const { text, options = {}, at, messages, levels, hints, witnesses } = each;
    const { findings } = await lint(text, {
      ...options,
      levels: { ...options?.levels, [id]: 'error' },
    });
    const own = singleFindings(findings).filter((finding) => finding.rule === id);
    expect(own.map(({ range }) => `${range.line}:${range.column}`)).toEqual(at);
    for (const [i, message] of (messages ?? []).entries()) expect(own[i]?.message).toMatch(message);
    for (const [i, hint] of (hints ?? []).entries()) expect(own[i]?.hint).toMatch(hint);
    if (witnesses !== undefined)
      expect(own.flatMap(({ witness }) => witnessText(witness))).toEqual(witnesses);
    if (levels !== undefined) {
      const usual = singleFindings((await lint(text, options)).findings).filter(
        (finding) => finding.rule === id,
      );
      expect(usual.map(({ level }) => level)).toEqual(levels);
    }
    expect(own.some(({ fix }) => fix !== undefined) && !rule.fixable).toBe(false);
  });

  it.each(cases?.clean ?? [])('leaves alone $name', async ({ text, options }) => {
    const { findings } = await lint(text, {
      ...options,
      levels: { ...options?.levels, [id]: 'error' },
    });
    expect(findings.filter((finding) => finding.rule === id)).toEqual([]);
  });
});
