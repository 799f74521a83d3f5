/**
 * What some options mean for all commands.
 * @module
 */
import { OciSeccompError } from '../../errors.ts';
import { exitCodeOf } from '../exit-code.ts';
import { type ColorChoice, createColors, paintLabels, wantsColor } from '../render/colors.ts';
import { beQuiet, isStderrTerminal, paintStderr } from '../streams.ts';
import type { CommandDefinition, LoadedCommand } from './command-definition.ts';

/**
 * What `--json` stands for.
 *
 * @param format - the value of `--format`, if that is given too
 * @throws OciSeccompError `ERR_USAGE` for another one
 */
export function formatOfJson(format: unknown): 'json' {
  if (format === undefined || format === 'json') return 'json';
  throw new OciSeccompError(
    'ERR_USAGE',
    `--json is short for --format json, and --format ${format} is given too`,
  );
}

/**
 * Runs a command with its words, once they are settled.
 *
 * @param isFormatGiven - whether `--format` is on the command line
 * @returns the exit code
 * @throws OciSeccompError `ERR_USAGE` for two formats, for options that no operand has a use for, and for an output over an input
 */
export async function runSettled(
  definition: CommandDefinition,
  run: NonNullable<LoadedCommand['run']>,
  operands: readonly string[],
  given: Readonly<Record<string, unknown>>,
  isFormatGiven: boolean,
): Promise<number> {
  const options = settle(given, isFormatGiven);
  if (options.object !== undefined || options.baseDir !== undefined) {
    const { requireUsesOfNames } = await import('./option-uses.ts');
    requireUsesOfNames(definition, operands, options);
  }
  if (definition.editsInPlace !== true && replaces(options.output)) {
    const { requireOtherOutput } = await import('./named-files.ts');
    requireOtherOutput(definition, operands, options);
  }
  return exitCodeOf(await run(operands, options));
}

/** Whether there is such a file already: only then can it be one that is read. */
function replaces(output: unknown): boolean {
  return (
    typeof output === 'string' && output !== '-' && process.getBuiltinModule('node:fs').existsSync(output)
  );
}

/**
 * The options as the command gets them. Also sets how standard error is written: quietly, in colours.
 *
 * @param isFormatGiven - whether `--format` is on the command line
 * @throws OciSeccompError `ERR_USAGE` for two formats
 */
export function settle(
  given: Readonly<Record<string, unknown>>,
  isFormatGiven: boolean,
): Record<string, unknown> {
  const { json, ...options }: Record<string, unknown> = given;
  if (json === true) options.format = formatOfJson(isFormatGiven ? options.format : undefined);
  if (options.quiet === true) beQuiet();
  const colors = createColors(true);
  if (wantsColor(process.env, isStderrTerminal(), options.color as ColorChoice | undefined)) {
    paintStderr((text) => paintLabels(text, colors));
  }
  return options;
}
