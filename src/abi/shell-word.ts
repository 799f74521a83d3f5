/**
 * Commands as text that a shell reads back as the same words.
 * @module
 */

/** Words that no shell changes. */
const PLAIN = /^[\w@%+:,./-]+$/;

/** Whether a terminal would act on a text or hide it, or UTF-8 cannot encode it. */
function isUnprintable(text: string): boolean {
  return !/^[\x20-\x7e]*$/.test(text) && /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/u.test(text);
}

/** A word as sh(1) reads it: bare, in quotes, or through printf(1) where a terminal could not show it. */
export function shellWord(word: string): string {
  if (PLAIN.test(word)) return word;
  if (!isUnprintable(word)) return quoted(word);
  // A command substitution loses line feeds at its end.
  const [, inner = '', end = ''] = /^([\s\S]*?)(\n*)$/.exec(word) ?? [];
  return `${inner === '' ? '' : `"$(printf '${escaped(inner)}')"`}${end === '' ? '' : quoted(end)}`;
}

/** A command that can be pasted. */
export function shellCommand(words: readonly string[]): string {
  return words.map(shellWord).join(' ');
}

/** The name of a file as an operand or the value of an option: one that starts with a dash gets a folder before it. */
export function fileWord(file: string): string {
  if (file === '<stdin>') return '-';
  return file.startsWith('-') && file !== '-' ? `./${file}` : file;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** Unprintable characters, and those that printf(1) interprets, as octal bytes of UTF-8, which every shell reads. */
function escaped(text: string): string {
  const encoder = new TextEncoder();
  return [...text]
    .map((character) =>
      isUnprintable(character) || "'\\%".includes(character)
        ? [...encoder.encode(character)].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('')
        : character,
    )
    .join('');
}
