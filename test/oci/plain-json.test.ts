/**
 * The walk over JSON without a flaw, against the parser of another project: the same tree, place for place, and no tree where
 * something is to be said about the text.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readPlainJson } from '../../src/oci/plain-json.ts';
import { MAX_DOCUMENT_DEPTH, readAny } from '../../src/oci/read-json.ts';
import { samples } from '../support/samples.ts';

const plain = (text: string) => readPlainJson(text, MAX_DOCUMENT_DEPTH);

/** Texts of one value, written in all the ways that there are. */
const space = fc.stringMatching(/^[ \t\r\n]{0,3}$/);
const number = fc.stringMatching(/^-?(0|[1-9][0-9]{0,20})(\.[0-9]{1,3})?([eE][-+]?[0-9]{1,2})?$/);
const string = fc.oneof(
  { arbitrary: fc.stringMatching(/^[a-z_]{0,5}$/), weight: 4 },
  fc.string({ unit: 'grapheme', maxLength: 4 }),
  fc.constantFrom('a"b', '\\', '\\\\"', '\n', '\u0000', '/', '\u2028', '__proto__'),
);
const word = fc
  .tuple(string, fc.boolean())
  .map(([value, escaped]) =>
    escaped
      ? JSON.stringify(value).replace(/[a-f]/g, (c) => `\\u00${c.charCodeAt(0).toString(16)}`)
      : JSON.stringify(value),
  )
  // Replacing letters of an escape makes something else of it.
  .filter((text) => isJson(text));
const { value: anyValue } = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    fc.oneof(word, number, fc.constantFrom('true', 'false', 'null')),
    fc.array(fc.tuple(space, tie('value'), space), { maxLength: 12 }).map((all) => `[${joined(all)}]`),
    fc
      .array(fc.tuple(space, word, space, space, tie('value'), space), { maxLength: 12 })
      .map((all) => `{${joined(all.map(([a, key, b, ...rest]) => [a, key, b, ':', ...rest]))}}`),
  ),
}));
const document = fc.tuple(space, anyValue, space).map((all) => all.join(''));

function joined(parts: readonly (readonly string[])[]): string {
  return parts.map((part) => part.join('')).join(',');
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** Whether the text was read here; where it was, or the parser has findings, both must agree. */
function check(text: string): boolean {
  const found = plain(text);
  const { root, findings } = readAny(text);
  if (found === undefined) {
    if (findings.length === 0) expect(text).toMatch(/[\ud800-\udfff]|\\u[dD]/);
    return false;
  }
  expect({ root: found, findings: [] }).toEqual({ root, findings });
  return true;
}

describe('JSON without a flaw', () => {
  it('has the tree that the parser makes', () => {
    let read = 0;
    fc.assert(
      fc.property(document, (text) => {
        if (check(text)) read++;
      }),
      { numRuns: samples(1500) },
    );
    expect(read).toBeGreaterThan(samples(1500) / 5);
  });

  it('is told from what has one', () => {
    const damage = fc.tuple(
      fc.nat(),
      fc.constantFrom('', ',', '"', '}', ']', '\n', '//', '\\', '1', 'e', '\u0001'),
    );
    fc.assert(
      fc.property(document, damage, (text, [place, put]) => {
        const at = place % (text.length + 1);
        const damaged = text.slice(0, at) + put + text.slice(at + (put === '' ? 1 : 0));
        if (damaged.trim() !== '') check(damaged);
      }),
      { numRuns: samples(1500) },
    );
  });

  it.each(['good', 'bad'])('%s profiles', (kind) => {
    const folder = join(import.meta.dirname, '../../fixtures/profiles', kind);
    const texts = readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.json'))
      .map((name) => readFileSync(join(folder, name), 'utf8'))
      .filter((text) => text.trim() !== '' && !text.startsWith('\ufeff'));
    expect(texts.filter(check).length).toBeGreaterThan(texts.length / 2);
  });

  it('is read down to the limit, and no deeper', () => {
    const nested = (depth: number) => `${'[{"a":'.repeat(depth / 2)}0${'}]'.repeat(depth / 2)}`;
    expect(check(nested(MAX_DOCUMENT_DEPTH))).toBe(true);
    expect(check(nested(MAX_DOCUMENT_DEPTH + 2))).toBe(false);
    // Depth is counted down each branch.
    expect(check(`[${'[[]],'.repeat(MAX_DOCUMENT_DEPTH)}[]]`)).toBe(true);
  });

  it.each([
    ['twice the same key', '{"a": 1, "b": {"c": 1, "c": 2}}'],
    ['twice among many', `{${[...'abcdefghijklm', 'c'].map((key) => `"${key}": 0`).join(', ')}}`],
    ['the same key in two spellings', '{"a": 1, "\\u0061": 2}'],
    ['half a surrogate pair', '["\\ud800"]'],
    ['a comment', '[] // no'],
    ['a comma too many', '[1,]'],
    ['a control character', '["\t"]'],
    ['two values', '1 2'],
  ])('is not one with %s', (_, text) => {
    expect(plain(text)).toBeUndefined();
    expect(readAny(text).findings).not.toEqual([]);
  });
});
