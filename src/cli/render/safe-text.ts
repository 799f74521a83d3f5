/**
 * Text that others wrote, on its way to a terminal: names of programs can hold escape sequences and line feeds.
 * @module
 */

/** Control characters, the direction marks that reorder a line, and halves of surrogate pairs. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu;
const LONG = 200;

/** Shows what a terminal would carry out as `\x1b`, and shortens what is longer than 200 characters. */
export function safeText(text: string): string {
  const short = text.length > LONG ? `${text.slice(0, LONG)}…` : text;
  return short.replace(UNSAFE, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
  });
}
