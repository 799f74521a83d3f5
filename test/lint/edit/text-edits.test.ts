import { expect, it } from 'vitest';
import {
  append,
  applyEdits,
  insertAfter,
  removeElements,
  replaceKey,
  replaceValue,
} from '../../../src/lint/edit/text-edits.ts';
import type { Edit } from '../../../src/lint/engine/finding.ts';
import type { Document } from '../../../src/oci/document.ts';
import { readDocument } from '../../../src/oci/read-json.ts';

function edit(text: string, make: (document: Document | undefined) => readonly Edit[] | undefined) {
  const edits = make(readDocument(text).document);
  return edits === undefined ? undefined : applyEdits(text, edits);
}

it.each([
  ['["a", "b", "c"]', [0], '["b", "c"]'],
  ['["a", "b", "c"]', [1], '["a", "c"]'],
  ['["a", "b", "c"]', [2], '["a", "b"]'],
  ['["a", "b", "c"]', [0, 1], '["c"]'],
  ['["a", "b", "c", "d"]', [0, 2], '["b", "d"]'],
  ['["a", "b", "c", "d"]', [1, 3], '["a", "c"]'],
  ['[ "a" ]', [0], '[]'],
  ['["a", "b"]', [0, 1], '[]'],
  ['[\n  "a",\n  "b",\n  "c"\n]', [0], '[\n  "b",\n  "c"\n]'],
  ['[\n  "a",\n  "b",\n  "c"\n]', [1], '[\n  "a",\n  "c"\n]'],
  ['[\n  "a",\n  "b",\n  "c"\n]', [2], '[\n  "a",\n  "b"\n]'],
  ['[\n  "a", "b",\n  "c", "d"\n]', [2], '[\n  "a", "b",\n  "d"\n]'],
  ['[\n  "a", "b",\n  "c", "d"\n]', [1], '[\n  "a",\n  "c", "d"\n]'],
  ['[\n  "a"\n  , "b"\n  , "c"\n]', [1], '[\n  "a"\n  , "c"\n]'],
])('removes from %j elements %j', (text, gone, expected) => {
  const pointers = gone.map((each) => `/${each}`);
  expect(edit(text, (document) => removeElements(document, pointers))).toBe(expected);
});

it.each([
  ['{"a": 1, "b": {"c": 2}}', ['/a'], '{"b": {"c": 2}}'],
  ['{"a": 1, "b": {"c": 2}}', ['/b'], '{"a": 1}'],
  ['{"a": 1, "b": {"c": 2}}', ['/b/c'], '{"a": 1, "b": {}}'],
  // Of equal keys the pointer means the last.
  ['{"a": 1, "b": 2, "a": 3}', ['/a'], '{"a": 1, "b": 2}'],
  ['{"a": 1}', [''], undefined],
  ['{"a": 1}', ['/b'], undefined],
  ['{"a": [1], "b": [2]}', ['/a/0', '/b/0'], undefined],
])('removes from %j keys %j', (text, pointers, expected) => {
  expect(edit(text, (document) => removeElements(document, pointers))).toBe(expected);
});

it.each([
  ['["a"]', '/0', '["a", "x"]'],
  ['["a", "b"]', '/0', '["a", "x", "b"]'],
  ['["a","b"]', '/1', '["a","b","x"]'],
  ['[\n  "a"\n]', '/0', '[\n  "a",\n  "x"\n]'],
  ['[\n  "a",\n  "b"\n]', '/1', '[\n  "a",\n  "b",\n  "x"\n]'],
  ['{"a": 1}', '/b', undefined],
])('puts into %j after %s', (text, pointer, expected) => {
  expect(edit(text, (document) => insertAfter(document, pointer, '"x"'))).toBe(expected);
});

it('puts a key after another, a value and a key in the place of another', () => {
  const text = '{\n\t"a": 1\n}';
  expect(edit(text, (document) => insertAfter(document, '/a', '"b": 2'))).toBe('{\n\t"a": 1,\n\t"b": 2\n}');
  expect(edit(text, (document) => replaceValue(document, '/a', '[2]'))).toBe('{\n\t"a": [2]\n}');
  expect(edit(text, (document) => replaceKey(document, '/a', 'b'))).toBe('{\n\t"b": 1\n}');
  expect(edit('{"\\u0061": 1}', (document) => replaceKey(document, '/a', 'b'))).toBe('{"b": 1}');
  const odd = edit('{"a": 1}', (document) => replaceKey(document, '/a', '"\\\n'));
  expect(JSON.parse(odd ?? '')).toEqual({ '"\\\n': 1 });
});

it.each([
  ['{"a": []}', '/a', '{"a": [7]}'],
  ['{"a": [ ]}', '/a', '{"a": [7]}'],
  ['{"a": [1]}', '/a', '{"a": [1, 7]}'],
  ['{"a": [\n1,\n2]}', '/a', '{"a": [\n1,\n2,\n7]}'],
  ['{"a": 1}', '/a', undefined],
])('appends to %j at %s', (text, pointer, expected) => {
  expect(edit(text, (document) => append(document, pointer, '7'))).toBe(expected);
});

it('refuses edits that overlap', () => {
  const edits = [
    { start: 0, end: 2, text: '' },
    { start: 1, end: 3, text: '' },
  ];
  expect(applyEdits('abcd', edits)).toBeUndefined();
});
