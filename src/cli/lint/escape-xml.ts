/**
 * Text in XML.
 * @module
 */

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/**
 * Escapes text for XML 1.0. Some characters become U+FFFD: those that XML cannot write (most control characters, lone
 * surrogates), and those that a terminal would carry out.
 */
export function escapeXml(text: string): string {
  return text
    .replace(/[^\t\n\r\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd')
    .replace(/[\x7f-\x9f\p{Cf}\u2028\u2029]/gu, '\ufffd')
    .replace(/[&<>"']/g, (each) => entities[each] ?? each);
}
