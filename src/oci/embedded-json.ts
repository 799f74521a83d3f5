/**
 * A document within a document: JSON inside a text of a larger file, with places in that file.
 * @module
 */
import type { Member, Node, Position, StringNode } from './document.ts';
import type { FoundProblem } from './problems.ts';
import { readTree, type Tree } from './read-json.ts';
import { createLocator } from './source-text.ts';

/**
 * Reads the JSON in a string of a JSON or YAML text.
 *
 * @param text - the whole text
 * @returns the tree and its findings, with places in `text`; if a place is not known, the place of the string
 */
export function readEmbedded(node: StringNode, text: string): Tree {
  const origin = originOf(node, text);
  const { root, findings } = readTree(node.value);
  const moved = findings.map((finding): FoundProblem => ({ ...finding, at: origin.start(finding.at) }));
  return { ...(root === undefined ? {} : { root: move(root, origin) }), findings: moved };
}

/** From an offset in the value to a place in the text: of a start, and of an end, which lies just past a character. */
interface Origin {
  readonly start: (inner: Position) => Position;
  readonly end: (inner: Position) => Position;
}

function originOf(node: StringNode, text: string): Origin {
  const source = text.slice(node.start.offset, node.end.offset);
  const locate = createLocator(text);
  const { starts, ends } = align(node.value, source);
  const at = (offset: number | undefined): Position | undefined =>
    offset === undefined ? undefined : locate(node.start.offset + offset);
  return {
    start: ({ offset }) => at(starts[offset]) ?? node.start,
    end: ({ offset }) => at(ends[offset - 1]) ?? node.end,
  };
}

/**
 * Where each character of a value starts and ends in its source. YAML folds lines and JSON escapes, but both keep the order of
 * what is not white space. So white space may be missing on either side, and nothing else; from the first character that
 * does not fit, nothing is known.
 */
function align(value: string, source: string): { starts: readonly number[]; ends: readonly number[] } {
  const starts: number[] = [];
  const ends: number[] = [];
  for (const { from, to, char } of writtenIn(source)) {
    const isBlank = char !== undefined && BLANK.test(char);
    // White space of the value that the source has as the end of a line, or leaves out.
    while (!isBlank && BLANK.test(value[starts.length] ?? '')) {
      starts.push(from);
      ends.push(from);
    }
    if (char !== undefined && value[starts.length] !== char) {
      if (isBlank) continue;
      break;
    }
    starts.push(from);
    ends.push(to);
  }
  return { starts, ends };
}

const BLANK = /[ \t\r\n]/;

/** A character as the source writes it, between two offsets; without `char` one that is not told from others here. */
interface Written {
  readonly from: number;
  readonly to: number;
  readonly char: string | undefined;
}

/** How many characters an escape has in the source, by the one behind the backslash; all others have two. */
const ESCAPES: Readonly<Record<string, number>> = { x: 4, u: 6, U: 10 };
const ESCAPED_BLANKS: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' };
/** The end of a line that a backslash takes away, with the indentation of the next. */
const JOINED_LINE = /\\\r?\n[ \t]*/y;

function* writtenIn(source: string): Generator<Written> {
  const [mark = ''] = source;
  const isBlock = mark === '|' || mark === '>';
  // A block begins with a line that says how to read it.
  let from = isBlock ? source.indexOf('\n') + 1 : mark === '"' || mark === "'" ? 1 : 0;
  while (from < source.length) {
    const [c, next] = [source.charAt(from), source.charAt(from + 1)];
    if (mark === '"' && c === '\\') {
      JOINED_LINE.lastIndex = from;
      const joined = JOINED_LINE.exec(source)?.[0].length;
      if (joined === undefined) yield* escaped(source, from, next);
      from += joined ?? ESCAPES[next] ?? 2;
      continue;
    }
    const to = from + (mark === "'" && c === "'" ? 2 : 1);
    yield { from, to, char: c };
    from = to;
  }
}

/** One character, or the two halves of one beyond 16 bits. */
function* escaped(source: string, from: number, letter: string): Generator<Written> {
  const length = ESCAPES[letter] ?? 2;
  const to = from + length;
  if (length === 2) {
    const char = /[a-zA-Z0-9_]/.test(letter) ? ESCAPED_BLANKS[letter] : letter;
    yield { from, to, char };
    return;
  }
  const code = Number.parseInt(source.slice(from + 2, to), 16);
  const text = code <= 0x10ffff ? String.fromCodePoint(code) : '';
  for (const char of text.split('')) yield { from, to, char };
}

function move(node: Node, origin: Origin): Node {
  const ends = { start: origin.start(node.start), end: origin.end(node.end) };
  if (node.kind === 'array')
    return { ...node, ...ends, elements: node.elements.map((element) => move(element, origin)) };
  if (node.kind !== 'object') return { ...node, ...ends };
  const members = node.members.map(
    ({ key, keyStart, value }): Member => ({
      key,
      keyStart: origin.start(keyStart),
      value: move(value, origin),
    }),
  );
  return { ...node, ...ends, members };
}
