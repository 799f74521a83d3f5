/**
 * What a shell can offer, made from the definitions of the commands: one row for each command.
 * @module
 */
import { allArchitectures } from '../../abi/architectures.ts';
import { capabilities } from '../../abi/capabilities.ts';
import { allSyscallNames } from '../../abi/syscall-numbers.ts';
import { compiledSpellings, runtimeSpellings } from '../../consumers.ts';
import { allRules } from '../../lint/engine/registry.ts';
import { builtinFamilies } from '../../oci/builtin/index.ts';
import type {
  ArgumentRow,
  CommandDefinition,
  CommandRow,
  OptionRow,
  ValueKind,
} from '../define/command-definition.ts';

/** What a shell offers in one place: words, files, folders, or commands of the system. */
export interface Offer {
  readonly words: readonly string[];
  readonly files?: 'file' | 'folder' | 'command';
}

export interface CompletedOption {
  readonly long: string;
  readonly short: string | undefined;
  readonly help: string;
  /** What its value may be; `undefined`: it takes none. */
  readonly value: Offer | undefined;
  readonly isRepeatable: boolean;
}

export interface CompletedCommand {
  /** `explain`, `hook config`. */
  readonly name: string;
  readonly summary: string;
  readonly options: readonly CompletedOption[];
  /** By place; the last one also stands for those behind it if `isVariadic`. */
  readonly operands: readonly { readonly name: string; readonly offer: Offer }[];
  readonly isVariadic: boolean;
  /** Words after the first operand are never options of this command. */
  readonly passThrough: boolean;
  /** Names of the commands below it. */
  readonly below: readonly string[];
}

const levels = ['error', 'warn', 'note', 'off'];

const offers: Readonly<Record<ValueKind, () => Offer>> = {
  file: () => ({ words: [], files: 'file' }),
  folder: () => ({ words: [], files: 'folder' }),
  profile: () => ({ words: builtinFamilies, files: 'file' }),
  filter: () => ({ words: [...builtinFamilies, 'pid:'], files: 'file' }),
  pid: () => ({ words: [] }),
  arch: () => ({ words: allArchitectures.map(({ name }) => name) }),
  runtime: () => ({ words: runtimeSpellings }),
  'compiled-runtime': () => ({ words: compiledSpellings }),
  capability: () => ({ words: capabilities }),
  rule: () => ({ words: allRules.map(({ id }) => id) }),
  'rule-level': () => ({ words: allRules.flatMap(({ id }) => levels.map((level) => `${id}=${level}`)) }),
  syscall: () => ({ words: allSyscallNames() }),
  command: () => ({ words: [], files: 'command' }),
  shell: () => ({ words: ['bash', 'zsh', 'fish'] }),
};

/** All commands. A subcommand follows its command. */
export async function completedCommands(
  table: Readonly<Record<string, CommandRow>>,
): Promise<readonly CompletedCommand[]> {
  const all: CompletedCommand[] = [];
  for (const [name, { summary, load }] of Object.entries(table)) {
    const { definition } = await load();
    all.push(toCommand(name, summary, definition));
    for (const [below, row] of Object.entries(definition.subcommands ?? {})) {
      all.push(toCommand(`${name} ${below}`, row.summary, (await row.load()).definition));
    }
  }
  return all;
}

function toCommand(name: string, summary: string, definition: CommandDefinition): CompletedCommand {
  const help: CompletedOption = {
    long: 'help',
    short: 'h',
    help: 'print help',
    value: undefined,
    isRepeatable: false,
  };
  return {
    name,
    summary,
    options: [...Object.entries(definition.options).map(([long, row]) => toOption(long, row)), help],
    operands: definition.arguments.map((row) => ({ name: row.name, offer: offerOf(row) })),
    isVariadic: definition.arguments.at(-1)?.variadic === true,
    passThrough: definition.passThrough === true,
    below: Object.keys(definition.subcommands ?? {}),
  };
}

function toOption(long: string, row: OptionRow): CompletedOption {
  return {
    long,
    short: row.short,
    help: row.help,
    value: row.value === undefined ? undefined : offerOf(row),
    isRepeatable: row.repeatable === true,
  };
}

/** Lists choices. Offers nothing for a value without a kind. */
function offerOf({ kind, ...row }: OptionRow | ArgumentRow): Offer {
  if ('choices' in row && row.choices !== undefined) return { words: row.choices };
  return kind === undefined ? { words: [] } : offers[kind]();
}
