/**
 * Patterns with `*`. They are compared without regular expressions, in time linear in the text and the pattern's parts.
 * @module
 */

/**
 * Whether a text is of a pattern as a whole.
 *
 * @param pattern - `*` stands for any number of characters; every other character for itself
 * @param separator - what `*` does not stand for: a pattern then has as many parts as the text
 */
export function matchesGlob(text: string, pattern: string, separator?: string): boolean {
  if (separator === undefined) return matchesPart(text, pattern);
  const [texts, patterns] = [text.split(separator), pattern.split(separator)];
  return texts.length === patterns.length && texts.every((part, i) => matchesPart(part, patterns[i] ?? ''));
}

function matchesPart(text: string, pattern: string): boolean {
  const [first = '', ...rest] = pattern.split('*');
  const last = rest.pop();
  if (last === undefined) return text === first;
  if (text.length < first.length + last.length) return false;
  if (!text.startsWith(first) || !text.endsWith(last)) return false;
  // The first place that fits each piece leaves the most room for the next.
  let at = first.length;
  const end = text.length - last.length;
  for (const piece of rest) {
    const found = text.indexOf(piece, at);
    if (found < 0 || found + piece.length > end) return false;
    at = found + piece.length;
  }
  return true;
}
