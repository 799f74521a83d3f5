/**
 * Reads command lines without a mistake: known options with good values, and enough operands. Commander reads all others and
 * writes the error. Loading commander takes longer than the work of many commands.
 * @module
 */
import { type CommandDefinition, camelCase, type OptionRow } from './command-definition.ts';

/** Operands and options of a command line, before {@link settle}. */
interface PlainWords {
  readonly operands: readonly string[];
  readonly options: Readonly<Record<string, unknown>>;
  /** Names of options that were given, as keys of `options`. */
  readonly given: ReadonlySet<string>;
}

/**
 * @param words - behind the command
 * @returns what commander would return; `undefined` if commander must read them
 */
export function readPlainWords(
  definition: CommandDefinition,
  words: readonly string[],
): PlainWords | undefined {
  if (definition.passThrough === true || definition.subcommands !== undefined) return undefined;
  const options = defaultsOf(definition);
  const given = new Set<string>();
  const operands: string[] = [];
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? '';
    if (!isOption(word)) {
      operands.push(word);
      continue;
    }
    const found = findOption(word, definition);
    if (found === undefined) return undefined;
    const { key, row } = found;
    const value = row.value === undefined ? true : (found.value ?? words[++i]);
    if (value === undefined || !isPlainValue(value, row)) return undefined;
    if (row.repeatable === true) options[key] = given.has(key) ? [...(options[key] as []), value] : [value];
    else if (given.has(key)) return undefined;
    else options[key] = value;
    given.add(key);
  }
  return isEnough(operands, definition) && !isAtOdds(given, definition)
    ? { operands, options, given }
    : undefined;
}

function defaultsOf({ options }: CommandDefinition): Record<string, unknown> {
  const defaults: Record<string, unknown> = {};
  for (const [name, row] of Object.entries(options)) {
    if (row.default !== undefined) defaults[camelCase(name)] = row.default;
  }
  return defaults;
}

/** A negative argument of a call. No option is a digit. */
export const NEGATIVE_NUMBER = /^-(?:\d+|0x[\da-f]+|0o[0-7]+|0b[01]+)$/i;

/** `-` is standard input. */
function isOption(word: string): boolean {
  return word.startsWith('-') && word !== '-' && !NEGATIVE_NUMBER.test(word);
}

interface FoundOption {
  readonly key: string;
  readonly row: OptionRow;
  /** The value in `--name=value`. */
  readonly value?: string;
}

/** `-o`, `--output` or `--output=value`; several short options in one word are left to commander. */
function findOption(word: string, { options }: CommandDefinition): FoundOption | undefined {
  if (!word.startsWith('--')) {
    const found = Object.entries(options).find(([, { short }]) => word === `-${short}`);
    return found === undefined ? undefined : { key: camelCase(found[0]), row: found[1] };
  }
  const equals = word.indexOf('=');
  const name = word.slice(2, equals === -1 ? undefined : equals);
  const row = Object.hasOwn(options, name) ? options[name] : undefined;
  if (row === undefined || (equals !== -1 && row.value === undefined)) return undefined;
  return { key: camelCase(name), row, ...(equals === -1 ? {} : { value: word.slice(equals + 1) }) };
}

function isPlainValue(value: string | true, { choices }: OptionRow): boolean {
  if (value === true) return true;
  return value !== '' && !isOption(value) && (choices === undefined || choices.includes(value));
}

function isEnough(operands: readonly string[], { arguments: rows }: CommandDefinition): boolean {
  const needed = rows.filter(
    ({ optional, default: standard }) => optional !== true && standard === undefined,
  );
  return (
    operands.length >= needed.length && (operands.length <= rows.length || rows.at(-1)?.variadic === true)
  );
}

function isAtOdds(given: ReadonlySet<string>, { options }: CommandDefinition): boolean {
  return Object.entries(options).some(
    ([name, { conflicts }]) =>
      given.has(camelCase(name)) && conflicts?.some((other) => given.has(camelCase(other))) === true,
  );
}
