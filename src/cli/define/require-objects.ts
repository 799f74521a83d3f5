/**
 * Options about files with Kubernetes objects, where no operand is such a file.
 * @module
 */
import { listWords } from '../../abi/list-words.ts';
import { OciSeccompError } from '../../errors.ts';
import { namesBuiltin } from '../../oci/builtin/index.ts';
import { type ArgumentRow, type CommandDefinition, camelCase, type OptionRow } from './command-definition.ts';

/**
 * Refuses `--object` and `--base-dir` beside nothing but built-in profiles and processes. Of a file only its reader knows.
 *
 * @throws OciSeccompError `ERR_USAGE`
 */
export function requireObjects(
  definition: CommandDefinition,
  operands: readonly string[],
  options: Readonly<Record<string, unknown>>,
): void {
  const sources = sourcesOf(definition, operands, options);
  if (sources.length === 0 || !sources.every((each) => namesBuiltin(each) || /^pid:\d+$/.test(each))) return;
  const option = options.object === undefined ? '--base-dir' : '--object';
  throw new OciSeccompError(
    'ERR_USAGE',
    `${option} is for files with Kubernetes objects, not for ${listWords(sources)}`,
    { hint: `leave ${option} out` },
  );
}

/** The operands and values of options that name profiles or filters. */
function sourcesOf(
  { arguments: rows, options: known }: CommandDefinition,
  operands: readonly string[],
  options: Readonly<Record<string, unknown>>,
): readonly string[] {
  const named = operands.filter((_, at) => isSource(rows[Math.min(at, rows.length - 1)]));
  const given = Object.entries(known)
    .filter(([, row]) => isSource(row))
    .flatMap(([name]) => options[camelCase(name)] ?? []);
  return [...named, ...given.filter((each) => typeof each === 'string')];
}

function isSource(row: Pick<ArgumentRow | OptionRow, 'kind'> | undefined): boolean {
  return row?.kind === 'profile' || row?.kind === 'filter';
}
