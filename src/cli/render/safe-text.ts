/**
 * Text that others wrote, on its way to a terminal: names of programs can hold escape sequences and line feeds.
 * @module
 */

/** Control characters, the direction marks that reorder a line, and halves of surrogate pairs. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu;
const LONG = 200;

/** Shows what a terminal would carry out as `\x1b`, and shortens what is longer than 200 characters. */
export function safeText(text: string): string {
  return visibleText(text.length > LONG ? `${text.slice(0, LONG)}…` : text);
}

/** Shows what a terminal would carry out as `\x1b`. */
export function visibleText(text: string): string {
  return text.replace(UNSAFE, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
  });
}

/** As {@link visibleText}, of a text that may have several lines. */
export function visibleLines(text: string): string {
  return text.split('\n').map(visibleText).join('\n');
}

/** A line of a file with what a terminal would carry out as U+FFFD, as wide as before; tabs stay. */
export function visibleLine(line: string): string {
  return line.replace(UNSAFE, (character) => (character === '\t' ? '\t' : '\ufffd'.repeat(character.length)));
}
