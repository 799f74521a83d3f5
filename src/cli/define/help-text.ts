/**
 * The part of a command's help that follows its options: notes, exit codes, examples.
 * @module
 */
import { wrapText } from '../render/wrap-text.ts';
import type { CommandDefinition } from './command-definition.ts';

/** @param width - columns of the terminal */
export function renderNotes(
  definition: Pick<CommandDefinition, 'notes' | 'exitCodes' | 'examples'>,
  width: number,
): string {
  const { notes = [], exitCodes, examples } = definition;
  const paragraphs = notes.map((note) =>
    typeof note === 'string' ? wrapText(note, { width }) : note.lines.join('\n'),
  );
  const digits = Math.max(...Object.keys(exitCodes).map((code) => code.length));
  const codes = Object.entries(exitCodes).map(([code, text]) =>
    wrapText(`  ${code.padEnd(digits)}  ${text}`, { width, indent: digits + 4 }),
  );
  const shown = examples.map(
    ({ does, line }) => `${wrapText(`  # ${does}`, { width, indent: 2, lead: '# ' })}\n  ${line}`,
  );
  const blocks = [
    ...paragraphs,
    ...(codes.length === 0 ? [] : [`Exit codes:\n${codes.join('\n')}`]),
    ...(shown.length === 0 ? [] : [`Examples:\n${shown.join('\n')}`]),
  ];
  return blocks.map((block) => `\n${block}`).join('\n');
}
