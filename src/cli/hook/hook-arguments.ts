/**
 * The command line of `oci-seccomp hook`, read without commander, whose loading a container's start would wait for.
 * @module
 */
import { parseArgs } from 'node:util';
import { OciSeccompError } from '../../errors.ts';
import type { OptionRows } from '../define/command-definition.ts';
import { singleDashMistake } from '../define/single-dash.ts';

export interface HookArguments {
  /** Values by name; of options without value `true`. Those with a default are always there. */
  readonly values: Readonly<Record<string, string | true>>;
  /** The options that were given, as words: what a hook is to be called with. */
  readonly given: Readonly<Record<string, readonly string[]>>;
  /** The words that are neither. */
  readonly operands: readonly string[];
}

/**
 * Reads options.
 *
 * @param command - for hints: `hook createRuntime`
 * @param most - how many words may be there that are no options
 * @throws OciSeccompError `ERR_USAGE` for an unknown option, one given twice, a missing value, or a value that is not one of the choices
 */
export async function parseHookArguments(
  args: readonly string[],
  options: OptionRows,
  command: string,
  most = 0,
): Promise<HookArguments> {
  const operands: string[] = [];
  const values: Record<string, string | true> = {};
  const given: Record<string, readonly string[]> = {};
  for (const [name, option] of Object.entries(options)) {
    if (option.default !== undefined) values[name] = option.default;
  }
  for (const word of await read(args, options, command, most > 0)) {
    if (typeof word === 'string') {
      operands.push(word);
      continue;
    }
    const { name, value } = word;
    if (Object.hasOwn(given, name)) throw usage(`--${name} is given twice`, command);
    const { choices } = options[name] ?? {};
    if (choices !== undefined && !choices.includes(value ?? '')) {
      throw usage(`--${name} takes ${choices.join(', ')}; not '${value ?? ''}'`, command);
    }
    values[name] = value ?? true;
    given[name] = value === undefined ? [`--${name}`] : [`--${name}`, value];
  }
  if (operands.length > most) throw usage(`unexpected argument '${operands[most] ?? ''}'`, command);
  return { values, given, operands };
}

interface Given {
  readonly name: string;
  readonly value: string | undefined;
}

async function read(
  args: readonly string[],
  options: OptionRows,
  command: string,
  allowPositionals: boolean,
): Promise<readonly (Given | string)[]> {
  const mistake = singleDashMistake(args, options);
  if (mistake !== undefined) throw await usageOf(mistake, options, command);
  const known = Object.entries(options).map(([name, { value, short }]) => [
    name,
    {
      type: value === undefined ? ('boolean' as const) : ('string' as const),
      ...(short === undefined ? {} : { short }),
    },
  ]);
  try {
    const { tokens } = parseArgs({
      args: [...args],
      options: Object.fromEntries(known),
      tokens: true,
      allowPositionals,
    });
    return tokens.flatMap((token): readonly (Given | string)[] => {
      if (token.kind === 'positional') return [token.value];
      return token.kind === 'option' ? [{ name: token.name, value: token.value }] : [];
    });
  } catch (cause) {
    const [, unknown] = /^Unknown option '(--?[^']+)'/.exec((cause as Error).message) ?? [];
    if (unknown !== undefined) {
      const word = args.find((each) => each.startsWith(unknown)) ?? unknown;
      throw await usageOf(`unknown option '${word}'`, options, command);
    }
    // Its advice is put in our words: `--name=-value` for an argument that starts with a dash.
    const [, name] = /^Option '(--[^ ']+)[^']*' argument is ambiguous/.exec((cause as Error).message) ?? [];
    if (name !== undefined)
      throw usage(`${name} needs a value; one that starts with - is written ${name}=-…`, command);
    // The first sentence says what is wrong; the others advise on operands.
    const message = cause instanceof Error ? (cause.message.split('. ')[0] ?? '') : String(cause);
    throw usage(message.charAt(0).toLowerCase() + message.slice(1), command);
  }
}

/** The error, with a name that is like an unknown one. */
async function usageOf(message: string, options: OptionRows, command: string): Promise<OciSeccompError> {
  const [, name] = /^unknown option '--?([\w-]+)/.exec(message) ?? [];
  if (name === undefined) return usage(message, command);
  const { misspelt, optionHint } = await import('../define/guess-word.ts');
  const near = misspelt(name, Object.keys(options));
  return usage(message, command, optionHint(name, near && `--${near}`, { arguments: [], options }));
}

function usage(message: string, command: string, advice?: string): OciSeccompError {
  const list = `oci-seccomp ${command} --help lists the options`;
  return new OciSeccompError('ERR_USAGE', message, {
    hint: advice === undefined ? list : `${advice} ${list}`,
  });
}
