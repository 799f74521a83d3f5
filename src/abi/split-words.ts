/**
 * Lists that are written as words.
 * @module
 */

/** The words of a text that white space parts. */
export function splitWords(text: string): readonly string[] {
  return text.split(/\s+/).filter((word) => word !== '');
}
