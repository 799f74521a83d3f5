/**
 * All fixes that keep the meaning, applied until there are none left: that ends, the text stays readable, and every
 * call gets what it got before, also on hosts that lint was not asked about.
 */
import { describe, expect, it } from 'vitest';
import { capabilitySets } from '../../src/abi/capabilities.ts';
import { decidePolicy } from '../../src/decision/decide-policy.ts';
import { applyEdits } from '../../src/lint/edit/text-edits.ts';
import type { Edit } from '../../src/lint/engine/finding.ts';
import { type LintOptions, lintProfile } from '../../src/lint/engine/lint-profile.ts';
import { allRules } from '../../src/lint/engine/registry.ts';
import { caseSamples, corpusSamples, hasCorpus, type Sample } from './samples.ts';
import { viewsOf } from './views.ts';

const MAX_ROUNDS = 10;
const levels = Object.fromEntries(allRules.map(({ id }) => [id, 'error'] as const));

/** Applies what does not overlap. @returns the same text if there is nothing to fix */
async function fixOnce(text: string, options: LintOptions): Promise<string> {
  const { findings } = await lintProfile(text, { ...options, levels });
  const edits: Edit[] = [];
  for (const { fix } of findings) {
    if (fix === undefined || fix.changesMeaning) continue;
    if (applyEdits(text, [...edits, ...fix.edits]) !== undefined) edits.push(...fix.edits);
  }
  return applyEdits(text, edits) ?? text;
}

async function fixAll(text: string, options: LintOptions): Promise<string> {
  let fixed = text;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const next = await fixOnce(fixed, options);
    if (next === fixed) return fixed;
    fixed = next;
  }
  throw new Error(`still something to fix after ${MAX_ROUNDS} rounds`);
}

const kernel = { kernel: 6, major: 18 };
const elsewhere: Pick<LintOptions, 'hosts' | 'runtimes'> = {
  hosts: [
    { arch: 'x86_64', kernel, capabilities: capabilitySets.none },
    { arch: 'x86_64', kernel: { kernel: 4, major: 7 }, capabilities: capabilitySets.podman },
    { arch: 'aarch64', kernel, capabilities: capabilitySets.all },
    { arch: 's390x', kernel, capabilities: capabilitySets.docker },
  ],
  runtimes: ['runc', 'crun'],
};

async function expectSameMeaning(text: string, fixed: string, options: LintOptions): Promise<void> {
  const before = (await lintProfile(text, options)).profile;
  const after = (await lintProfile(fixed, options)).profile;
  if (before === undefined || after === undefined) return expect(after).toBe(before);
  const views = await viewsOf(before, options);
  const others = await viewsOf(after, options);
  // A fix may take away what a runtime refuses the profile for: then there are more views than before.
  for (const view of views) {
    const other = others.find(({ name }) => name === view.name);
    if (other === undefined) throw new Error(`${view.name}: refused after the fixes`);
    expect(decidePolicy(view.space, other.policy, other.expanded), view.name).toBe(view.meaning());
  }
}

const changed = new Set<string>();

async function tryAll({ name, text: raw, options }: Sample): Promise<void> {
  const text = raw.replace(/^\ufeff/, '');
  const fixed = await fixAll(text, options);
  if (fixed === text) return;
  changed.add(name);
  expect(await fixOnce(fixed, options)).toBe(fixed);
  await expectSameMeaning(text, fixed, options);
  await expectSameMeaning(text, fixed, { ...options, ...elsewhere });
}

const cases = await caseSamples();

describe('fixes that keep the meaning, until there are none', () => {
  it.each(cases)('$name', tryAll);

  it('were tried', () => expect(changed.size).toBeGreaterThan(10));

  describe.skipIf(!hasCorpus)('of published profiles (needs ../shared/data/corpus)', () => {
    it.each(corpusSamples())('$name', tryAll);
  });
});
