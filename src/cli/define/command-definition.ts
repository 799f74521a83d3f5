/**
 * What a command takes, as data. The parser, the help, the completions and the man pages are made from it, and so is the
 * type of the options that the command gets.
 * @module
 */
import type { Ending } from '../exit-code.ts';

/** What a value can be, for completion in shells. */
export type ValueKind =
  | 'file'
  | 'folder'
  /** A file, or a built-in profile. */
  | 'profile'
  /** A profile, or `pid:` and the id of a process. */
  | 'filter'
  | 'pid'
  | 'arch'
  | 'runtime'
  | 'compiled-runtime'
  | 'capability'
  | 'rule'
  /** `rule=level`. */
  | 'rule-level'
  | 'syscall'
  | 'command'
  | 'shell';

/** One option. */
export interface OptionRow {
  readonly help: string;
  /** One letter: `o` for `-o`. */
  readonly short?: string;
  /** A letter that is still taken, but no longer shown: another command uses it for something else. */
  readonly oldShort?: string;
  /** The name of its value in help; absent: it takes none. */
  readonly value?: string;
  readonly choices?: readonly string[];
  readonly default?: string;
  /** It can be given several times; its values are a list. */
  readonly repeatable?: true;
  /** Names of options that cannot be given beside it. */
  readonly conflicts?: readonly string[];
  /** The heading it stands under in help; absent: `Options:`. */
  readonly heading?: string;
  readonly kind?: ValueKind;
}

/** Options by their long name without dashes, in the order of the help. */
export type OptionRows = Readonly<Record<string, OptionRow>>;

export interface ArgumentRow {
  readonly name: string;
  readonly help: string;
  readonly optional?: true;
  /** The last one: it takes all words that are left. */
  readonly variadic?: true;
  readonly default?: string;
  readonly kind?: ValueKind;
}

/** A line that a user can paste, and what it does; where its exit code is not 0 the text says so. */
export interface Example {
  readonly does: string;
  readonly line: string;
}

/** A paragraph, or lines that are printed as they are, such as a table. */
export type Note = string | { readonly lines: readonly string[] };

export interface CommandDefinition {
  readonly description: string;
  /** Usage lines without the program's name; absent: made from operands and options. */
  readonly usage?: readonly string[];
  readonly arguments: readonly ArgumentRow[];
  readonly options: OptionRows;
  readonly notes?: readonly Note[];
  /** What each exit code means for this command. */
  readonly exitCodes: Readonly<Record<string, string>>;
  readonly examples: readonly Example[];
  /** Its output may replace a file that it reads: the same profile, edited. */
  readonly editsInPlace?: true;
  /** Words after the first operand are never options of this command. */
  readonly passThrough?: true;
  readonly subcommands?: Readonly<Record<string, CommandRow>>;
}

/** What is known of a command before it is loaded. */
export interface CommandRow {
  readonly summary: string;
  readonly load: () => Promise<LoadedCommand>;
}

/** A command's module, as its callers see it. */
export interface LoadedCommand {
  readonly definition: CommandDefinition;
  // biome-ignore lint/suspicious/noExplicitAny: each command has options of its own type
  readonly run?: Run<any>;
}

/** The work of a command. Resolves to how it ended, or to an exit code. */
export type Run<Definition extends Pick<CommandDefinition, 'options'>> = (
  operands: readonly string[],
  options: OptionsOf<Definition['options']>,
) => Promise<Ending | number>;

type CamelCase<Name extends string> = Name extends `${infer Head}-${infer Tail}`
  ? `${Head}${Capitalize<CamelCase<Tail>>}`
  : Name;

type OneValue<Row> = Row extends { readonly choices: readonly (infer Choice)[] }
  ? Choice
  : Row extends { readonly value: string }
    ? string
    : true;

type ValueOf<Row> = Row extends { readonly repeatable: true } ? readonly OneValue<Row>[] : OneValue<Row>;

/**
 * The options as the command's work gets them: `base-dir` is `baseDir`; those with a default are always there.
 * `json` is `format: 'json'`.
 */
export type OptionsOf<Rows extends OptionRows> = {
  readonly [Name in Exclude<keyof Rows, 'json'> as Rows[Name] extends { readonly default: string }
    ? CamelCase<Name & string>
    : never]: ValueOf<Rows[Name]>;
} & {
  readonly [Name in Exclude<keyof Rows, 'json'> as Rows[Name] extends { readonly default: string }
    ? never
    : CamelCase<Name & string>]?: ValueOf<Rows[Name]>;
};

/** Checks a definition and keeps its exact type, which {@link OptionsOf} reads. */
export function defineCommand<const Definition extends CommandDefinition>(
  definition: Definition,
): Definition {
  return definition;
}

/** Options about the output, which help lists last, in this order. */
const OUTPUT_OPTIONS = ['format', 'json', 'output', 'verbose', 'quiet', 'color'];

/** The options as help lists them: in the same order for all commands. */
export function optionsInOrder(options: OptionRows): readonly (readonly [string, OptionRow])[] {
  const place = ([name]: readonly [string, OptionRow]): number => OUTPUT_OPTIONS.indexOf(name);
  return Object.entries(options).sort((a, b) => place(a) - place(b));
}

/** `base-dir` → `baseDir`. */
export function camelCase(name: string): string {
  if (!name.includes('-')) return name;
  return name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
}
