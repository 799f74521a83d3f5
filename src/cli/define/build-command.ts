/**
 * Makes commander's command from a definition.
 * @module
 */
import { Command, InvalidArgumentError, Option } from 'commander';

import { shellCommand } from '../../abi/shell-word.ts';
import { visibleText } from '../render/safe-text.ts';
import { terminalWidth, writeAside, writeStderr, writeStdout } from '../streams.ts';
import {
  type ArgumentRow,
  type CommandDefinition,
  camelCase,
  type LoadedCommand,
  type OptionRow,
  type OptionRows,
  optionsInOrder,
} from './command-definition.ts';
import { meantCommand, misspelt, optionHint } from './guess-word.ts';
import { renderNotes } from './help-text.ts';
import { runSettled } from './settle-options.ts';

/** Is told how a command ended. */
export type Finish = (exitCode: number) => void;

/** An empty command that writes, fails and shows help as all commands of this program do. */
export function createCommand(name: string): Command {
  return new Command(name)
    .helpOption('-h, --help', 'print help')
    .showSuggestionAfterError()
    .configureOutput({
      // It is not an error if the reader of the help closes early (`| head`).
      writeOut: writeStdout,
      writeErr: writeStderr,
      outputError: (text, write) => write(inOurWords(text)),
      getOutHelpWidth: terminalWidth,
      getErrHelpWidth: terminalWidth,
      // No help has colours.
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .exitOverride();
}

/**
 * An error about the command line as the rest of the program writes errors. It goes on one line: a word can hold line breaks,
 * and what follows one would look like a line of this program.
 */
function inOurWords(text: string, definition?: CommandDefinition): string {
  const [ending = '', guess] = /(?:\n\(Did you mean ([^\n]*)\?\))?\n$/.exec(text) ?? [];
  const said = text.slice(0, text.length - ending.length);
  const [, valued, value] = /^error: option '[^']*?(--?[\w-]+) <([^']*)>' argument missing$/.exec(said) ?? [];
  if (valued !== undefined) return `error: ${valued} needs a value: ${valued} ${value?.toUpperCase()}\n`;
  const [, flag = ''] = /^error: unknown option '--([\w-]+)=.*'$/s.exec(said) ?? [];
  if (Object.hasOwn(definition?.options ?? {}, flag)) return `error: --${flag} takes no value\n`;
  const excess = /^error: too many arguments for '([^']*)'\. Expected (\d+) arguments? but got (\d+)\.$/.exec(
    said,
  );
  if (excess !== null) return tooMany(excess);
  const choice =
    /^error: option '[^']*?(--?[\w-]+)(?: <[^']*)?' argument '(.*)' is invalid\. Allowed choices are (.*)\.$/s.exec(
      said,
    );
  if (choice === null) return `${visibleText(said)}\n${meantHint(said, guess, definition)}${pathHint(text)}`;
  const [, option, word = '', choices = ''] = choice;
  const near = choices.split(', ').find((each) => isPrefix(word.toLowerCase(), each));
  return `${visibleText(`error: ${option} takes ${choices}; not '${word}'`)}\n${guessHint(near)}`;
}

/** @param guess - a name that is spelt like the unknown one */
function meantHint(said: string, guess: string | undefined, definition?: CommandDefinition): string {
  const [, option] = /^error: unknown option '--?([\w-]{2,})(?:=.*)?'$/s.exec(said) ?? [];
  if (option === undefined || definition === undefined) {
    const [, word] = /^error: unknown command '(.*)'$/s.exec(said) ?? [];
    if (word !== undefined && FILTER_WORD.test(word)) {
      return `  hint: a command comes first: oci-seccomp explain FILTER, oci-seccomp lint PROFILE\n`;
    }
    return guessHint(meantCommand(word ?? '') ?? guess);
  }
  const near = misspelt(option, Object.keys(definition.options));
  const hint = optionHint(option, guess ?? (near && `--${near}`), definition);
  return hint === undefined ? '' : `  hint: ${hint}\n`;
}

/** A file, a built-in profile or a process in the place of a command. */
const FILTER_WORD = /[./]|-default(?:@|$)|^pid:/;

function tooMany([, command, most, given]: readonly string[]): string {
  const taken = most === '0' ? 'none' : `at most ${most}`;
  return `error: ${given} ${given === '1' ? 'argument is' : 'arguments are'} given, and ${command} takes ${taken}\n`;
}

/** `warn` for `warning`, `errors` for `error`. All else that is like a choice stands beside it already. */
function isPrefix(word: string, choice: string): boolean {
  return word !== '' && (choice.startsWith(word) || word.startsWith(choice));
}

function guessHint(guess: string | undefined): string {
  return guess === undefined ? '' : `  hint: did you mean ${guess}?\n`;
}

/** A hint for a file whose name looks like an option. */
function pathHint(text: string): string {
  const [, path] = /^error: unknown option '(-[^']*[./][^']*)'/.exec(text) ?? [];
  return path === undefined ? '' : `  hint: if it is a file, write ${shellCommand([`./${path}`])}\n`;
}

/** Builds a command, and those below it. */
export async function buildCommand(
  name: string,
  summary: string,
  { definition, run }: LoadedCommand,
  finish: Finish,
): Promise<Command> {
  const { description, usage, options, subcommands = {}, passThrough = false } = definition;
  const command = createCommand(name).summary(summary).description(description);
  command.showHelpAfterError(helpHint(name));
  command.configureOutput({
    outputError: (text, write) => write(inOurWords(text, definition) + exampleHint(text, definition)),
  });
  if (usage !== undefined) command.usage(usage.join(`\n       oci-seccomp ${name} `));
  for (const row of definition.arguments) command.argument(argumentTerm(row), row.help, row.default);
  const notes: string[] = [];
  addOptions(command, options, (note) => notes.push(note));
  // Options that follow the command of `run` are the command's.
  if (passThrough) command.passThroughOptions();
  command.addHelpText('after', () => renderNotes(definition, terminalWidth()));
  for (const [below, row] of Object.entries(subcommands)) {
    command.helpCommand(false);
    const built = await buildCommand(below, row.summary, await row.load(), finish);
    command.addCommand(built.showHelpAfterError(helpHint(`${name} ${below}`)));
  }
  if (run !== undefined) {
    command.action(async () => {
      const isFormatGiven = command.getOptionValueSource('format') === 'cli';
      // Once --quiet and --color count.
      const noted: typeof run = (operands, given) => {
        for (const note of notes) writeAside(note);
        return run(operands, given);
      };
      finish(await runSettled(definition, noted, command.args, command.opts(), isFormatGiven));
    });
  }
  return command;
}

/** An example of a command line, for users who gave too few words. */
function exampleHint(text: string, { examples }: CommandDefinition): string {
  const [first] = examples;
  return first === undefined || !text.startsWith('error: missing required argument')
    ? ''
    : `  hint: for instance: ${first.line.split('\n').at(-1)?.trim()}\n`;
}

/** The last line below an error about the command line. */
function helpHint(words: string): string {
  return `  hint: oci-seccomp ${words} --help shows what it takes`;
}

/** `<profile...>`, `[filter]` */
export function argumentTerm({ name, optional, variadic }: ArgumentRow): string {
  const inner = variadic === true ? `${name}...` : name;
  return optional === true ? `[${inner}]` : `<${inner}>`;
}

type TakeNote = (text: string) => void;

function addOptions(command: Command, rows: OptionRows, note: TakeNote): void {
  for (const [name, row] of optionsInOrder(rows)) {
    command.addOption(toOption(name, row));
    if (row.oldShort !== undefined) command.addOption(toOption(name, row, row.oldShort).hideHelp());
    if (row.value === undefined) continue;
    refuseOptionAsValue(command, name, row);
    if (row.repeatable !== true) noteSecondValue(command, name, row, note);
  }
}

/** Commander takes any word behind an option as its value: `--output --quiet` would write a file with the name `--quiet`. */
function refuseOptionAsValue(command: Command, name: string, row: OptionRow): void {
  command.on(`option:${name}`, (word: string) => {
    const isOption =
      ['--', '-h', '--help'].includes(word) ||
      command.options.some(({ short, long }) => word === short || word === long);
    if (isOption) command.error(`error: option '${optionTerm(name, row)}' argument missing`);
  });
}

/**
 * Of two values the last counts, as in most programs: an alias or a job gives the first, and its user another. Who gives two
 * profiles may want both to hold.
 */
function noteSecondValue(command: Command, name: string, row: OptionRow, note: TakeNote): void {
  let last: string | undefined;
  const take = (word: string): void => {
    const before = last;
    last = word;
    if (before === undefined || before === word) return;
    if (row.value === 'profile') {
      command.error(`error: --${name} takes one profile, and '${before}' and '${word}' are given`);
    }
    note(`note: --${name} is '${word}', which is given after '${before}'\n`);
  };
  for (const each of new Set([name, row.oldShort ?? name])) command.on(`option:${each}`, take);
}

/** `-o, --output <file>` */
function optionTerm(name: string, { short, value }: OptionRow): string {
  const names = short === undefined ? `--${name}` : `-${short}, --${name}`;
  return value === undefined ? names : `${names} <${value}>`;
}

/** @param oldShort - makes an option of this letter alone, with the same values */
function toOption(name: string, row: OptionRow, oldShort?: string): Option {
  const { value, help, choices, default: standard, repeatable, conflicts, heading } = row;
  const term =
    oldShort === undefined
      ? optionTerm(name, row)
      : `-${oldShort}${value === undefined ? '' : ` <${value}>`}`;
  const option = new Option(term, help);
  const key = camelCase(name);
  // `--no-config` is an option like others here, not the opposite of `--config`.
  option.negate = false;
  option.attributeName = () => key;
  if (choices !== undefined) option.choices([...choices]);
  if (repeatable === true) {
    option.argParser((word: string, words: readonly string[] | undefined) => {
      // A parser replaces commander's check of choices.
      if (choices !== undefined && !choices.includes(word)) {
        throw new InvalidArgumentError(`Allowed choices are ${choices.join(', ')}.`);
      }
      return [...(words ?? []), word];
    });
  }
  if (heading !== undefined) option.helpGroup(heading);
  if (conflicts !== undefined) option.conflicts(conflicts.map(camelCase));
  if (standard !== undefined && oldShort === undefined) option.default(standard);
  return option;
}
