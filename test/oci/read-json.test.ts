import { describe, expect, it } from 'vitest';
import type { Node } from '../../src/oci/document.ts';
import { MAX_DOCUMENT_SIZE } from '../../src/oci/document.ts';
import type { Problem } from '../../src/oci/problems.ts';
import { MAX_DOCUMENT_DEPTH, readDocument } from '../../src/oci/read-json.ts';

const brief = ({ code, line, column }: Problem) => `${code} ${line}:${column}`;

/** The tree as `JSON.parse` would give it, integers as `bigint`. */
function plainOf(node: Node): unknown {
  switch (node.kind) {
    case 'object':
      return Object.fromEntries(node.members.map(({ key, value }) => [key, plainOf(value)]));
    case 'array':
      return node.elements.map(plainOf);
    case 'number':
      return node.integer ?? node.text;
    case 'null':
      return null;
    default:
      return node.value;
  }
}

function rootOf(text: string): Node {
  const { document, problems } = readDocument(text);
  expect(problems).toEqual([]);
  if (document === undefined) throw new Error('no document');
  return document.root;
}

describe('readDocument', () => {
  it.each([
    ['18446744073709551615', 18446744073709551615n],
    ['9007199254740993', 9007199254740993n],
    ['-9223372036854775809', -9223372036854775809n],
    ['0', 0n],
    ['-0', 0n],
    ['1.0', '1.0'],
    ['1e3', '1e3'],
    ['1E+2', '1E+2'],
  ])('keeps the number %s', (text, expected) => {
    expect(plainOf(rootOf(text))).toEqual(expected);
  });

  it.each([
    ['"a\\n\\u00e9\\ud83d\\ude00\\/"', 'a\n\u00e9\u{1f600}/'],
    ['[true, false, null, [], {}]', [true, false, null, [], {}]],
    ['{"a": {"b": [1]}}', { a: { b: [1n] } }],
    [' \t\r\n"x" \r\n', 'x'],
    ['{"__proto__": 1, "constructor": 2}', JSON.parse('{"__proto__": "1", "constructor": "2"}')],
  ])('reads %s', (text, expected) => {
    const found = JSON.stringify(plainOf(rootOf(text)), (_, v) => (typeof v === 'bigint' ? String(v) : v));
    expect(found.replaceAll('"1"', '1').replaceAll('"2"', '2')).toEqual(
      JSON.stringify(expected, (_, v) => (typeof v === 'bigint' ? String(v) : v))
        .replaceAll('"1"', '1')
        .replaceAll('"2"', '2'),
    );
  });

  it('gives every node its place, whatever ends the lines', () => {
    for (const end of ['\n', '\r\n', '\r']) {
      const text = ['{', '  "a": [1,', '    "\u{1f600}", true]', '}'].join(end);
      const root = rootOf(text);
      const list = root.kind === 'object' ? root.members[0] : undefined;
      expect(list?.keyStart).toMatchObject({ line: 2, column: 3 });
      const third = list?.value.kind === 'array' ? list.value.elements[2] : undefined;
      expect(third?.start).toMatchObject({ line: 3, column: 11 });
      expect(text.slice(third?.start.offset, third?.end.offset)).toBe('true');
    }
  });

  it('counts columns from the byte-order mark on', () => {
    for (const input of ['\ufeff[\n 1]', new TextEncoder().encode('\ufeff[\n 1]')]) {
      const { document, problems } = readDocument(input);
      expect(problems).toEqual([]);
      expect(document?.root.start).toEqual({ line: 1, column: 1, offset: 0 });
    }
  });

  it.each([
    ['[1, // one\n 2 /* two */, 3,]', ['comment 1:5', 'comment 2:4', 'trailing-comma 2:16'], [1n, 2n, 3n]],
    ['{"a": 1 /* " */, "b": 2}', ['comment 1:9'], { a: 1n, b: 2n }],
    ['["// no comment", "/* none */", ",]"]', [], ['// no comment', '/* none */', ',]']],
    ['[1,\n]', ['trailing-comma 1:3'], [1n]],
    ['[1, // "\n "a"] // "', ['comment 1:5', 'comment 2:7'], [1n, 'a']],
    ['[1, // "\n "a\tb"]', ['comment 1:5', 'control-character 2:4'], [1n, 'a b']],
    ["[1] // don't", ['comment 1:5'], [1n]],
  ])('lists comments and trailing commas of %j and reads on', (text, expected, value) => {
    const { document, problems } = readDocument(text);
    expect(problems.map(brief)).toEqual(expected);
    expect(document && plainOf(document.root)).toEqual(value);
  });

  it.each([
    ['{"a": 1, "a": 2}', ['duplicate-key 1:10']],
    ['{"a": 1, "\\u0061": 2, "a": 3}', ['duplicate-key 1:10', 'duplicate-key 1:23']],
    ['{"a": {"a": 1}, "b": [{"a": 1}, {"a": 1}]}', []],
    ['{"a": 1, "A": 2}', []],
  ])('finds equal keys in %s', (text, expected) => {
    expect(readDocument(text).problems.map(brief)).toEqual(expected);
  });

  it('names both places of a duplicate key', () => {
    const [problem] = readDocument('{"a": 1,\n "a": 2}').problems;
    expect(problem).toMatchObject({ line: 2, column: 2, pointer: '/a', severity: 'warning' });
    expect(problem?.message).toContain('1:2');
  });

  it.each([
    ['[1', 'invalid-json 1:3'],
    ['[1,', 'invalid-json 1:4'],
    ['{"a"', 'invalid-json 1:5'],
    ['{"a": ', 'invalid-json 1:6'],
    ['{"a": }', 'invalid-json 1:7'],
    ['[[1]', 'invalid-json 1:5'],
    ['[{]', 'invalid-json 1:3'],
    [']', 'invalid-json 1:1'],
    ['[1 2]', 'invalid-json 1:4'],
    ['nul', 'invalid-json 1:1'],
    ['tru e', 'invalid-json 1:1'],
    ['"abc', 'invalid-json 1:5'],
    ['[01]', 'invalid-json 1:3'],
    ['[+1]', 'invalid-json 1:2'],
    ['[.5]', 'invalid-json 1:2'],
    ['[1.]', 'invalid-json 1:4'],
    ['[NaN]', 'invalid-json 1:2'],
    ['["\\x41"]', 'invalid-json 1:4'],
    ['/* only */', 'invalid-json 1:11'],
    ['', 'empty-document 1:1'],
    ['["a\u0000b"]', 'control-character 1:4'],
    ['key: value', 'yaml-document 1:1'],
    ['# a comment\n---\n- a', 'yaml-document 1:1'],
  ])('tells what is wrong with %j', (text, expected) => {
    const { document, problems } = readDocument(text);
    expect(problems.map(brief)).toEqual([expected]);
    expect(document === undefined).toBe(!expected.startsWith('control-character'));
  });

  it('limits depth, also behind a comment that looks like a string', () => {
    const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
    expect(readDocument(nested(MAX_DOCUMENT_DEPTH)).problems).toEqual([]);
    for (const text of [
      nested(MAX_DOCUMENT_DEPTH + 1),
      '['.repeat(200_000),
      `// "\n${'['.repeat(200_000)}`,
      `/* " */${nested(20_000)}`,
      '{"a":'.repeat(100_000),
    ]) {
      expect(readDocument(text).problems.map(({ code }) => code)).toEqual(['too-deep']);
    }
  });

  it('limits size before anything else', () => {
    for (const input of ['['.repeat(MAX_DOCUMENT_SIZE + 1), new Uint8Array(MAX_DOCUMENT_SIZE + 1)]) {
      expect(readDocument(input).problems.map(brief)).toEqual(['too-large 1:1']);
    }
    expect(readDocument(`"${'a'.repeat(MAX_DOCUMENT_SIZE - 2)}"`).problems).toEqual([]);
  });

  it.each([
    ['a lone continuation byte', [0x22, 0x80, 0x22], '1:2'],
    ['a truncated sequence', [0x5b, 0x0a, 0x22, 0xe2, 0x82], '2:2'],
    ['an encoded surrogate', [0x22, 0x61, 0xed, 0xa0, 0x80, 0x22], '1:3'],
    ['a wrong byte after a real U+FFFD', [0x22, 0xef, 0xbf, 0xbd, 0xff, 0x22], '1:3'],
    ['an overlong slash', [0xef, 0xbb, 0xbf, 0x22, 0xc0, 0xaf, 0x22], '1:2'],
  ])('refuses %s', (_, bytes, place) => {
    const { document, problems } = readDocument(new Uint8Array(bytes));
    expect(problems.map(brief)).toEqual([`invalid-utf8 ${place}`]);
    expect(document).toBeUndefined();
  });
});
