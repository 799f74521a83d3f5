/**
 * Lines that are broken between words.
 * @module
 */
export interface WrapOptions {
  readonly width: number;
  /** Blanks before the second line and those after it. */
  readonly indent?: number;
  /** What stands between the blanks and the text of these lines. */
  readonly lead?: string;
}

/** Breaks a line between words; blanks at its start are kept, and a word that is longer than the width is not broken. */
export function wrapText(text: string, { width, indent = 0, lead = '' }: WrapOptions): string {
  const [, start = '', rest = ''] = /^( *)(.*)$/s.exec(text) ?? [];
  const lines: string[] = [];
  let line = start;
  for (const word of rest.split(' ')) {
    if (line.trim() !== '' && line.length + word.length >= width) {
      lines.push(line);
      line = ' '.repeat(indent) + lead + word;
    } else line += line === start ? word : ` ${word}`;
  }
  return [...lines, line].join('\n');
}
