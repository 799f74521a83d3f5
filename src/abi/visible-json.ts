/**
 * Printed JSON that is safe on a terminal.
 * @module
 */

/** Control characters, the direction marks that reorder a line, and halves of surrogate pairs. */
export const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu;

/** Printed JSON with all that a terminal would carry out as escapes: the same values. */
export function visibleJson(text: string): string {
  return text.replace(UNSAFE, (character) =>
    /[\n\r\t]/.test(character)
      ? character
      : Array.from({ length: character.length }, (_, i) => unicodeEscape(character.charCodeAt(i))).join(''),
  );
}

function unicodeEscape(unit: number): string {
  return `\\u${unit.toString(16).padStart(4, '0')}`;
}
