/**
 * What a command line names for a command to read, which its output must not replace.
 * @module
 */
import { OciSeccompError } from '../../errors.ts';
import { namesBuiltin } from '../../oci/builtin/index.ts';
import { statsOf } from '../../pipeline/files.ts';
import { displayName } from '../../pipeline/read-input.ts';
import { isOnePlace } from '../output.ts';
import { type CommandDefinition, camelCase, type ValueKind } from './command-definition.ts';

type Options = Readonly<Record<string, unknown>>;

/** The operands and values of options that are of one of these kinds. Options that say where output goes are left out. */
export function namedOf(
  { arguments: rows, options: known }: CommandDefinition,
  operands: readonly string[],
  options: Options,
  kinds: readonly ValueKind[],
): readonly string[] {
  const isOf = (row: { readonly kind?: ValueKind } | undefined) =>
    row?.kind !== undefined && kinds.includes(row.kind);
  const named = operands.filter((_, at) => isOf(rows[Math.min(at, rows.length - 1)]));
  const given = Object.entries(known)
    .filter(([name, row]) => isOf(row) && name !== 'output' && name !== 'report')
    .flatMap(([name]) => options[camelCase(name)] ?? []);
  return [...named, ...given.filter((each) => typeof each === 'string')];
}

/**
 * As {@link refuseOver}, of what the command line names.
 *
 * @throws OciSeccompError `ERR_USAGE`
 */
export function requireOtherOutput(
  definition: CommandDefinition,
  operands: readonly string[],
  options: Options,
): void {
  refuseOver(String(options.output), namedOf(definition, operands, options, ['file', 'profile', 'filter']));
}

/**
 * Refuses an output over an input, as gcc and cp do.
 *
 * @param output - a file, or `-`
 * @param inputs - names that a command reads: files, `-`, built-in profiles
 * @throws OciSeccompError `ERR_USAGE`
 */
export function refuseOver(output: string, inputs: readonly string[]): void {
  if (output === '-' || statsOf(output) === undefined) return;
  const isLost = (name: string) => isOnePlace(output, name === '-' ? '/dev/stdin' : name);
  const lost = inputs.find((each) => !namesBuiltin(each) && isLost(each));
  if (lost === undefined) return;
  throw new OciSeccompError('ERR_USAGE', `the output would replace ${displayName(lost)}, which is read`, {
    hint: 'write it to another file',
  });
}
