/**
 * Printed JSON that is safe on a terminal.
 * @module
 */

/** Most texts have nothing unsafe. V8 takes a millisecond to build the Unicode classes below, and these ranges cost it nothing. */
const PLAIN = /^[\x20-\x7e\u2010-\u2027\u2190-\u21ff]*$/;
const PLAIN_LINES = /^[\n\x20-\x7e\u2010-\u2027\u2190-\u21ff]*$/;

/**
 * Replaces what is unsafe on a terminal: control characters, line feeds among them, the direction marks that reorder a
 * line, and halves of surrogate pairs.
 */
export function replaceUnsafe(text: string, replace: (character: string) => string): string {
  return PLAIN.test(text) ? text : replaceAllUnsafe(text, replace);
}

/** As {@link replaceUnsafe}, for texts of several lines: `replace` must return a line feed as it is. */
export function replaceUnsafeInLines(text: string, replace: (character: string) => string): string {
  return PLAIN_LINES.test(text) ? text : replaceAllUnsafe(text, replace);
}

function replaceAllUnsafe(text: string, replace: (character: string) => string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu, replace);
}

/** JSON in which all that a terminal would act on is written as an escape. The values are the same. */
export function visibleJson(text: string): string {
  return replaceUnsafeInLines(text, (character) =>
    /[\n\r\t]/.test(character) ? character : character.split('').map(unicodeEscape).join(''),
  );
}

function unicodeEscape(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
