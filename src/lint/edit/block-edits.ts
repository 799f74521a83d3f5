/**
 * Edits of lists and objects in YAML's block style: items stand on lines of their own, and go and come with them.
 * @module
 */
import type { ArrayNode, Document, Node, ObjectNode } from '../../oci/document.ts';
import type { Edit } from '../engine/finding.ts';
import { cannotEdit } from './cannot-edit.ts';

/** Whether a list or object has no brackets. */
export function isBlock(text: string, node: Node): node is ArrayNode | ObjectNode {
  return (node.kind === 'array' || node.kind === 'object') && !/[[{]/.test(text[node.start.offset] ?? '');
}

/** Columns between the start of a place's line and the place. */
export function columnOf(text: string, offset: number): number {
  return offset - lineStart(text, offset);
}

/** Puts an item, laid out, behind an element of a list. */
export function insertBlockItem(document: Document, list: ArrayNode, at: number, item: string): Edit {
  const element = elementOf(list, at);
  dashLine(document, list, element);
  return insertLines(document.text, endOfLines(document.text, element), listLine(document.text, list, item));
}

/** Puts an item, laid out, before the first element of a list. */
export function prependBlockItem(document: Document, list: ArrayNode, item: string): Edit {
  const { text } = document;
  const start = dashLine(document, list, elementOf(list, 0));
  return {
    start,
    end: start,
    text: `${withBreaks(text, start, listLine(text, list, item))}${breakAt(text, start)}`,
  };
}

/** Puts `key: value`, laid out, behind the value of another key. */
export function insertBlockMember(document: Document, object: ObjectNode, value: Node, member: string): Edit {
  const { text } = document;
  const key = object.members.find((each) => each.value === value);
  const isHere = isWithin(value, object);
  const end = isHere ? endOfLines(text, value) : lineEnd(text, key?.keyStart.offset ?? value.start.offset);
  return insertLines(text, end, ' '.repeat(columnOf(text, object.start.offset)) + member);
}

/** Takes elements away with their lines; comments on lines of their own stay. */
export function removeBlockItems(
  document: Document,
  list: ArrayNode,
  places: readonly number[],
): readonly Edit[] {
  const { text } = document;
  return places.map((at) => {
    const element = elementOf(list, at);
    const start = dashLine(document, list, element);
    const end = endOfLines(text, element);
    // With the line break before it, so that what is put behind the line still fits.
    return { start: Math.max(0, start - breakAt(text, start - 1).length), end, text: '' };
  });
}

function elementOf(list: ArrayNode, at: number): Node {
  const element = list.elements[at];
  if (element === undefined) throw new RangeError('no such element');
  return element;
}

function isWithin(node: Node, outer: Node): boolean {
  return outer.start.offset <= node.start.offset && node.end.offset <= outer.end.offset;
}

function listLine(text: string, list: ArrayNode, item: string): string {
  return `${' '.repeat(columnOf(text, list.start.offset))}- ${item}`;
}

/** The start of the line whose dash an element stands behind. */
function dashLine({ text, name }: Document, list: ArrayNode, element: Node): number {
  const column = columnOf(text, list.start.offset);
  if (isWithin(element, list)) {
    for (let at = lineStart(text, element.start.offset); ; at = lineStart(text, at - 1)) {
      const isDash =
        text[at + column] === '-' && /^(?:\s|$)/.test(text.slice(at + column + 1, at + column + 2));
      if (isDash && /^ *$/.test(text.slice(at, at + column))) return at;
      if (at <= list.start.offset) break;
    }
  }
  const { line } = list.start;
  throw cannotEdit(`an element of the list at ${name}:${line} is an alias, or shares its line with others`);
}

/** The end of the last line that says something of a value, before its line break. */
function endOfLines(text: string, node: Node): number {
  const leaf = lastLeaf(text, node);
  const last = text[leaf - 1] === '\n' && leaf > node.start.offset ? leaf - 1 : leaf;
  let end = lineEnd(text, last);
  // An alias at the end, and what << takes in, stand in no node: the lines up to where the parser ends the value count.
  for (let next = nextLine(text, end); next < node.end.offset; next = nextLine(text, next)) {
    if (!/^[ \t]*(?:#.*)?\r?$/.test(text.slice(next, lineEnd(text, next)))) end = lineEnd(text, next);
  }
  return end;
}

/** Where the last value in a value ends that is written there. */
function lastLeaf(text: string, node: Node): number {
  if (!isBlock(text, node)) return node.end.offset;
  const inner = node.kind === 'array' ? node.elements : node.members.map(({ value }) => value);
  const ends = inner.filter((each) => isWithin(each, node)).map((each) => lastLeaf(text, each));
  return Math.max(node.start.offset, ...ends);
}

function lineStart(text: string, offset: number): number {
  return offset <= 0 ? 0 : text.lastIndexOf('\n', offset - 1) + 1;
}

function lineEnd(text: string, offset: number): number {
  const end = text.indexOf('\n', offset);
  if (end < 0) return text.length;
  return end > offset && text[end - 1] === '\r' ? end - 1 : end;
}

function nextLine(text: string, offset: number): number {
  const end = text.indexOf('\n', offset);
  return end < 0 ? text.length : end + 1;
}

function insertLines(text: string, end: number, line: string): Edit {
  return { start: end, end, text: `${breakAt(text, end)}${withBreaks(text, end, line)}` };
}

/** The kind of line break that the text has there. */
function breakAt(text: string, offset: number): string {
  const at = text.indexOf('\n', offset);
  const near = at < 0 ? text.lastIndexOf('\n') : at;
  return text[near - 1] === '\r' ? '\r\n' : '\n';
}

function withBreaks(text: string, offset: number, lines: string): string {
  return lines.replaceAll('\n', breakAt(text, offset));
}
