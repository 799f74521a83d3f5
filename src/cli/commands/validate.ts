/**
 * `oci-seccomp validate`: every problem of every profile, with its place.
 * @module
 */
import { statSync } from 'node:fs';
import { errorCodes, OciSeccompError } from '../../errors.ts';
import { builtinProfiles, isBuiltinName } from '../../oci/builtin/index.ts';
import type { Problem } from '../../oci/problems.ts';
import type { Dialect } from '../../oci/profile.ts';
import { MAX_DOCUMENT_SIZE } from '../../oci/read-json.ts';
import { type KubernetesObject, readProfiles } from '../../oci/read-profiles.ts';
import { serializeProfile } from '../../oci/serialize.ts';
import { displayName, readInput } from '../input.ts';
import { renderError } from '../render-error.ts';
import { countProblems, plural, renderProblem } from '../render-problems.ts';
import { objectName } from '../select-profile.ts';
import { writeStderr, writeStdout } from '../streams.ts';

export interface ValidateCommandOptions {
  readonly dialect?: Dialect;
  readonly format: 'human' | 'json';
  readonly quiet?: boolean;
}

/** One profile's result, of which a file of Kubernetes objects has several; `failure` is set, and the rest empty, if it could not be read. */
interface Report {
  readonly file: string;
  readonly object?: KubernetesObject;
  readonly dialect: Dialect | undefined;
  readonly problems: readonly Problem[];
  readonly failure?: OciSeccompError;
}

export async function runValidate(
  operands: readonly string[],
  options: ValidateCommandOptions,
): Promise<number> {
  const reports: Report[] = [];
  for (const operand of operands) reports.push(...(await validateOperand(operand, options)));
  if (options.format === 'json') writeStdout(renderJson(reports));
  else renderHuman(reports);

  if (reports.some(({ failure }) => failure !== undefined)) return errorCodes.ERR_IO.exitCode;
  return reports.some(isInvalid) ? 1 : 0;
}

/** The reports of all files an operand stands for; one that stands for none is a failure of its own. */
async function validateOperand(operand: string, options: ValidateCommandOptions): Promise<readonly Report[]> {
  try {
    const reports: Report[] = [];
    for (const file of await expand(operand)) reports.push(...(await validateFile(file, options)));
    return reports;
  } catch (error) {
    return [failed(displayName(operand), error)];
  }
}

/** An operand as files: those that match a glob, the JSON files below a directory, else the operand itself. */
async function expand(operand: string): Promise<readonly string[]> {
  if (operand === '-' || isBuiltinName(operand)) return [operand];
  const kind = fileKind(operand);
  if (kind === 'file') return [operand];
  const { glob, isDynamicPattern, escapePath } = await import('tinyglobby');
  const isDirectory = kind === 'directory';
  // What is neither there nor a pattern is reported when it is read.
  if (!isDirectory && !isDynamicPattern(operand)) return [operand];
  const pattern = isDirectory ? `${escapePath(operand)}/**/*.{json,yaml,yml}` : operand;
  const matching = await glob(pattern, { dot: true, expandDirectories: false });
  const files = isDirectory ? matching.filter(mayHoldProfile) : matching;
  if (files.length > 0) return files.sort();
  throw new OciSeccompError(
    'ERR_IO',
    isDirectory
      ? `there is no profile below ${operand}: no *.json, and no *.yaml with a SeccompProfile`
      : `no file matches '${operand}'`,
  );
}

/** Among the many YAML files that a directory may hold, those with profiles. */
function mayHoldProfile(file: string): boolean {
  if (file.endsWith('.json')) return true;
  try {
    const text = new TextDecoder().decode(readInput(file, MAX_DOCUMENT_SIZE));
    return /^[ \t-]*kind:\s*["']?SeccompProfile(?:List)?\b|"defaultAction\\?"\s*:/m.test(text);
  } catch {
    return true;
  }
}

/** `undefined` for a path that leads nowhere, or cannot be followed. */
function fileKind(path: string): 'file' | 'directory' | undefined {
  try {
    return statSync(path).isDirectory() ? 'directory' : 'file';
  } catch {
    return undefined;
  }
}

async function validateFile(file: string, options: ValidateCommandOptions): Promise<readonly Report[]> {
  const name = displayName(file);
  try {
    const { dialect } = options;
    // A built-in is held to the same checks as a file, by way of the file it would be.
    const input = isBuiltinName(file) ? serializeProfile(builtinProfiles[file]()) : readInput(file);
    const found = await readProfiles(input, { name, ...(dialect === undefined ? {} : { dialect }) });
    return found.map(({ problems, dialect: read, object }) => ({
      file: name,
      ...(object === undefined ? {} : { object }),
      dialect: read,
      problems: options.quiet === true ? problems.filter(({ severity }) => severity === 'error') : problems,
    }));
  } catch (error) {
    return [failed(name, error)];
  }
}

function failed(file: string, error: unknown): Report {
  if (!(error instanceof OciSeccompError)) throw error;
  return { file, dialect: undefined, problems: [], failure: error };
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
  // Of what could not be read nothing is known.
  const found = problems.length === 0 && unread === reports.length ? '' : `; ${countProblems(problems)}`;
  writeStderr(`${plural(reports.length, 'profile')}: ${counts.join(', ')}${found}\n`);
}

function renderJson(reports: readonly Report[]): string {
  const files = reports.map(({ file, object, dialect, problems, failure }) => ({
    file,
    ...(object === undefined ? {} : { object: objectName(object) }),
    dialect: dialect ?? null,
    valid: failure === undefined && !problems.some(({ severity }) => severity === 'error'),
    problems,
    ...(failure === undefined ? {} : { failure: { code: failure.code, message: failure.message } }),
  }));
  return `${JSON.stringify({ files }, undefined, 2)}\n`;
}
