/**
 * Printed JSON that is safe on a terminal.
 * @module
 */

/** Text without anything unsafe, as most is. V8 takes a millisecond to make the classes of Unicode below; these it knows. */
const PLAIN = /^[\x20-\x7e\u2010-\u2027\u2190-\u21ff]*$/;
const PLAIN_LINES = /^[\n\x20-\x7e\u2010-\u2027\u2190-\u21ff]*$/;

/**
 * Replaces what is unsafe on a terminal: control characters, line feeds among them, the direction marks that reorder a
 * line, and halves of surrogate pairs.
 */
export function replaceUnsafe(text: string, replace: (character: string) => string): string {
  return PLAIN.test(text) ? text : replaceAllUnsafe(text, replace);
}

/** As {@link replaceUnsafe}, where line feeds stay as they are: `replace` returns them. */
export function replaceUnsafeInLines(text: string, replace: (character: string) => string): string {
  return PLAIN_LINES.test(text) ? text : replaceAllUnsafe(text, replace);
}

function replaceAllUnsafe(text: string, replace: (character: string) => string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu, replace);
}

/** Printed JSON with all that a terminal would carry out as escapes: the same values. */
export function visibleJson(text: string): string {
  return replaceUnsafeInLines(text, (character) =>
    /[\n\r\t]/.test(character)
      ? character
      : Array.from({ length: character.length }, (_, i) => unicodeEscape(character.charCodeAt(i))).join(''),
  );
}

function unicodeEscape(unit: number): string {
  return `\\u${unit.toString(16).padStart(4, '0')}`;
}
