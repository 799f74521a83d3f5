/**
 * YAML as trees: places, numbers, aliases, limits. test/oracle/kubernetes-yaml.test.ts compares with kubectl.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Node } from '../../src/oci/document.ts';
import { MAX_DOCUMENT_SIZE } from '../../src/oci/document.ts';
import { MAX_DOCUMENT_DEPTH } from '../../src/oci/read-json.ts';
import { readProfiles } from '../../src/oci/read-profiles.ts';
import { readYaml } from '../../src/oci/read-yaml.ts';
import { MAX_YAML_TOKENS } from '../../src/oci/yaml-limits.ts';
import { resolvePlain } from '../../src/oci/yaml-scalars.ts';
import { cpuClock } from '../support/cpu-time.ts';
import { samples } from '../support/samples.ts';

/** Processor time; below half a second is usual. */
const MOST_CPU_SECONDS = 30;

function plain(node: Node | undefined): unknown {
  if (node === undefined) return null;
  switch (node.kind) {
    case 'object':
      return Object.fromEntries(node.members.map(({ key, value }) => [key, plain(value)]));
    case 'array':
      return node.elements.map(plain);
    case 'number':
      return node.integer === undefined ? Number(node.text) : Number(node.integer);
    case 'null':
    case undefined:
      return null;
    default:
      return node.value;
  }
}

const told = (text: string) =>
  readYaml(text).flatMap(({ findings }) =>
    findings.map(({ code, at, pointer }) => `${code} ${at.line}:${at.column} ${pointer}`),
  );

describe('readYaml', () => {
  it.each([
    ['a: 1', [{ a: 1 }]],
    ['a:\nb: ~', [{ a: null, b: null }]],
    // A CR alone ends a line: what go-yaml v2 makes of this text.
    ['# c\ra: 1\rb: |\r  x\r  y\rc: "p\r  q"\r', [{ a: 1, b: 'x\ny\n', c: 'p q' }]],
    ['- a\n- [b, {c: d}]', [['a', ['b', { c: 'd' }]]]],
    ['a: 1\n---\nb: 2\n...\n---\n', [{ a: 1 }, { b: 2 }]],
    ['{"a": [1, "x"], "b": null}', [{ a: [1, 'x'], b: null }]],
    ['x: &a {b: 1}\nz: *a', [{ x: { b: 1 }, z: { b: 1 } }]],
    ['x: &a {b: 1, c: 2}\nz: {<<: *a, c: 3}', [{ x: { b: 1, c: 2 }, z: { b: 1, c: 3 } }]],
    ['- &a {b: 1}\n- &c {b: 2, d: 3}\n- {<<: [*a, *c]}', [[{ b: 1 }, { b: 2, d: 3 }, { b: 1, d: 3 }]]],
    ['a: |\n  x\n   y\nb: >-\n  x\n  y', [{ a: 'x\n y\n', b: 'x y' }]],
    ['a: !!str 1\nb: !!int "2"\nc: "3"', [{ a: '1', b: 2, c: '3' }]],
    ['yes: 1\n"no": 2\n3: 4', [{ true: 1, no: 2, '3': 4 }]],
    ['# nothing\n', []],
  ])('reads %j', (text, expected) => {
    expect(readYaml(text).map((tree) => plain(tree.root))).toEqual(expected);
    expect(told(text)).toEqual([]);
  });

  it.each([
    ['a: 1\nb: 2\na: 3', ['duplicate-key 3:1 /a']],
    ['a: [', ['invalid-yaml 1:5 ']],
    ['a:\n\tb: 1', ['invalid-yaml 2:1 ']],
    ['a: }', ['invalid-yaml 1:4 ']],
    ['a: *b', ['invalid-yaml 1:4 /a']],
    ['a: &a [*a]', ['invalid-yaml 1:8 /a/0']],
    ['? [a]\n: b', ['invalid-yaml 1:3 ']],
    ['~: b', ['invalid-yaml 1:1 ']],
    ['%YAML 1.2\n---\na: b', ['invalid-yaml 1:1 ']],
    ['a: {<<: b}', ['invalid-yaml 1:9 /a']],
  ])('reports what is wrong with %j', (text, expected) => {
    expect(told(text)).toEqual(expected);
  });

  it('gives each value the place where it is written', () => {
    const [tree] = readYaml('# c\na:\n  - "x"\n  - {k: 0x10}\r\nb: &b yes\nc: *b\n');
    const places: string[] = [];
    const visit = (node: Node, pointer: string): void => {
      const { start, end } = node;
      places.push(`${pointer} ${start.line}:${start.column}-${end.line}:${end.column}`);
      if (node.kind === 'object') {
        for (const { key, value, keyStart } of node.members) {
          places.push(`key ${key} ${keyStart.line}:${keyStart.column}`);
          visit(value, `${pointer}/${key}`);
        }
      }
      if (node.kind === 'array')
        for (const [i, element] of node.elements.entries()) visit(element, `${pointer}/${i}`);
    };
    if (tree?.root !== undefined) visit(tree.root, '');
    expect(places.slice(1)).toEqual([
      'key a 2:1',
      '/a 3:3-5:1',
      '/a/0 3:5-3:8',
      '/a/1 4:5-4:14',
      'key k 4:6',
      '/a/1/k 4:9-4:13',
      'key b 5:1',
      '/b 5:7-5:10',
      'key c 6:1',
      '/c 5:7-5:10',
    ]);
  });
});

/** go-yaml v2 resolve.go and resolve_test.go's forms. */
describe('plain scalars', () => {
  it.each([
    ['0', 0n],
    ['-0', 0n],
    ['+12', 12n],
    ['-12', -12n],
    ['1_000', 1000n],
    ['0x_ff', 255n],
    ['0XFF', 255n],
    ['0o17', 15n],
    ['017', 15n],
    ['0b101', 5n],
    ['18446744073709551615', 18446744073709551615n],
    ['18446744073709551616', 18446744073709551616n],
    ['-0x10', -16n],
    ['1.0', 1n],
    ['-1.', -1n],
    ['1e3', 1000n],
    ['08', 8n],
  ])('%s is an integer', (text, expected) => {
    expect(resolvePlain(text)).toEqual({ kind: 'number', integer: expected });
  });

  it.each(['1.5', '1e-3', '.5', '.inf', '-.INF', '.nan', '9'.repeat(100)])('%s is a number', (text) => {
    expect(resolvePlain(text)).toEqual({ kind: 'number', integer: undefined });
  });

  it.each(['yes', 'Yes', 'on', 'y', 'TRUE', 'true'])('%s is true', (text) => {
    expect(resolvePlain(text)).toEqual({ kind: 'boolean', value: true });
  });

  it.each(['no', 'Off', 'n', 'False'])('%s is false', (text) => {
    expect(resolvePlain(text)).toEqual({ kind: 'boolean', value: false });
  });

  it.each([
    'yEs',
    '0o18',
    '1e400',
    '_1',
    '_1',
    'SCMP_ACT_ALLOW',
    '0x',
    '0xg',
    '1:30',
    '12a',
    '-',
    '+',
    '.',
    'nil',
    '0b2',
    'O_RDONLY',
  ])('%s is a text', (text) => {
    expect(resolvePlain(text)).toEqual({ kind: 'string' });
  });
});

describe('hostile texts', () => {
  const laughs = ['a: &a [x, x, x, x, x, x, x, x, x, x]'];
  for (let i = 1; i < 12; i++) {
    const names = Array.from({ length: 10 }, () => `*${'abcdefghijkl'[i - 1]}`).join(', ');
    laughs.push(`${'abcdefghijkl'[i]}: &${'abcdefghijkl'[i]} [${names}]`);
  }
  const nested = (open: string, close: string, depth: number) =>
    `${open.repeat(depth)}x${close.repeat(depth)}`;
  const cases: readonly (readonly [string, string, string])[] = [
    ['aliases of aliases', laughs.join('\n'), 'too-large'],
    ['brackets', '['.repeat(1e6), 'too-deep'],
    ['elements', '- '.repeat(5e5), 'too-deep'],
    ['keys', '? '.repeat(5e5), 'too-deep'],
    ['values', ': '.repeat(5e5), 'too-deep'],
    ['objects', '{a: '.repeat(2e5), 'too-deep'],
    ['indentation', Array.from({ length: 1400 }, (_, i) => `${' '.repeat(i)}a:`).join('\n'), 'too-deep'],
    ['closing brackets', ']'.repeat(1e6), 'invalid-yaml'],
    ['commas', `a: [${','.repeat(1e6)}`, 'too-large'],
    ['tags', '!a '.repeat(3e5), 'too-large'],
    ['quotes', '""'.repeat(5e5), 'too-large'],
    ['documents', 'a: 1\n---\n'.repeat(1e5), 'too-large'],
    ['a list', '- a\n'.repeat(2.5e5), 'too-large'],
    ['a list just short enough', '- a\n'.repeat(MAX_YAML_TOKENS / 5 - 2), 'yaml-document'],
    ['commas just few enough', `a: [${','.repeat(MAX_YAML_TOKENS - 10)}`, 'invalid-yaml'],
    ['tags just few enough', '!a '.repeat(MAX_YAML_TOKENS / 2 - 5), 'invalid-yaml'],
    ['an open quote', `a: "${'x\n '.repeat(3e5)}`, 'invalid-yaml'],
    ['directives', '%a\n'.repeat(3e5), 'too-large'],
    ['size', `a: ${'x'.repeat(MAX_DOCUMENT_SIZE)}`, 'too-large'],
    [
      'deep aliases',
      `a: &a ${nested('[', ']', 40)}\nb: ${nested('[', ']', 40).replace('x', '*a')}`,
      'too-deep',
    ],
  ];

  it.each(cases)('%s', async (_, text, code) => {
    const spent = cpuClock();
    const results = await readProfiles(text, { name: 'hostile.yaml' });
    expect(spent()).toBeLessThan(MOST_CPU_SECONDS);
    const codes = results.flatMap(({ problems }) => problems.map((problem) => problem.code));
    expect(codes).toContain(code);
  });

  it('are bounded where good ones are not', () => {
    const deepest = nested('[', ']', MAX_DOCUMENT_DEPTH - 1);
    expect(told(`a: ${deepest}`)).toEqual([]);
  });

  it('never throw, whatever their words', async () => {
    const words = [
      'a',
      'b',
      ': ',
      ':',
      '- ',
      '-',
      '? ',
      '[',
      ']',
      '{',
      '}',
      ',',
      '&a ',
      '*a',
      '!!str ',
      '!x',
      '<<',
    ];
    const more = [
      '|',
      '>',
      '"',
      "'",
      '#',
      '\n',
      '\n  ',
      '\n\t',
      '---\n',
      '...\n',
      '%YAML 1.1\n',
      '~',
      '0x1',
      'yes',
    ];
    const kinds = [
      'apiVersion: v1\n',
      'kind: ConfigMap\n',
      'data:\n',
      'kind: List\n',
      'items:\n',
      'spec:\n',
      '\ufeff',
    ];
    const profile = [
      'apiVersion: security-profiles-operator.x-k8s.io/v1\nkind: SeccompProfile\n',
      'metadata: {name: a}\n',
    ];
    const word = fc.constantFrom(
      ...words,
      ...more,
      ...kinds,
      ...profile,
      '  x: {"defaultAction": "SCMP_ACT_ALLOW"}\n',
    );
    await fc.assert(
      fc.asyncProperty(fc.array(word, { maxLength: 60 }), async (parts) => {
        const results = await readProfiles(parts.join(''), { name: 'x.yaml' });
        expect(results.length).toBeGreaterThan(0);
        for (const { profile: read, problems } of results) {
          if (read === undefined) expect(problems.length).toBeGreaterThan(0);
          for (const { line, column } of problems) expect(line > 0 && column > 0).toBe(true);
        }
      }),
      { numRuns: samples(3000) },
    );
  });
});
