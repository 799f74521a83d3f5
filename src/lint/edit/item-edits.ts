/**
 * Edits of the items of lists and objects in whatever way a document is written: JSON, and both styles of YAML.
 *
 * All of them throw `ERR_INEXPRESSIBLE` with a reason where an edit would also change what is not meant.
 * @module
 */
import type { ArrayNode, Document, Node, ObjectNode } from '../../oci/document.ts';
import type { Edit } from '../engine/finding.ts';
import { findNode } from '../engine/locate-pointer.ts';
import {
  insertBlockItem,
  insertBlockMember,
  isBlock,
  prependBlockItem,
  removeBlockItems,
} from './block-edits.ts';
import { cannotEdit } from './cannot-edit.ts';
import { append, insertAfter, removeElements } from './text-edits.ts';

type Edits = readonly Edit[];

/** Puts an item behind the element that a pointer leads to. @param item - laid out, for the list's own style */
export function putAfter(document: Document, pointer: string, item: string): Edits {
  const { container, at } = placeOf(document, pointer);
  if (container.kind === 'array' && isBlock(document.text, container)) {
    return [insertBlockItem(document, container, at, item)];
  }
  return edited(document, insertAfter(document, pointer, item));
}

/** Puts an item before the first element of a list. */
export function putFirst(document: Document, pointer: string, item: string): Edits {
  const list = containerAt(document, pointer);
  if (list.kind === 'array' && isBlock(document.text, list)) return [prependBlockItem(document, list, item)];
  const first = findNode(document.root, `${pointer}/0`)?.node;
  if (first === undefined) return edited(document, append(document, pointer, item));
  const second = findNode(document.root, `${pointer}/1`)?.node;
  const between =
    second === undefined
      ? ' '
      : document.text.slice(first.end.offset, second.start.offset).replace(/^\s*,/, '');
  const gap = between.trim() === '' ? between : ' ';
  const { offset } = first.start;
  return [{ start: offset, end: offset, text: `${item},${gap}` }];
}

/** Puts an item at the end of a list in brackets, which may be empty. */
export function putLast(document: Document, pointer: string, item: string): Edits {
  containerAt(document, pointer);
  return edited(document, append(document, pointer, item));
}

/** Puts `key: value` behind the value that a pointer leads to. */
export function putMember(document: Document, pointer: string, member: string): Edits {
  const { container, node } = placeOf(document, pointer);
  if (container.kind === 'object' && isBlock(document.text, container)) {
    return [insertBlockMember(document, container, node, member)];
  }
  return edited(document, insertAfter(document, pointer, member));
}

/** Takes elements of one list away. */
export function takeAway(document: Document, pointers: readonly string[]): Edits {
  const [first] = pointers;
  if (first === undefined) return [];
  const { container } = placeOf(document, first);
  for (const pointer of pointers) refuseLostAnchor(document, findNode(document.root, pointer)?.node);
  if (container.kind === 'array' && isBlock(document.text, container)) {
    const places = pointers.map((pointer) => placeOf(document, pointer).at);
    const gone = removeBlockItems(document, container, places);
    return new Set(places).size < container.elements.length
      ? gone
      : [...gone, emptied(document, first.slice(0, first.lastIndexOf('/')))];
  }
  const isYaml = document.syntax === 'yaml';
  return isYaml && hasComment(document, container)
    ? takeFromFlow(document, container, new Set(pointers.map((pointer) => placeOf(document, pointer).at)))
    : edited(document, removeElements(document, pointers));
}

/** Puts another scalar in the place of one. */
export function putScalar(document: Document, pointer: string, text: string): Edits {
  const { node } = placeOf(document, pointer);
  return [{ start: node.start.offset, end: node.end.offset, text }];
}

interface Place {
  readonly container: ArrayNode | ObjectNode;
  readonly node: Node;
  readonly at: number;
}

function placeOf(document: Document, pointer: string): Place {
  const node = findNode(document.root, pointer)?.node;
  const slash = pointer.lastIndexOf('/');
  const container = containerAt(document, pointer.slice(0, slash));
  if (node === undefined) throw cannotEdit(`${document.name} has nothing at ${pointer}`);
  refuseShared(document, node);
  return { container, node, at: container.kind === 'array' ? Number(pointer.slice(slash + 1)) : -1 };
}

function containerAt(document: Document, pointer: string): ArrayNode | ObjectNode {
  const node = findNode(document.root, pointer)?.node;
  if (node?.kind !== 'array' && node?.kind !== 'object') {
    throw cannotEdit(`${document.name} has no list or object at ${pointer}`);
  }
  refuseShared(document, node);
  return node;
}

/** What is written once and used several times cannot be edited for one of the uses. */
function refuseShared({ name, aliases = [] }: Document, node: Node): void {
  const alias = aliases.find(
    ({ target }) => target.start.offset <= node.start.offset && node.end.offset <= target.end.offset,
  );
  if (alias === undefined) return;
  const { target, at } = alias;
  throw cannotEdit(
    `what the anchor &${alias.name} names at ${name}:${target.start.line} is used again at ${name}:${at.line}, and an edit would change both`,
  );
}

function refuseLostAnchor({ name, aliases = [] }: Document, gone: Node | undefined): void {
  const holds = (offset: number): boolean =>
    gone !== undefined && gone.start.offset <= offset && offset < gone.end.offset;
  const alias = aliases.find(({ at, target }) => holds(target.start.offset) && !holds(at.offset));
  if (alias === undefined) return;
  throw cannotEdit(
    `the anchor &${alias.name} at ${name}:${alias.target.start.line} would be taken away, and ${name}:${alias.at.line} needs it`,
  );
}

/** A list in block style that lost all its elements has to say that it is empty. */
function emptied({ text, root }: Document, pointer: string): Edit {
  const member = findNode(root, pointer)?.member;
  const colon = member === undefined ? -1 : text.indexOf(':', member.keyStart.offset + member.key.length);
  if (colon < 0) throw cannotEdit('the list would be empty');
  return { start: colon + 1, end: colon + 1, text: ' []' };
}

const COMMENT = /(?<=[\s,[{])#[^\n]*/g;

function hasComment({ text }: Document, { start, end }: Node): boolean {
  return text.slice(start.offset, end.offset).search(COMMENT) >= 0;
}

/** Takes elements out of a list in brackets, with one comma each, and leaves the comments between them. */
function takeFromFlow({ text }: Document, container: Node, gone: ReadonlySet<number>): Edits {
  const items = container.kind === 'array' ? container.elements : [];
  const spans = items.map(({ start, end }) => ({ start: start.offset, end: end.offset }));
  const isLast = (index: number): boolean => spans.every((_, later) => later <= index || gone.has(later));
  const commaIn = (from: number, to: number): Edits => {
    const between = text.slice(from, to).replace(COMMENT, (comment) => ' '.repeat(comment.length));
    const at = between.indexOf(',');
    return at < 0 ? [] : [{ start: from + at, end: from + at + 1, text: '' }];
  };
  return spans.flatMap(({ start, end }, index): Edits => {
    if (!gone.has(index)) return [];
    const behind = commaIn(end, spans[index + 1]?.start ?? container.end.offset);
    const isBehind = behind.length > 0 && (!isLast(index) || index === spans.length - 1);
    const before = spans[index - 1];
    return [
      { start, end, text: '' },
      ...(isBehind || before === undefined ? behind : commaIn(before.end, start)),
    ];
  });
}

function edited({ name }: Document, edits: Edits | undefined): Edits {
  if (edits === undefined) throw cannotEdit(`the text of ${name} is not laid out as an edit needs it`);
  return edits;
}
