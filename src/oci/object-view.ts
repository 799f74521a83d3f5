/**
 * A profile's tree seen as Go's decoder sees it: keys in canonical spelling, the last of several equal keys wins,
 * `null` is absent. Checks and the decoder read the document through these views.
 * @module
 */
import { canonicalKey, foldKey, keysOf, type ShapeName } from './dialect-keys.ts';
import { dialectRow } from './dialect-rows.ts';
import type { Member, Node, ObjectNode } from './document.ts';
import type { Dialect } from './profile.ts';
import { escapePointer } from './read-json.ts';

/** A value of the document with the way to it. */
export interface Located {
  readonly node: Node;
  readonly pointer: string;
}

interface Field extends Located {
  readonly member: Member;
}

export interface ObjectView {
  readonly shape: ShapeName;
  readonly node: ObjectNode;
  readonly pointer: string;
  /** By canonical key; only keys of the dialect, without those whose value is `null`. */
  readonly fields: ReadonlyMap<string, Field>;
  /** The lists that were asked for: most checks ask for the same ones, and then the decoder does. */
  readonly lists: { objects?: ListsOf<ObjectView>; texts?: ListsOf<Text> };
}

/** By key. */
type ListsOf<T> = Map<string, readonly T[]>;

/** Sees an object as one of the given shape. */
export function viewObject(
  shape: ShapeName,
  node: ObjectNode,
  pointer: string,
  dialect: Dialect,
): ObjectView {
  const fields = new Map<string, Field>();
  const keys = keysOf(shape);
  for (const member of node.members) {
    const key = dialectRow(dialect).foldsKeys ? canonicalKey(shape, member.key) : member.key;
    // Kubernetes compares keys as they are written.
    if (key === undefined || !(Object.hasOwn(keys, key) && keys[key]?.dialects.includes(dialect))) continue;
    if (member.value.kind === 'null') continue;
    fields.set(key, { node: member.value, pointer: `${pointer}/${escapePointer(member.key)}`, member });
  }
  return { shape, node, pointer, fields, lists: {} };
}

/** The member that Go's decoder reads for a key: the last one that is this key to it, and not `null`. */
export function memberFor(node: ObjectNode, key: string): Member | undefined {
  const folded = foldKey(key);
  return node.members.findLast((member) => member.value.kind !== 'null' && foldKey(member.key) === folded);
}

/** The member of a key as it is written; the last of several. */
export function memberOf(node: ObjectNode, key: string): Member | undefined {
  return node.members.findLast((member) => member.key === key);
}

/** The elements of a list, none if the key is absent or holds something else. */
function listOf(view: ObjectView, key: string): readonly Located[] {
  const field = view.fields.get(key);
  if (field?.node.kind !== 'array') return [];
  return field.node.elements.map((node, i) => ({ node, pointer: `${field.pointer}/${i}` }));
}

/** The objects in a list, as views of the key's shape. A view is of one dialect, so the list is the same on each call. */
export function objectsOf(view: ObjectView, key: string, dialect: Dialect): readonly ObjectView[] {
  view.lists.objects ??= new Map();
  return listIn(view.lists.objects, key, () => findObjects(view, key, dialect));
}

function listIn<T>(lists: ListsOf<T>, key: string, find: () => readonly T[]): readonly T[] {
  const known = lists.get(key) ?? find();
  lists.set(key, known);
  return known;
}

function findObjects(view: ObjectView, key: string, dialect: Dialect): readonly ObjectView[] {
  const shape = keysOf(view.shape)[key]?.shape;
  if (shape === undefined) return [];
  return listOf(view, key).flatMap(({ node, pointer }) =>
    node.kind === 'object' ? [viewObject(shape, node, pointer, dialect)] : [],
  );
}

/** The object under a key, as a view of the key's shape. */
export function objectOf(view: ObjectView, key: string, dialect: Dialect): ObjectView | undefined {
  const field = view.fields.get(key);
  const shape = keysOf(view.shape)[key]?.shape;
  if (field?.node.kind !== 'object' || shape === undefined) return undefined;
  return viewObject(shape, field.node, field.pointer, dialect);
}

/** A located text. */
export interface Text extends Located {
  readonly value: string;
}

/** The string under a key. An empty string counts as absent, as in Go. */
export function textOf(view: ObjectView, key: string): Text | undefined {
  const field = view.fields.get(key);
  if (field?.node.kind !== 'string' || field.node.value === '') return undefined;
  // Key by key: V8 describes each object anew that a spread with more keys makes.
  return { node: field.node, pointer: field.pointer, value: field.node.value };
}

/** The strings in a list, empty ones included. */
export function textsOf(view: ObjectView, key: string): readonly Text[] {
  view.lists.texts ??= new Map();
  return listIn(view.lists.texts, key, () => findTexts(view, key));
}

function findTexts(view: ObjectView, key: string): readonly Text[] {
  const field = view.fields.get(key);
  if (field?.node.kind !== 'array') return [];
  const texts: Text[] = [];
  field.node.elements.forEach((node, i) => {
    if (node.kind === 'string') texts.push({ node, pointer: `${field.pointer}/${i}`, value: node.value });
  });
  return texts;
}

/** The value under a key if it is written as an integer, whatever its range. */
export function integerOf(view: ObjectView, key: string): bigint | undefined {
  const node = view.fields.get(key)?.node;
  return node?.kind === 'number' ? node.integer : undefined;
}
