/**
 * YAML as Kubernetes reads it: kubectl turns the same texts into JSON, without a cluster.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import type { Node } from '../../src/oci/document.ts';
import { readYaml } from '../../src/oci/read-yaml.ts';
import { describeWith } from './support/require.ts';

const root = resolve(import.meta.dirname, '../..');
const corpus = resolve(root, '../shared/data/corpus');
const HEAD = 'apiVersion: v1\nkind: X\nmetadata: {name: a}\n';

/** `undefined` if kubectl refuses the text. */
function theirs(text: string): unknown {
  const { stdout, status } = spawnSync(
    'kubectl',
    ['annotate', '--local', '-f', '-', 'oracle=yes', '-o', 'json'],
    {
      input: text,
      encoding: 'utf8',
    },
  );
  return status === 0 ? JSON.parse(stdout) : undefined;
}

/** The value as JSON parsers see it, numbers beyond 2^53 rounded as kubectl's. */
function plain(node: Node | undefined): unknown {
  if (node === undefined) return null;
  switch (node.kind) {
    case 'object':
      return Object.fromEntries(node.members.map(({ key, value }) => [key, plain(value)]));
    case 'array':
      return node.elements.map(plain);
    case 'number':
      return node.integer === undefined ? Number(node.text.replaceAll('_', '')) : Number(node.integer);
    case 'null':
    case undefined:
      return null;
    default:
      return node.value;
  }
}

function ours(text: string): unknown {
  const [tree] = readYaml(text);
  if (tree === undefined || tree.findings.length > 0) return undefined;
  const value = plain(tree.root) as { metadata: { annotations?: object } };
  value.metadata.annotations = { ...value.metadata.annotations, oracle: 'yes' };
  return value;
}

const scalars = [
  ...[
    'y',
    'n',
    'Y',
    'yes',
    'Yes',
    'yEs',
    'on',
    'ON',
    'off',
    'no',
    'true',
    'TRUE',
    'tRue',
    'False',
    '~',
    'null',
    'Null',
  ],
  ...[
    '0',
    '-0',
    '+12',
    '1_000',
    '0x_ff',
    '0XFF',
    '0o17',
    '0O17',
    '017',
    '0b101',
    '0B1',
    '08',
    '0o18',
    '0x',
    '0b2',
    '_1',
  ],
  ...[
    '012345678',
    '-012',
    '+0x1f',
    '-0x10',
    '9223372036854775807',
    '9223372036854775808',
    '18446744073709551615',
  ],
  ...[
    '18446744073709551616',
    '1.0',
    '1e3',
    '.5',
    '-1.',
    '1e400',
    '0.1e+2',
    '1_0.5',
    '1:30',
    '2001-01-01',
    'nil',
    '0.',
  ],
  ...[
    '-',
    '1-2',
    'a b',
    'a#b',
    '"1"',
    "'yes'",
    '"\\x41\\u00e9\\n"',
    "'it''s'",
    '!!str 1',
    '!!int "5"',
    '!!bool "yes"',
  ],
  ...[
    '! 5',
    '!mine 5',
    '!!binary aGVsbG8=',
    '!!float 5',
    '!!null ""',
    '-1e2',
    '+.5',
    '1__0',
    '--1',
    '0x1p3',
    'Infinity',
  ],
];

const structures = [
  'a: &x {b: c}\nd: *x\n',
  'a: &x {b: c, e: 1}\nd: {<<: *x, e: 2}\n',
  'a: &x {b: c, e: 1}\nz: &w {b: d, f: 1}\nd: {<<: [*x, *w], e: 2}\n',
  'a: |\n  x\n   y\n\nb: |-\n  x\nc: >\n  x\n  y\n\n  z\nd: |+\n  x\n\ne: "x\n  y"\n',
  'a: |2\n   x\n  y\n',
  'a:\n- b\n-\n  - c\n- - d\n- {e: f, g: [h]}\n',
  'yes: 1\n017: 2\n1.5: 3\n"no": 4\n',
  'a: {b: yes, "c": "yes", ? d : e}\n',
  '? a\n: b\n',
  'a: !mine {b: yes}\n',
  '%YAML 1.2\n---\na: b\n',
  '~: b\n',
  '? [a]\n: b\n',
  'a: *b\n',
  'a:\n\tb: c\n',
  'a: [\n',
  'a: b: c\n',
  '# only\n',
  'a: "\\q"\n',
  // Within brackets indentation does not count.
  'a:\n  b: [\n    c, d\n]\n',
  'a:\n  b: [\n    {c: d},\n{e: f}\n  ]\n  g: h\n',
  'a:\n  b: {\nc: d,\n e: [\n1,\n2\n]\n}\n  f: g\nh: i\n',
  'a:\n  - b: [c,\nd]\n    e: f\n  - {g:\nh}\ni: j\n',
  'a:\n  b: [\n# c\nd, "e\nf", g\nh\n]\n',
  'a:\n  b: [c,\n---\nd]\n',
  'a:\n  b: [c\n  d: e\n',
  'a: [\nb\n]\nc:\n  d: |\n    e\n   f\n',
  'a:\n  b: {c: d\n}\n  e: |\n   f\n    g\n  h: i\n',
];

describeWith(['kubectl'], 'YAML as kubectl reads it', () => {
  it('scalars', () => {
    const text = (values: readonly string[]): string =>
      HEAD + values.map((value, i) => `value${i}: ${value}\n`).join('');
    const refused = scalars.filter((scalar) => ours(text([scalar])) === undefined);
    expect(refused.filter((scalar) => theirs(text([scalar])) !== undefined)).toEqual([]);
    // A start of kubectl for each takes five seconds in all.
    const taken = scalars.filter((scalar) => !refused.includes(scalar));
    const [mine, other] = [ours(text(taken)), theirs(text(taken))] as Readonly<Record<string, unknown>>[];
    const values = (of: typeof mine) => taken.map((scalar, i) => [scalar, JSON.stringify(of?.[`value${i}`])]);
    expect(values(mine)).toEqual(values(other));
    expect(Object.keys(other ?? {})).toHaveLength(taken.length + 3);
    expect(taken.length).toBeGreaterThan(60);
  });

  it.each(structures)('%j', (text) => {
    const whole = text.startsWith('%') ? `${text}${HEAD}` : `${HEAD}${text}`;
    expect(ours(whole)).toEqual(theirs(whole));
  });

  const files = [
    ...(existsSync(corpus) ? readdirSync(corpus).map((name) => `${corpus}/${name}`) : []),
    ...['several', 'anchors'].map((name) => `${root}/fixtures/kubernetes/good/${name}.yaml`),
  ].filter((file) => file.endsWith('.yaml'));

  it.each(files)('%s', (file) => {
    for (const text of readFileSync(file, 'utf8').split(/^---\n/m)) {
      if (text.trim() === '') continue;
      expect(ours(text)).toEqual(theirs(text));
    }
  });
});
