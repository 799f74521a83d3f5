/**
 * The outline of a JSON text, against `JSON.parse` and the tree that profiles are read into: the same texts are JSON, and what is
 * kept stands where the tree has it.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  EACH,
  MAX_KEPT,
  type Outline,
  outlineJson,
  stringAt,
  type Wanted,
} from '../../src/hook/json-outline.ts';
import type { Node } from '../../src/oci/document.ts';
import { readDocument } from '../../src/oci/read-json.ts';
import { ociSeccomp } from '../cli/run.ts';
import { samples } from '../support/samples.ts';

const WANTED: Wanted = { a: { b: EACH, c: {} }, e: EACH };
const key = fc.oneof(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'A', '__proto__', 'x"', '\\'), fc.string());
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, depthSize: 'medium' },
    fc.oneof(fc.string({ unit: 'grapheme' }), fc.double({ noNaN: true }), fc.constantFrom(true, false, null)),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(key, tie('value'), { maxKeys: 5, noNullPrototype: true }),
  ),
}));
const text = fc
  .tuple(value, fc.constantFrom(0, 1, '\t', '\r\n'))
  .map(([of, indent]) => JSON.stringify(of, undefined, indent === '\r\n' ? 1 : indent))
  .chain((json) => fc.constantFrom(json, json.replaceAll('\n', '\r\n'), ` ${json}\t`));

function isJson(of: string): boolean {
  try {
    JSON.parse(of);
    return true;
  } catch {
    return false;
  }
}

/** Compares what is kept with the tree. */
function same(of: string, outline: Outline, node: Node, wanted: Wanted | undefined): void {
  expect([outline.start, outline.end]).toEqual([node.start.offset, node.end.offset]);
  if (node.kind === 'string') expect(stringAt(of, outline)).toBe(node.value);
  const all = node.kind === 'object' ? node.members : [];
  const elements = node.kind === 'array' ? node.elements : [];
  expect(outline.size).toBe(all.length + elements.length);
  expect(outline.elements).toHaveLength(wanted === EACH ? elements.length : 0);
  outline.elements.forEach((element, i) => {
    same(of, element, elements[i] as Node, undefined);
  });
  const below = (name: string) =>
    wanted === EACH
      ? {}
      : wanted !== undefined && /^[aebcAEBC]$/.test(name)
        ? wanted[name.toLowerCase()]
        : undefined;
  const kept = all.filter((member) => below(member.key) !== undefined);
  expect(outline.members.map((member) => member.key)).toEqual(kept.map((member) => member.key));
  for (const member of outline.members) {
    const found = all[member.index];
    expect(found?.keyStart.offset).toBe(member.keyStart);
    expect(member.previousEnd).toBe(all[member.index - 1]?.value.end.offset ?? node.start.offset);
    expect(member.nextKeyStart).toBe(all[member.index + 1]?.keyStart.offset);
    same(of, member.value, found?.value as Node, below(member.key));
  }
}

describe('the outline of a JSON text', () => {
  it('has places where the tree has them', () => {
    fc.assert(
      fc.property(text, (of) => {
        const read = outlineJson(of, WANTED, 64);
        const { document } = readDocument(of);
        if (!('root' in read) || document === undefined) throw new Error(JSON.stringify(read));
        same(of, read.root, document.root, WANTED);
      }),
      { numRuns: samples(4000) },
    );
  });

  it('exists for the texts that JSON.parse takes, and no others', () => {
    const damage = fc.constantFrom(
      ...[
        '',
        ',',
        '"',
        '}',
        ']',
        '{',
        '[',
        ':',
        '\n',
        '//',
        '\\',
        '1',
        '0',
        '-',
        '.',
        'e',
        '\u0001',
        '\u007f',
      ],
      ...[
        '\\u00',
        '\\x',
        '\u00a0',
        '\ufeff',
        '\v',
        'null',
        'nul',
        'NaN',
        '+',
        "'",
        '\ud800',
        '/**/',
        '\u2028',
      ],
    );
    fc.assert(
      fc.property(text, fc.array(fc.tuple(fc.nat(), damage), { minLength: 1, maxLength: 2 }), (of, all) => {
        let damaged = of;
        for (const [place, put] of all) {
          const at = place % (damaged.length + 1);
          damaged = damaged.slice(0, at) + put + damaged.slice(at + (put === '' ? 1 : 0));
        }
        const read = outlineJson(damaged, WANTED, 1000);
        // Of what readers differ in, the reading ends before the rest is looked at.
        if (!('fault' in read) || read.fault.code === 'invalid-json')
          expect({ damaged, isJson: 'root' in read }).toEqual({ damaged, isJson: isJson(damaged) });
      }),
      { numRuns: samples(8000) },
    );
  });

  it.each([
    ['in what is kept', '{"e": {"x": 1,\n "x": 2}}', 16],
    ['in what is not', '{"n": [{"x": {}, "y": 0, "x": 2}]}', 25],
    ['in two spellings', '{"e": 1, "\\u0065": 2}', 9],
  ])('does not exist with a key twice %s', (_where, of, at) => {
    expect(outlineJson(of, WANTED, 64)).toMatchObject({ fault: { code: 'duplicate-key', at } });
  });

  it.each([
    ['a NUL', '{"n":"a\\u0000"}', 7, 'control-character'],
    ['a NUL in a key', '{"e\\u0000":1}', 3, 'control-character'],
    ['a high surrogate at the end', '["\\uD83d"]', 2, 'lone-surrogate'],
    ['a high surrogate before another character', '["\\ud83d\\u0061"]', 2, 'lone-surrogate'],
    ['two high surrogates', '["\\udbff\\udbff"]', 2, 'lone-surrogate'],
    ['a low surrogate', '["a\\udc00"]', 3, 'lone-surrogate'],
    ['a low surrogate behind a pair', '["\\ud83d\\udca5\\udca5"]', 14, 'lone-surrogate'],
    ['no escape', '["\\ud83"]', 2, 'invalid-json'],
  ])('does not exist with %s', (_what, of, at, code) => {
    expect(outlineJson(of, WANTED, 64)).toMatchObject({ fault: { code, at } });
  });

  it('exists with surrogate pairs, and with what only looks like an escape', () => {
    for (const of of [
      '["\\ud83d\\udca5\\uD83D\\uDCA5"]',
      '["\\\\u0000\\\\ud83d"]',
      '["\\u0001\\ud7ff\\ue000"]',
    ])
      expect(outlineJson(of, WANTED, 64)).toHaveProperty('root');
  });

  it('is read down to the limit, and no deeper', () => {
    const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;
    expect(outlineJson(nested(64), {}, 64)).toHaveProperty('root');
    expect(outlineJson(nested(65), {}, 64)).toMatchObject({ fault: { code: 'too-deep', at: 64 } });
    expect(outlineJson(`[${'[[]],'.repeat(100)}[]]`, {}, 3)).toHaveProperty('root');
    expect(outlineJson('['.repeat(1_000_000), {}, 64)).toMatchObject({ fault: { code: 'too-deep' } });
  });

  it('keeps no more than the limit, and reads any number of others', () => {
    const list = (count: number) => `[${'0,'.repeat(count - 1)}0]`;
    expect(outlineJson(`{"e":${list(MAX_KEPT - 1)},"n":${list(MAX_KEPT * 2)}}`, WANTED, 64)).toHaveProperty(
      'root',
    );
    expect(outlineJson(`{"e":${list(MAX_KEPT)}}`, WANTED, 64)).toMatchObject({
      fault: { code: 'too-large' },
    });
  });

  it('needs no memory for what is not wanted: objects, keys that stand twice, a text that ends too early', () => {
    const long = (of: string) => of.repeat(Math.floor(14_000_000 / of.length));
    const texts = [
      `{"x":[${long('{},')}0]}`,
      `{"x":{${long('"":0,')}"":0}}`,
      `{"x":[${long('"",')}`,
      `{"x":"${long('\\"')}"}`,
      `{"process":{"capabilities":{"bounding":[${long('"",')}""]}}}`,
    ];
    const statuses = texts.map((of) => {
      // Trees of these take 1.2 GB to 3.2 GB.
      return ociSeccomp(['hook', 'precreate', '--profile', 'docker-default'], {
        input: of,
        env: { NODE_OPTIONS: '--max-old-space-size=64' },
      }).status;
    });
    expect(statuses).toEqual([0, 2, 2, 0, 2]);
  });
});
