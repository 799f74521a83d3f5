/**
 * Edits of a profile's text that leave its formatting alone: what is taken away goes with its comma and white space,
 * what is put in is separated as its neighbours are.
 *
 * Only JSON, and what is written as JSON within YAML, can be edited; elsewhere there is no edit (`undefined`).
 * @module
 */
import type { ArrayNode, Document, Member, Node, ObjectNode } from '../../oci/document.ts';
import type { Edit } from '../engine/finding.ts';
import { findNode } from '../engine/locate-pointer.ts';

/** An element of an array, or a key with its value. */
interface Item {
  readonly start: number;
  readonly end: number;
}

interface Place {
  readonly container: ArrayNode | ObjectNode;
  /** Which item the pointer is about. */
  readonly at: number;
}

/**
 * Removes an array element, or a key with its value.
 *
 * @param pointer - JSON pointer of the element or value
 * @returns `undefined` if the pointer leads nowhere, to the whole document, or into text that is not JSON
 */
export function removeElement(document: Document | undefined, pointer: string): readonly Edit[] | undefined {
  return removeElements(document, [pointer]);
}

/**
 * Removes several elements of one array, or several keys of one object, with edits that do not overlap.
 *
 * @param pointers - of one array or object
 */
export function removeElements(
  document: Document | undefined,
  pointers: readonly string[],
): readonly Edit[] | undefined {
  if (document === undefined) return undefined;
  const places = pointers.map((pointer) => placeOf(document, pointer));
  const [first] = places;
  if (first === undefined) return undefined;
  const gone = new Set<number>();
  for (const place of places) {
    if (place?.container !== first.container) return undefined;
    gone.add(place.at);
  }
  const edits: Edit[] = [];
  for (const from of [...gone].sort((a, b) => a - b)) {
    if (gone.has(from - 1)) continue;
    let to = from;
    while (gone.has(to + 1)) to++;
    edits.push(removeRun(document.text, first, from, to));
  }
  return edits;
}

/** Items from..to with the commas that are then too many. */
function removeRun(text: string, { container }: Place, from: number, to: number): Edit {
  const [first, last] = [itemAt(container, from), itemAt(container, to)];
  const [before, after] = [itemAt(container, from - 1), itemAt(container, to + 1)];
  if (first === undefined || last === undefined) throw new RangeError('no such item');
  if (before === undefined && after === undefined) {
    return { start: container.start.offset + 1, end: container.end.offset - 1, text: '' };
  }
  const sharesLine = after !== undefined && !text.slice(last.end, after.start).includes('\n');
  if (before === undefined || (sharesLine && text.slice(before.end, first.start).includes('\n'))) {
    return { start: first.start, end: after?.start ?? last.end, text: '' };
  }
  return { start: before.end, end: last.end, text: '' };
}

/**
 * Puts another value in a value's place.
 *
 * @param json - the new value as JSON text
 */
export function replaceValue(
  document: Document | undefined,
  pointer: string,
  json: string,
): readonly Edit[] | undefined {
  const found = document === undefined ? undefined : findNode(document.root, pointer);
  if (found === undefined) return undefined;
  return [{ start: found.node.start.offset, end: found.node.end.offset, text: json }];
}

/** Puts another key in a key's place, the value stays. @param pointer - of the value */
export function replaceKey(
  document: Document | undefined,
  pointer: string,
  key: string,
): readonly Edit[] | undefined {
  const member = document === undefined ? undefined : findNode(document.root, pointer)?.member;
  if (document === undefined || member === undefined) return undefined;
  const end = endOfKey(document.text, member);
  return end === undefined
    ? undefined
    : [
        {
          start: member.keyStart.offset,
          end,
          text: document.text[end - 1] === '"' ? JSON.stringify(key) : key,
        },
      ];
}

/** Offset just past a key; `undefined` if it is written in a way that is not known here. */
function endOfKey(text: string, { key, keyStart }: Member): number | undefined {
  const { offset } = keyStart;
  if (text[offset] !== '"') return text.startsWith(key, offset) ? offset + key.length : undefined;
  const quoted = /^"(?:[^"\\]|\\.)*"/.exec(text.slice(offset, offset + 6 * key.length + 2));
  return quoted === null ? undefined : offset + quoted[0].length;
}

/**
 * Puts an item after another: an array element after an element, `"key": value` after a key's value.
 *
 * @param pointer - of the element or value that it follows
 * @param json - the new item as JSON text
 */
export function insertAfter(
  document: Document | undefined,
  pointer: string,
  json: string,
): readonly Edit[] | undefined {
  const place = document === undefined ? undefined : placeOf(document, pointer);
  const item = place === undefined ? undefined : itemAt(place.container, place.at);
  if (document === undefined || place === undefined || item === undefined) return undefined;
  return [{ start: item.end, end: item.end, text: `,${gapAt(document.text, place)}${json}` }];
}

/**
 * Puts an item at the end of an array or object, which may be empty.
 *
 * @param pointer - of the array or object
 * @param json - the new item as JSON text
 */
export function append(
  document: Document | undefined,
  pointer: string,
  json: string,
): readonly Edit[] | undefined {
  const container = document === undefined ? undefined : findNode(document.root, pointer)?.node;
  if (document === undefined || container === undefined || !isContainer(document.text, container)) {
    return undefined;
  }
  const at = countItems(container) - 1;
  const last = itemAt(container, at);
  if (last === undefined) {
    return [{ start: container.start.offset + 1, end: container.end.offset - 1, text: json }];
  }
  const gap = gapAt(document.text, { container, at });
  return [{ start: last.end, end: last.end, text: `,${gap}${json}` }];
}

/** The white space between an item and one put after it: as before the item, after its comma or its bracket. */
function gapAt(text: string, { container, at }: Place): string {
  const item = itemAt(container, at);
  const from = itemAt(container, at - 1)?.end ?? container.start.offset + 1;
  const gap = text.slice(from, item?.start ?? from).replace(/^\s*,/, '');
  if (gap.trim() !== '') return ' ';
  return at === 0 && !gap.includes('\n') ? ' ' : gap;
}

function placeOf(document: Document, pointer: string): Place | undefined {
  const found = findNode(document.root, pointer);
  const container = findNode(document.root, pointer.slice(0, pointer.lastIndexOf('/')))?.node;
  if (pointer === '' || found === undefined || container === undefined) return undefined;
  if (!isContainer(document.text, container)) return undefined;
  const at =
    container.kind === 'array'
      ? Number(pointer.slice(pointer.lastIndexOf('/') + 1))
      : container.members.findIndex(({ value }) => value === found.node);
  return at < 0 ? undefined : { container, at };
}

/** Whether a value is an array or object in brackets. */
function isContainer(text: string, node: Node): node is ArrayNode | ObjectNode {
  const brackets = `${text[node.start.offset]}${text[node.end.offset - 1]}`;
  return (node.kind === 'array' && brackets === '[]') || (node.kind === 'object' && brackets === '{}');
}

/** One item: lists can have ten thousand, and each may be asked for by itself. */
function itemAt(container: ArrayNode | ObjectNode, at: number): Item | undefined {
  if (container.kind === 'array') {
    const element = container.elements[at];
    return element === undefined ? undefined : { start: element.start.offset, end: element.end.offset };
  }
  const member = container.members[at];
  return member === undefined ? undefined : { start: member.keyStart.offset, end: member.value.end.offset };
}

function countItems(container: ArrayNode | ObjectNode): number {
  return container.kind === 'array' ? container.elements.length : container.members.length;
}

/**
 * Applies edits to the text they are about. What is put in has the line ends of the text.
 *
 * @returns `undefined` if two of them overlap
 */
export function applyEdits(text: string, edits: readonly Edit[]): string | undefined {
  const isWindows = /^[^\n]*\r\n/.test(text);
  let result = '';
  let done = 0;
  for (const { start, end, text: replacement } of edits.toSorted(
    (a, b) => a.start - b.start || a.end - b.end,
  )) {
    if (start < done) return undefined;
    result += text.slice(done, start) + (isWindows ? replacement.replace(/\r?\n/g, '\r\n') : replacement);
    done = end;
  }
  return result + text.slice(done);
}
