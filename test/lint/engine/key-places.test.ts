/** A finding on a key marks the key as it is written: JSON.parse reads the marked text as the key. */
import { expect, it } from 'vitest';
import { lintProfiles } from '../../../src/lint/on-demand.ts';

const profile = '{"defaultAction": "SCMP_ACT_ALLOW", KEY: []}';
const configMap = (value: string) =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  a.json: ${value}\n`;

it.each([
  ['plainly', '"syscals"', (text: string) => text],
  ['with an escape', '"sysc\\u0061ls"', (text: string) => text],
  ['in a quoted string of YAML', '"syscals"', (text: string) => configMap(JSON.stringify(text))],
  ['in single quotes of YAML', '"syscals"', (text: string) => configMap(`'${text}'`)],
] as const)('written %s', async (_, key, within) => {
  const text = within(profile.replace('KEY', key));
  const [result] = await lintProfiles(text);
  const found = result?.findings.find(({ rule }) => rule === 'unknown-key');
  const { line = 0, column = 0, endLine, endColumn = 0 } = found?.range ?? {};
  expect(endLine).toBe(line);
  const marked = text.split('\n')[line - 1]?.slice(column - 1, endColumn - 1) ?? '';
  const inner: string = marked.startsWith('\\') ? JSON.parse(`"${marked}"`) : marked;
  expect(JSON.parse(inner)).toBe('syscals');
});
