/**
 * Lines of systemd's unit files: sections, assignments, comments and lines that go on in the next one.
 *
 * Sources: systemd.syntax(7), systemd 252 src/shared/conf-parser.c `config_parse`.
 * @module
 */
import { linesOf, type Piece } from './tree.ts';

/** `Key=value` of a section. */
export interface Assignment {
  /** Without brackets; `undefined`: before any section. */
  readonly section: string | undefined;
  readonly key: Piece;
  /** The parts of the value, one a line; systemd joins them with a blank. */
  readonly value: readonly Piece[];
}

/** What a unit says, in its order; lines that are none of these are `ignored`. */
export interface UnitLines {
  readonly assignments: readonly Assignment[];
  readonly ignored: readonly Piece[];
}

/** Reads lines as systemd joins and splits them. */
export function readUnitLines(text: string): UnitLines {
  const assignments: Assignment[] = [];
  const ignored: Piece[] = [];
  let section: string | undefined;
  for (const parts of logicalLines(text)) {
    const [first] = parts;
    if (first === undefined || (first.text === '' && parts.length === 1)) continue;
    if (first.text.startsWith('[')) {
      if (first.text.endsWith(']') && parts.length === 1) section = first.text.slice(1, -1);
      else ignored.push(first);
      continue;
    }
    const sign = first.text.indexOf('=');
    if (sign < 1) {
      ignored.push(first);
      continue;
    }
    const key = trimmed({ text: first.text.slice(0, sign), at: first.at });
    const start = trimmed({ text: first.text.slice(sign + 1), at: first.at + sign + 1 });
    assignments.push({ section, key, value: [start, ...parts.slice(1)] });
  }
  return { assignments, ignored };
}

/** Lines with those that they go on in; comments among them are left out. */
function logicalLines(text: string): readonly (readonly Piece[])[] {
  const logical: Piece[][] = [];
  let open: Piece[] | undefined;
  for (const line of linesOf(text)) {
    const piece = trimmed(line);
    if (/^[#;]/.test(piece.text)) continue;
    const parts = open ?? [];
    const goesOn = isEscape(line.text);
    parts.push(goesOn ? trimmed({ text: line.text.slice(0, -1), at: line.at }) : piece);
    if (open === undefined) logical.push(parts);
    open = goesOn ? parts : undefined;
  }
  return logical;
}

/** Whether a line ends with a backslash that no other one escapes. */
function isEscape(line: string): boolean {
  let count = 0;
  while (count < line.length && line.charAt(line.length - 1 - count) === '\\') count++;
  return count % 2 === 1;
}

function trimmed({ text, at }: Piece): Piece {
  const start = text.length - text.trimStart().length;
  return { text: text.trim(), at: at + start };
}
