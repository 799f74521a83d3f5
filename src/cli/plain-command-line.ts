/**
 * Command lines that need no parser: almost all.
 * @module
 */
import type { LoadedCommand } from './define/command-definition.ts';
import { commandTable, isVerb } from './define/command-table.ts';
import { readPlainWords } from './define/plain-words.ts';
import { runSettled } from './define/settle-options.ts';

/**
 * Runs a command line.
 *
 * @param words - behind the program's name
 * @returns the exit code; `undefined` if commander has to read it, and nothing was done
 */
export async function runPlainly(words: readonly string[]): Promise<number | undefined> {
  const [verb, ...rest] = words;
  if (!isVerb(verb)) return undefined;
  const { definition, run }: LoadedCommand = await commandTable[verb].load();
  const read = run === undefined ? undefined : readPlainWords(definition, rest);
  if (run === undefined || read === undefined) return undefined;
  return runSettled(definition, run, read.operands, read.options, read.given.has('format'));
}
