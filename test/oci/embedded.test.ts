/** Places of what stands in a string of a YAML text: where a search for it finds it, however the string is escaped. */
import { expect, it } from 'vitest';
import { readProfiles } from '../../src/oci/read-profiles.ts';

const head = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n';
const profile = '{"defaultAction": "SCMP_ACT_NO"}';
const spelled = (spell: (quote: string, nth: number) => string): string => {
  let nth = 0;
  return `"${profile.replaceAll('"', (quote) => spell(quote, nth++))}"`;
};

it.each([
  ['\\"', spelled(() => '\\"')],
  ['\\u0022', spelled(() => '\\u0022')],
  ['\\x22', spelled(() => '\\x22')],
  ['all three in turn', spelled((_, nth) => ['\\x22', '\\"', '\\u0022', '\\"'][nth] ?? '')],
  ['a \\u before an x', `"\\u007b\\x22${profile.slice(2).replaceAll('"', '\\"')}"`],
  ['a tab before it', `"\\t${profile.replaceAll('"', '\\x22')}"`],
  ['single quotes, one of them doubled', `'{"it''s": 1, ${profile.slice(1)}'`],
])('a wrong value is found in a string with %s', async (_name, written) => {
  const text = `${head}  a: ${written}\n`;
  const [read] = await readProfiles(text);
  const found = read?.problems.find(({ code }) => code === 'unknown-action');
  // The place of a string is that of its quote.
  const line = text.split('\n')[4] ?? '';
  const quote = /(?:\\x22|\\u0022|\\"|")(?=SCMP)/.exec(line);
  expect(`${found?.line}:${found?.column}`).toBe(`5:${(quote?.index ?? 0) + 1}`);
});
