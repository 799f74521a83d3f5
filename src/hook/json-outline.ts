/**
 * Where members of a JSON text stand. A config.json may be long, and a container waits for the hook that reads it: this reader checks
 * all of the text (RFC 8259), keeps what it is asked for, and makes nothing of the rest.
 * @module
 */
import { foldKey } from '../oci/dialect-keys.ts';

/** Members to keep, by folded key, and which to keep of their values; {@link EACH}: what the value holds, one level deep. */
export type Wanted = typeof EACH | { readonly [key: string]: Wanted };
export const EACH = 'each';

/** How many members and elements are kept of a text; containers have some dozens. A million of them took half a gigabyte. */
export const MAX_KEPT = 10_000;

/** A value; offsets are in UTF-16 units. What is not wanted is in neither list. */
export interface Outline {
  readonly start: number;
  /** Just past its end. */
  readonly end: number;
  /** Of an object; in document order. */
  readonly members: readonly OutlineMember[];
  /** Of a list. */
  readonly elements: readonly Outline[];
  /** How many members or elements it has, also those that are not wanted. */
  readonly size: number;
}

export interface OutlineMember {
  readonly key: string;
  readonly keyStart: number;
  readonly value: Outline;
  /** Its place among all members of the object, from 0. */
  readonly index: number;
  /** Where the value of the member before it ends; of the first member, where the object starts. */
  readonly previousEnd: number;
  /** Where the key of the member after it starts; the last member has none. */
  readonly nextKeyStart: number | undefined;
}

/** Why a text has no outline. */
export interface OutlineFault {
  readonly code:
    | 'invalid-json'
    | 'too-deep'
    | 'too-large'
    | 'duplicate-key'
    | 'control-character'
    | 'lone-surrogate';
  readonly at: number;
  /** The key that its object already has. */
  readonly key?: string;
}

/** Nor has a text an outline if readers differ in what they make of it: a key twice in an object, or what {@link wrongEscape} names. */
export function outlineJson(
  text: string,
  wanted: Wanted,
  maxDepth: number,
): { readonly root: Outline } | { readonly fault: OutlineFault } {
  const cursor: Cursor = { text, at: 0, left: maxDepth, room: MAX_KEPT };
  try {
    const root = readValue(cursor, wanted);
    if (skipSpace(cursor) < text.length) throw notJson(cursor.at);
    return { root };
  } catch (error) {
    if (error instanceof FoundFault) return { fault: error };
    throw error;
  }
}

interface Cursor {
  readonly text: string;
  at: number;
  /** How much deeper values may be nested. */
  left: number;
  /** How many more members and elements are kept. */
  room: number;
}

/** Ends the reading, from however deep. */
class FoundFault extends Error implements OutlineFault {
  readonly code: OutlineFault['code'];
  readonly at: number;
  readonly key: string;
  constructor(code: OutlineFault['code'], at: number, key = '') {
    super(code);
    this.code = code;
    this.at = at;
    this.key = key;
  }
}

function notJson(at: number): FoundFault {
  return new FoundFault('invalid-json', at);
}

const SPACE = /[ \t\r\n]*/y;
// Each loops over single characters only: V8 then needs no memory for a text of any length.
const PLAIN = /[ !#-[\]-\uffff]*/y;
// No NUL, and surrogates only in pairs.
const ESCAPE =
  /\\(?:["\\/bfnrt]|u(?!0000|[dD][89a-fA-F])[0-9a-fA-F]{4}|u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})/y;
const SCALAR = /(?:true|false|null|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?)/y;
const NOTHING: readonly never[] = [];

/** @returns whether the pattern stands at the cursor, which goes behind it */
function skip(cursor: Cursor, pattern: RegExp): boolean {
  pattern.lastIndex = cursor.at;
  const isThere = pattern.test(cursor.text);
  if (isThere) cursor.at = pattern.lastIndex;
  return isThere;
}

function skipSpace(cursor: Cursor): number {
  // Most tokens follow each other without a space, or with a single one.
  if (cursor.text.charCodeAt(cursor.at) <= 0x20) skip(cursor, SPACE);
  return cursor.at;
}

function readValue(cursor: Cursor, wanted: Wanted | undefined): Outline {
  const start = skipSpace(cursor);
  switch (cursor.text[start]) {
    case '{':
      return nested(cursor, (start) => readObject(cursor, start, wanted));
    case '[':
      return nested(cursor, (start) => readArray(cursor, start, wanted));
    case '"':
      skipString(cursor);
      break;
    default:
      if (!skip(cursor, SCALAR)) throw notJson(start);
  }
  return outline(start, cursor.at);
}

function outline(
  start: number,
  end: number,
  size = 0,
  members: readonly OutlineMember[] = NOTHING,
  elements: readonly Outline[] = NOTHING,
): Outline {
  return { start, end, size, members, elements };
}

function nested(cursor: Cursor, read: (start: number) => Outline): Outline {
  const start = cursor.at;
  if (cursor.left === 0) throw new FoundFault('too-deep', start);
  cursor.left--;
  cursor.at++;
  const value = read(start);
  cursor.left++;
  return value;
}

function skipString(cursor: Cursor): void {
  cursor.at++;
  while (skip(cursor, PLAIN) && cursor.text[cursor.at] === '\\') {
    if (!skip(cursor, ESCAPE)) throw wrongEscape(cursor);
  }
  if (cursor.text[cursor.at] !== '"') throw notJson(cursor.at);
  cursor.at++;
}

/** JSON has a NUL and half of a surrogate pair, but readers differ in what they make of them. */
function wrongEscape({ text, at }: Cursor): FoundFault {
  const digits = /^\\u([0-9a-fA-F]{4})/.exec(text.slice(at, at + 6))?.[1];
  if (digits === undefined) return notJson(at);
  return new FoundFault(digits === '0000' ? 'control-character' : 'lone-surrogate', at);
}

/** The text of a string whose outline this is. */
export function stringAt(text: string, { start, end }: Pick<Outline, 'start' | 'end'>): string {
  const inner = text.slice(start + 1, end - 1);
  return inner.includes('\\') ? JSON.parse(text.slice(start, end)) : inner;
}

/** Goes behind the comma before an item, or behind the closing bracket. @returns whether an item follows */
function next(cursor: Cursor, size: number, closing: string): boolean {
  const found = cursor.text[skipSpace(cursor)];
  if (found === closing) {
    cursor.at++;
    return false;
  }
  if (size === 0) return true;
  if (found !== ',') throw notJson(cursor.at);
  cursor.at++;
  skipSpace(cursor);
  return true;
}

function keep<T>(cursor: Cursor, list: T[], item: T): void {
  if (cursor.room === 0) throw new FoundFault('too-large', cursor.at);
  cursor.room--;
  list.push(item);
}

function readArray(cursor: Cursor, start: number, wanted: Wanted | undefined): Outline {
  const elements: Outline[] = [];
  let size = 0;
  for (; next(cursor, size, ']'); size++) {
    const element = readValue(cursor, undefined);
    if (wanted === EACH) keep(cursor, elements, element);
  }
  return outline(start, cursor.at, size, NOTHING, elements);
}

function readObject(cursor: Cursor, start: number, wanted: Wanted | undefined): Outline {
  const members: OutlineMember[] = [];
  // Of a member that is kept, the next key is known only later.
  let last: { nextKeyStart: number | undefined } | undefined;
  let keys: Set<string> | undefined;
  let previousEnd = start;
  let size = 0;
  for (; next(cursor, size, '}'); size++) {
    keys ??= new Set();
    const { key, keyStart } = readKey(cursor, keys);
    if (last !== undefined) last.nextKeyStart = keyStart;
    const below = wantedBelow(wanted, key);
    const value = readValue(cursor, below);
    last = undefined;
    if (below !== undefined) {
      const member = { key, keyStart, value, index: size, previousEnd, nextKeyStart: undefined };
      keep(cursor, members, member);
      last = member;
    }
    previousEnd = cursor.at;
  }
  return outline(start, cursor.at, size, members);
}

function wantedBelow(wanted: Wanted | undefined, key: string): Wanted | undefined {
  if (wanted === undefined || wanted === EACH) return wanted && {};
  const folded = foldKey(key);
  return Object.hasOwn(wanted, folded) ? wanted[folded] : undefined;
}

/** Reads a key and its colon. */
function readKey(cursor: Cursor, keys: Set<string>): { key: string; keyStart: number } {
  const keyStart = cursor.at;
  if (cursor.text[keyStart] !== '"') throw notJson(keyStart);
  skipString(cursor);
  const key = stringAt(cursor.text, { start: keyStart, end: cursor.at });
  if (cursor.text[skipSpace(cursor)] !== ':') throw notJson(cursor.at);
  cursor.at++;
  if (keys.has(key)) throw new FoundFault('duplicate-key', keyStart, key);
  keys.add(key);
  return { key, keyStart };
}
