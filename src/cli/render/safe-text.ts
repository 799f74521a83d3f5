/**
 * Text that others wrote, made safe for a terminal. Names of programs can hold escape sequences and line feeds.
 * @module
 */
import { replaceUnsafe, replaceUnsafeInLines } from '../../abi/visible-json.ts';

const LONG = 200;

/** Shows what a terminal would carry out as `\x1b`, and shortens what is longer than 200 characters. */
export function safeText(text: string): string {
  return visibleText(text.length > LONG ? `${text.slice(0, LONG)}…` : text);
}

/** Shows what a terminal would carry out as `\x1b`. */
export function visibleText(text: string): string {
  return replaceUnsafe(text, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
  });
}

/** As {@link visibleText}, of a text that may have several lines. */
export function visibleLines(text: string): string {
  return text.split('\n').map(visibleText).join('\n');
}

/** A report for people: what a terminal would carry out is shown, line feeds and tabs are the report's own. */
export function visibleReport(text: string): string {
  return replaceUnsafeInLines(text, (character) =>
    character === '\n' || character === '\t' ? character : visibleText(character),
  );
}

/** A line of a file with what a terminal would carry out as U+FFFD, as wide as before; tabs stay. */
export function visibleLine(line: string): string {
  return replaceUnsafe(line, (character) => (character === '\t' ? '\t' : '\ufffd'.repeat(character.length)));
}
