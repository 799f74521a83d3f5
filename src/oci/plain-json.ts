/**
 * The tree of a text that is JSON without a flaw, as almost all profiles are. All other texts go to the parser, which knows what
 * to say about them.
 *
 * The parser alone would be slow: it first makes tokens and a tree of its own. That takes several times as long as a short
 * command's other work. `JSON.parse` decides whether the text is JSON, so the walk here checks no grammar.
 * @module
 */
import type { Member, Node, Position } from './document.ts';

/**
 * @returns the same tree as the parser's; `undefined` if the text is not JSON, if something about it needs to be said (an
 *   object has a key twice, half a surrogate pair may be in it), or if it is nested too deep
 */
export function readPlainJson(text: string, maxDepth: number): Node | undefined {
  if (SURROGATE.test(text)) return undefined;
  try {
    JSON.parse(text);
  } catch {
    return undefined;
  }
  const cursor: Cursor = { text, escapes: text.includes('\\'), at: 0, line: 1, lineStart: 0, left: maxDepth };
  return readValue(cursor);
}

interface Cursor {
  readonly text: string;
  /** Whether a backslash is in the text. */
  readonly escapes: boolean;
  at: number;
  line: number;
  lineStart: number;
  /** How much deeper values may be nested. */
  left: number;
}

const SURROGATE = /[\ud800-\udfff]|\\u[dD][89a-fA-F]/;
const INDENT = /[ \t]*/y;
const WORD = /[-+.0-9A-Za-z]+/y;
const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const QUOTE = 0x22;
const COMMA = 0x2c;
const OPENING_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSING_BRACKET = 0x5d;
const OPENING_BRACE = 0x7b;
const CLOSING_BRACE = 0x7d;

/** Goes to the next character that is not white space. Lines of JSON end only in white space. */
function skipSpace(cursor: Cursor): number {
  const { text } = cursor;
  for (let { at } = cursor; ; at++) {
    const c = text.charCodeAt(at);
    // At the end of the text it is no number.
    if (!(c <= SPACE)) {
      cursor.at = at;
      return c;
    }
    if (c === LF || (c === CR && text.charCodeAt(at + 1) !== LF)) {
      cursor.line++;
      cursor.lineStart = at + 1;
      // Most characters between values are indentation. One step for all of it saves most of the walk's steps.
      INDENT.lastIndex = at + 1;
      INDENT.test(text);
      at = INDENT.lastIndex - 1;
    }
  }
}

function here({ at, line, lineStart }: Cursor): Position {
  return { line, column: at - lineStart + 1, offset: at };
}

function readValue(cursor: Cursor): Node | undefined {
  switch (skipSpace(cursor)) {
    case QUOTE: {
      // Without `here`: most values are texts, and V8 would take milliseconds to optimize the function.
      const { line, lineStart, at } = cursor;
      const value = readString(cursor);
      return {
        kind: 'string',
        start: { line, column: at - lineStart + 1, offset: at },
        end: { line, column: cursor.at - lineStart + 1, offset: cursor.at },
        value,
      };
    }
    case OPENING_BRACE:
      return readObject(cursor);
    case OPENING_BRACKET:
      return readArray(cursor);
    default:
      return readWord(cursor);
  }
}

/** Reads from a quotation mark to behind the one that closes it. */
function readString(cursor: Cursor): string {
  const { text, at } = cursor;
  let end = text.indexOf('"', at + 1);
  const slash = cursor.escapes ? text.indexOf('\\', at + 1) : -1;
  if (slash === -1 || slash > end) {
    cursor.at = end + 1;
    return text.slice(at + 1, end);
  }
  for (end = slash; text.charCodeAt(end) !== QUOTE; end++) if (text.charCodeAt(end) === BACKSLASH) end++;
  cursor.at = end + 1;
  return JSON.parse(text.slice(at, end + 1));
}

function readObject(cursor: Cursor): Node | undefined {
  if (cursor.left === 0) return undefined;
  cursor.left--;
  const start = here(cursor);
  const members: Member[] = [];
  cursor.at++;
  while (skipSpace(cursor) !== CLOSING_BRACE) {
    if (cursor.text.charCodeAt(cursor.at) === COMMA) {
      cursor.at++;
      skipSpace(cursor);
    }
    const keyStart = here(cursor);
    const key = readString(cursor);
    skipSpace(cursor); // to the colon
    cursor.at++;
    const value = readValue(cursor);
    if (value === undefined) return undefined;
    members.push({ key, keyStart, value });
  }
  if (hasDuplicate(members)) return undefined;
  cursor.at++;
  cursor.left++;
  return { kind: 'object', start, end: here(cursor), members };
}

/** Objects of profiles are small: comparing all keys is cheaper than making a set. */
const FEW = 8;

function hasDuplicate(members: readonly Member[]): boolean {
  if (members.length > FEW) return new Set(members.map(({ key }) => key)).size !== members.length;
  for (let i = 1; i < members.length; i++) {
    for (let j = 0; j < i; j++) if (members[i]?.key === members[j]?.key) return true;
  }
  return false;
}

function readArray(cursor: Cursor): Node | undefined {
  if (cursor.left === 0) return undefined;
  cursor.left--;
  const start = here(cursor);
  const elements: Node[] = [];
  cursor.at++;
  for (let c = skipSpace(cursor); c !== CLOSING_BRACKET; c = skipSpace(cursor)) {
    if (c === COMMA) cursor.at++;
    const element = readValue(cursor);
    if (element === undefined) return undefined;
    elements.push(element);
  }
  cursor.at++;
  cursor.left++;
  return { kind: 'array', start, end: here(cursor), elements };
}

/** A number, `true`, `false` or `null`. */
function readWord(cursor: Cursor): Node {
  const { text } = cursor;
  const start = here(cursor);
  WORD.lastIndex = cursor.at;
  const written = WORD.exec(text)?.[0] ?? '';
  cursor.at += written.length;
  if (written === 'true' || written === 'false')
    return { kind: 'boolean', start, end: here(cursor), value: written === 'true' };
  if (written === 'null') return { kind: 'null', start, end: here(cursor) };
  const integer = /^-?[0-9]+$/.test(written) ? BigInt(written) : undefined;
  return { kind: 'number', start, end: here(cursor), text: written, integer };
}
