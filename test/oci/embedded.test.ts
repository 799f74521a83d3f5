/** Places of what stands in a string of a YAML text: where a search for it finds it, however the string is escaped. */
import { expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import type { Node } from '../../src/oci/document.ts';
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

/** All texts, numbers and lists of a tree. */
function nodesOf(node: Node): readonly Node[] {
  if (node.kind === 'array') return [node, ...node.elements.flatMap(nodesOf)];
  if (node.kind === 'object') return [node, ...node.members.flatMap(({ value }) => nodesOf(value))];
  return [node];
}

const rules = [
  { names: ['mkdir', 'chmod', 'personality'], action: 'SCMP_ACT_ERRNO', errnoRet: 38 },
  {
    names: ['read'],
    action: 'SCMP_ACT_ALLOW',
    comment: 'it\'s a "quoted" \\ word \u{1f600}, and a long sentence',
  },
];
const indented = { spaces: 2, tabs: '\t', 'one line': 0 } as const;
const styles = ['QUOTE_DOUBLE', 'QUOTE_SINGLE', 'BLOCK_LITERAL', 'BLOCK_FOLDED'] as const;

/** Lines of YAML are folded at 40 characters, as kubectl folds what it prints at 80. */
it.each(
  styles.flatMap((style) => Object.entries(indented).map(([name, indent]) => ({ style, name, indent }))),
)('each value is where it is written in $style with $name', async ({ style, indent }) => {
  const inner = JSON.stringify({ defaultAction: 'SCMP_ACT_LOG', syscalls: rules }, null, indent);
  const data = { 'a.json': inner };
  const text = stringify(
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, data },
    { lineWidth: 40, defaultStringType: style, defaultKeyType: 'PLAIN' },
  );
  expect(parse(text).data).toEqual(data);
  const [read] = await readProfiles(text);
  const nodes = read?.document === undefined ? [] : nodesOf(read.document.root);
  expect(nodes.length).toBeGreaterThan(10);
  // The library writes double quotes where the style that is asked for cannot hold the text.
  const quote = /a\.json: (["']?)/.exec(text)?.[1] ?? '';
  for (const node of nodes) {
    const source = text.slice(node.start.offset, node.end.offset);
    // What is cut out is of the same style; in it, white space outside of texts may be missing or doubled.
    const value: string =
      quote === '' ? source.replace(/\s*\n\s*/g, ' ') : parse(`${quote}${source}${quote}`);
    if (node.kind === 'string') expect(JSON.parse(value)).toBe(node.value);
    else if (node.kind === 'number') expect(value).toBe(node.text);
    else expect(value).toMatch(node.kind === 'array' ? /^\[.*\]$/s : /^\{.*\}$/s);
  }
});
