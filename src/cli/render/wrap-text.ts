/**
 * Lines that are broken between words.
 * @module
 */
interface WrapOptions {
  readonly width: number;
  /** Blanks before each line but the first. */
  readonly indent?: number;
  /** Text between these blanks and the words. */
  readonly lead?: string;
}

/** Breaks a line between words. Keeps blanks at its start, and never breaks a word. */
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
