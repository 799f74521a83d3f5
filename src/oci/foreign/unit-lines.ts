/**
 * Lines of systemd's unit files: sections, assignments, comments, and lines that continue in the next one.
 *
 * Sources: systemd.syntax(7), systemd 252 src/shared/conf-parser.c `config_parse`.
 * @module
 */
import type { TextPiece } from './tree.ts';

/** `Key=value` of a section. */
export interface Assignment {
  /** Without brackets; `undefined`: before any section. */
  readonly section: string | undefined;
  readonly key: TextPiece;
  /** The parts of the value, one a line; systemd joins them with a blank. */
  readonly value: readonly TextPiece[];
}

/** What a unit says, in its order. `ignored` has the lines that assign nothing. */
interface UnitLines {
  readonly assignments: readonly Assignment[];
  readonly ignored: readonly TextPiece[];
  /** The first line that begins as a section and does not end as one: systemd stops there. */
  readonly broken: TextPiece | undefined;
}

/** Only these are blanks for systemd, none of Unicode's and not C's \v and \f. */
const WORD = /(?:\\.|\\$|[^\\ \t\r\n])+/gs;
const QUOTED = /"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'/gs;
/** An unclosed quotation mark takes the rest of the value. */
const QUOTABLE_WORD = new RegExp(String.raw`(?:\\.|\\$|${QUOTED.source}|["'].*$|[^\\"' \t\r\n])+`, 'gs');

/** The words of a value; a backslash stands for the character behind it. */
export function wordsOf({ text, at }: TextPiece): readonly TextPiece[] {
  return [...text.matchAll(WORD)].map((match) => ({ text: unescaped(match[0]), at: at + match.index }));
}

/** The words of a value from which systemd removes quotation marks. */
export function quotableWordsOf({ text, at }: TextPiece): readonly TextPiece[] {
  return [...text.matchAll(QUOTABLE_WORD)].map((match) => ({
    text: unescaped(match[0].replace(QUOTED, (quoted) => quoted.slice(1, -1))),
    at: at + match.index,
  }));
}

function unescaped(word: string): string {
  return word.replace(/\\(.)/gs, '$1');
}

/** Reads lines as systemd joins and splits them. */
export function readUnitLines(text: string): UnitLines {
  const assignments: Assignment[] = [];
  const ignored: TextPiece[] = [];
  let section: string | undefined;
  let broken: TextPiece | undefined;
  for (const parts of logicalLines(text)) {
    const [first] = parts;
    if (first === undefined || (first.text === '' && parts.length === 1)) continue;
    if (first.text.startsWith('[')) {
      const header = parts.map((part) => part.text).join(' ');
      if (header.endsWith(']')) section = header.slice(1, -1);
      else broken ??= first;
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
  return { assignments, ignored, broken };
}

/** Lines, each with the lines that continue it; comments between them are left out. */
function logicalLines(text: string): readonly (readonly TextPiece[])[] {
  const logical: TextPiece[][] = [];
  let open: TextPiece[] | undefined;
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

/** Whether a line ends with a backslash that is not escaped itself. */
function isEscape(line: string): boolean {
  let count = 0;
  while (count < line.length && line.charAt(line.length - 1 - count) === '\\') count++;
  return count % 2 === 1;
}

function trimmed({ text, at }: TextPiece): TextPiece {
  const start = /^[ \t]*/.exec(text)?.[0].length ?? 0;
  let end = text.length;
  while (end > start && ' \t'.includes(text.charAt(end - 1))) end--;
  return { text: text.slice(start, end), at: at + start };
}

/** A carriage return ends a line by itself, too. */
function linesOf(text: string): readonly TextPiece[] {
  const lines: TextPiece[] = [];
  let at = 0;
  for (const end of text.matchAll(/\r\n|\n\r|\r|\n/g)) {
    lines.push({ text: text.slice(at, end.index), at });
    at = end.index + end[0].length;
  }
  if (at < text.length) lines.push({ text: text.slice(at), at });
  return lines;
}
