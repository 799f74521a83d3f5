/**
 * From JSON pointers to places in the text.
 * @module
 */
import { foldKey } from '../../oci/dialect-keys.ts';
import type { Document, Member, Node, ObjectNode, Position } from '../../oci/document.ts';
import { escapePointer } from '../../oci/read-json.ts';
import { recentAnswers } from '../../recent-answers.ts';
import type { Range } from './finding.ts';

/**
 * Finds the value that a pointer leads to, its key, and the pointer with keys as the text spells them. If a key is there twice,
 * the last one counts, as for every reader in Go.
 */
export function findNode(
  root: Node,
  pointer: string,
): { node: Node; member: Member | undefined; written: string } | undefined {
  let node = root;
  let member: Member | undefined;
  let written = '';
  for (const step of pointer.split('/').slice(1)) {
    const key = step.replaceAll('~1', '/').replaceAll('~0', '~');
    member = node.kind === 'object' ? memberOf(node, key) : undefined;
    const next = node.kind === 'array' ? node.elements[Number(key)] : member?.value;
    if (next === undefined) return undefined;
    node = next;
    written += `/${member === undefined ? step : escapePointer(member.key)}`;
  }
  return { node, member, written };
}

/** Finds a key in any letter case: engines accept that, and rules use the specified spelling. */
function memberOf(node: ObjectNode, key: string): Member | undefined {
  const folded = foldKey(key);
  if (node.members.length > FEW) {
    const { exact, inAnyCase } = membersByKey(node);
    return exact.get(key) ?? inAnyCase.get(folded);
  }
  const exact = node.members.findLast((each) => each.key === key);
  return exact ?? node.members.findLast((each) => foldKey(each.key) === folded);
}

/** No object of an ordinary profile has more members. In one that has, each may be asked for. */
const FEW = 64;

/** The last member of each key. */
interface MemberIndex {
  readonly exact: ReadonlyMap<string, Member>;
  readonly inAnyCase: ReadonlyMap<string, Member>;
}

const membersByKey = recentAnswers(8, ({ members }: ObjectNode): MemberIndex => {
  const by = (keyOf: (key: string) => string) =>
    new Map(members.map((member) => [keyOf(member.key), member] as const));
  return { exact: by((key) => key), inAnyCase: by(foldKey) };
});

/** The range of a pointer. If it leads nowhere, the range of the longest part that leads somewhere. */
export function rangeOf(document: Document | undefined, file: string, pointer: string, onKey = false): Range {
  const nowhere = { line: 1, column: 1, offset: 0 };
  if (document === undefined) return toRange(file, pointer, nowhere, nowhere);
  let place = pointer;
  let found = findNode(document.root, place);
  while (found === undefined && place !== '') {
    place = place.slice(0, place.lastIndexOf('/'));
    found = findNode(document.root, place);
  }
  const { node, member, written } = found ?? { node: document.root, member: undefined, written: '' };
  // The part that leads nowhere is kept as it was asked for.
  const full = written + pointer.slice(place.length);
  if (!onKey || member === undefined) return toRange(file, full, node.start, node.end);
  const { keyStart } = member;
  const length = lengthOfKey(document.text, member);
  const end = { ...keyStart, column: keyStart.column + length, offset: keyStart.offset + length };
  return toRange(file, full, keyStart, end);
}

/** A key between quotes, or as JSON in a quoted string of YAML has it, between escaped ones. */
const QUOTED_KEY = /"(?:[^"\\\n]|\\.)*"|'(?:[^'\n]|'')*'|\\"(?:(?!\\")[^\n])*(?:\\")?/y;

/** How long a key is in the text, escapes included, in the line that it starts in. In YAML it may stand without quotes. */
function lengthOfKey(text: string, { key, keyStart }: Member): number {
  QUOTED_KEY.lastIndex = keyStart.offset;
  return QUOTED_KEY.exec(text)?.[0].length ?? key.length;
}

function toRange(file: string, pointer: string, start: Position, end: Position): Range {
  const { line, column } = start;
  return { file, pointer, line, column, endLine: end.line, endColumn: end.column };
}

/** The place of a mistake in a text that could not be read: one character, and none where the line ends. */
export function rangeOfCharacter(range: Range, text: string): Range {
  const line = text.split('\n', range.line)[range.line - 1]?.replace(/\r$/, '') ?? '';
  const [character = ''] = line.slice(range.column - 1);
  return { ...range, endColumn: range.column + character.length };
}
