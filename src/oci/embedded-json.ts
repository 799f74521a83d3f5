/**
 * A document within a document: JSON inside a text of a larger file, with places in that file.
 * @module
 */
import type { Member, Node, Position, StringNode } from './document.ts';
import type { Finding } from './problems.ts';
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
  const moved = findings.map((finding): Finding => ({ ...finding, at: origin(finding.at) }));
  return { ...(root === undefined ? {} : { root: move(root, origin) }), findings: moved };
}

type Origin = (inner: Position) => Position;

function originOf(node: StringNode, text: string): Origin {
  const source = text.slice(node.start.offset, node.end.offset);
  const locate = createLocator(text);
  const offsets = source.startsWith('|') ? blockOffsets(node, source) : quotedOffsets(node, source);
  return ({ offset }) => {
    const at = offsets(offset);
    return at === undefined ? node.start : locate(at);
  };
}

/** Places in a literal block, where each line of the value is the end of a line of the source. */
function blockOffsets(node: StringNode, source: string): (offset: number) => number | undefined {
  const lines = source.split('\n');
  let written = node.start.offset + (lines[0]?.length ?? 0) + 1;
  let read = 0;
  const starts: { readonly read: number; readonly written: number }[] = [];
  for (const [i, value] of node.value.split('\n').entries()) {
    const line = lines[i + 1] ?? '';
    const shown = line.replace(/\r$/, '');
    if (!shown.endsWith(value)) break;
    starts.push({ read, written: written + shown.length - value.length });
    read += value.length + 1;
    written += line.length + 1;
  }
  return (offset) => {
    const line = starts.findLast((start) => start.read <= offset);
    return line === undefined ? undefined : line.written + offset - line.read;
  };
}

/** How many characters an escape has in the source, by the one behind the backslash; all others have two. */
const ESCAPES: Readonly<Record<string, number>> = { x: 4, u: 6 };

/** Places in a quoted or plain text: each character is itself or an escape, up to the end of the first line. */
function quotedOffsets(node: StringNode, source: string): (offset: number) => number | undefined {
  const mark = source[0];
  if (mark === '>') return () => undefined;
  const offsets: number[] = [];
  const quoted = mark === '"' || mark === "'";
  for (let at = quoted ? 1 : 0; at < source.length; ) {
    const c = source[at] ?? '';
    if (c === '\n') break;
    offsets.push(node.start.offset + at);
    if (mark === '"' && c === '\\') at += ESCAPES[source[at + 1] ?? ''] ?? 2;
    else at += mark === "'" && c === "'" ? 2 : 1;
  }
  return (offset) => offsets[offset];
}

function move(node: Node, origin: Origin): Node {
  const ends = { start: origin(node.start), end: origin(node.end) };
  if (node.kind === 'array')
    return { ...node, ...ends, elements: node.elements.map((element) => move(element, origin)) };
  if (node.kind !== 'object') return { ...node, ...ends };
  const members = node.members.map(
    ({ key, keyStart, value }): Member => ({ key, keyStart: origin(keyStart), value: move(value, origin) }),
  );
  return { ...node, ...ends, members };
}
