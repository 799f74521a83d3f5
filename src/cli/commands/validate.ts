/**
 * `oci-seccomp validate`: every problem of every profile, with its place.
 * @module
 */
import { statSync } from 'node:fs';
import { errorCodes, OciSeccompError } from '../../errors.ts';
import { builtinProfiles, isBuiltinName } from '../../oci/builtin/index.ts';
import type { Problem } from '../../oci/problems.ts';
import type { Dialect } from '../../oci/profile.ts';
import { readProfile } from '../../oci/validate.ts';
import { displayName, readInput } from '../input.ts';
import { renderError } from '../render-error.ts';
import { countProblems, plural, renderProblem } from '../render-problems.ts';
import { writeStderr, writeStdout } from '../streams.ts';

export interface ValidateCommandOptions {
  readonly dialect?: Dialect;
  readonly format: 'human' | 'json';
  readonly quiet?: boolean;
}

/** One file's result; `failure` is set, and the rest empty, if it could not be read. */
interface Report {
  readonly file: string;
  readonly dialect: Dialect | undefined;
  readonly problems: readonly Problem[];
  readonly failure?: OciSeccompError;
}

export async function runValidate(
  operands: readonly string[],
  options: ValidateCommandOptions,
): Promise<number> {
  const reports: Report[] = [];
  for (const operand of operands) {
    for (const file of await expand(operand)) reports.push(validateFile(file, options));
  }
  if (options.format === 'json') writeStdout(renderJson(reports));
  else renderHuman(reports);

  if (reports.some(({ failure }) => failure !== undefined)) return errorCodes.ERR_IO.exitCode;
  return reports.some(isInvalid) ? 1 : 0;
}

/** An operand as files: those that match a glob, the JSON files below a directory, else the operand itself. */
async function expand(operand: string): Promise<readonly string[]> {
  if (operand === '-' || isBuiltinName(operand)) return [operand];
  const found = statSync(operand, { throwIfNoEntry: false });
  if (found !== undefined && !found.isDirectory()) return [operand];
  const { glob, isDynamicPattern, escapePath } = await import('tinyglobby');
  const isPattern = found === undefined && isDynamicPattern(operand);
  if (found === undefined && !isPattern) return [operand];
  const files = await glob(isPattern ? operand : `${escapePath(operand)}/**/*.json`, {
    dot: true,
    expandDirectories: false,
  });
  if (files.length > 0) return files.sort();
  throw new OciSeccompError(
    'ERR_IO',
    isPattern ? `no file matches '${operand}'` : `there is no *.json file below ${operand}`,
  );
}

function validateFile(file: string, options: ValidateCommandOptions): Report {
  const name = displayName(file);
  // A built-in is data of this package; its tests hold it to the same checks.
  if (isBuiltinName(file)) return { file, dialect: builtinProfiles[file]().dialect, problems: [] };
  try {
    const { dialect } = options;
    const read = readProfile(readInput(file), { name, ...(dialect === undefined ? {} : { dialect }) });
    const shown =
      options.quiet === true ? read.problems.filter(({ severity }) => severity === 'error') : read.problems;
    return { file: name, dialect: read.dialect, problems: shown };
  } catch (error) {
    if (error instanceof OciSeccompError)
      return { file: name, dialect: undefined, problems: [], failure: error };
    throw error;
  }
}

function isInvalid({ problems }: Report): boolean {
  return problems.some(({ severity }) => severity === 'error');
}

function renderHuman(reports: readonly Report[]): void {
  for (const { problems, failure } of reports) {
    for (const problem of problems) writeStdout(renderProblem(problem));
    if (failure !== undefined) writeStderr(renderError(failure));
  }
  const unread = reports.filter(({ failure }) => failure !== undefined).length;
  const invalid = reports.filter(isInvalid).length;
  const valid = reports.length - unread - invalid;
  const counts = [
    `${valid} valid`,
    ...(invalid > 0 ? [`${invalid} invalid`] : []),
    ...(unread > 0 ? [`${unread} not readable`] : []),
  ];
  const problems = reports.flatMap((report) => report.problems);
  writeStderr(`${plural(reports.length, 'profile')}: ${counts.join(', ')}; ${countProblems(problems)}\n`);
}

function renderJson(reports: readonly Report[]): string {
  const files = reports.map(({ file, dialect, problems, failure }) => ({
    file,
    dialect: dialect ?? null,
    valid: failure === undefined && !problems.some(({ severity }) => severity === 'error'),
    problems,
    ...(failure === undefined ? {} : { failure: { code: failure.code, message: failure.message } }),
  }));
  return `${JSON.stringify({ files }, undefined, 2)}\n`;
}
