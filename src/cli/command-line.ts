/**
 * The command line as commander reads it. Only the command that is asked for is loaded and built.
 * @module
 */
import { type Command, CommanderError } from 'commander';
import { buildCommand, createCommand, type Finish } from './define/build-command.ts';
import type { CommandDefinition, OptionRows } from './define/command-definition.ts';
import { commandTable, isVerb } from './define/command-table.ts';
import { renderNotes } from './define/help-text.ts';
import { NEGATIVE_NUMBER } from './define/plain-words.ts';
import { PROGRAM_DESCRIPTION, PROGRAM_EXAMPLES, PROGRAM_EXIT_CODES } from './define/program-definition.ts';
import { shortOption, singleDashMistake } from './define/single-dash.ts';
import { USAGE_EXIT_CODE } from './exit-code.ts';
import { terminalWidth } from './streams.ts';
import { PACKAGE_VERSION } from './version.ts';

/** Runs a command line. @param words - behind the program's name @returns the exit code */
export async function runCommandLine(words: readonly string[]): Promise<number> {
  let exitCode = 0;
  const finish: Finish = (code) => {
    exitCode = code;
  };
  const asked = askedWords(words);
  try {
    const root = await buildRoot(asked[0], finish);
    const definition = isVerb(asked[0]) ? (await commandTable[asked[0]].load()).definition : undefined;
    if (definition !== undefined) refuseSingleDash(root, asked.slice(1), definition);
    await root.parseAsync([...readable(asked, definition)], { from: 'user' });
    return exitCode;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // commander has written help, version or its message already; its own exit code for wrong usage is 1.
    return error.exitCode === 0 ? 0 : USAGE_EXIT_CODE;
  }
}

/** `help VERB` is `VERB --help`. Help for a command that is not known is not asked for: commander printed its own. */
function askedWords(words: readonly string[]): readonly string[] {
  const isHelp = words[0] === 'help';
  const [verb, ...others] = isHelp ? words.slice(1) : words;
  if (verb === undefined || verb.startsWith('-')) return isHelp ? ['--help'] : words;
  return isVerb(verb) ? [verb, ...others, ...(isHelp ? ['--help'] : [])] : [verb];
}

const PROGRAM_NOTES = { exitCodes: PROGRAM_EXIT_CODES, examples: PROGRAM_EXAMPLES };

/** The program with the command that is asked for; of the others only the summaries are known. */
export async function buildRoot(asked: string | undefined, finish: Finish): Promise<Command> {
  const root = createCommand('oci-seccomp')
    .description(PROGRAM_DESCRIPTION)
    .version(PACKAGE_VERSION, '-V, --version', 'print the version')
    .helpCommand('help [command]', 'print help for a command')
    .addHelpText('after', () => renderNotes(PROGRAM_NOTES, terminalWidth()))
    .showHelpAfterError('  hint: oci-seccomp --help lists the commands')
    .enablePositionalOptions();
  if (isVerb(asked)) {
    const { summary, load } = commandTable[asked];
    return root.addCommand(await buildCommand(asked, summary, await load(), finish));
  }
  for (const [verb, { summary, heading }] of Object.entries(commandTable)) {
    root.addCommand(createCommand(verb).summary(summary).helpGroup(heading));
  }
  return root;
}

/** What follows the command of `run` is the command's. */
function refuseSingleDash(root: Command, words: readonly string[], definition: CommandDefinition): void {
  const own = definition.passThrough === true ? wordsBeforeCommand(words, definition.options) : words;
  const mistake = singleDashMistake(own, definition.options);
  if (mistake !== undefined) root.commands[0]?.error(`error: ${mistake}`);
}

/** @returns the words before the command of `run`, which begins at the first word that is neither option nor its value */
function wordsBeforeCommand(words: readonly string[], options: OptionRows): readonly string[] {
  let isValue = false;
  const end = words.findIndex((word) => {
    if (isValue) {
      isValue = false;
      return false;
    }
    const row = word.startsWith('--') ? options[word.slice(2)] : shortOption(word.at(-1) ?? '', options);
    isValue = word.startsWith('-') && row?.value !== undefined;
    return !word.startsWith('-') || word === '--';
  });
  return end === -1 ? words : words.slice(0, end);
}

/** strace's line about a signal, pasted whole, is no option. Nor is `-0x1`: commander knows only decimal negative numbers. */
function readable(words: readonly string[], definition: CommandDefinition | undefined): readonly string[] {
  if (definition?.passThrough === true) return words;
  const end = words.indexOf('--');
  return words.map((word, at) => {
    if (end !== -1 && at > end) return word;
    if (word.startsWith('--- SIG')) return word.slice('--- '.length);
    return NEGATIVE_NUMBER.test(word) && /^-0\D/.test(word) ? `-${BigInt(word.slice(1))}` : word;
  });
}
