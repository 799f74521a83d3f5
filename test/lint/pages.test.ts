/**
 * The examples on the pages of the rules about openness: the first is flagged, the second is not.
 */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { lintProfile } from '../../src/lint/engine/lint-profile.ts';
import { allRules } from '../../src/lint/engine/registry.ts';

const rules = allRules.filter(({ group }) => group === 'openness').map(({ id }) => id);

it.each(rules)('%s', async (id) => {
  const page = readFileSync(`docs/rules/${id}.md`, 'utf8');
  const [bad = '', good = ''] = [...page.matchAll(/```json\n(.*?)```/gs)].map((match) => match[1] ?? '');
  const flags = async (text: string): Promise<boolean> => {
    const { findings } = await lintProfile(text);
    return findings.some(({ rule }) => rule === id);
  };
  expect([await flags(bad), await flags(good)]).toEqual([true, false]);
});
