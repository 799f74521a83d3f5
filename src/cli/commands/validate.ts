/**
 * `oci-seccomp validate`: every problem of every profile, with its place.
 * @module
 */
import { OciSeccompError } from '../../errors.ts';
import { builtinProfiles, isBuiltinName } from '../../oci/builtin/index.ts';
import type { Engine } from '../../oci/consumers.ts';
import { type Problem, severityFor } from '../../oci/problems.ts';
import type { Dialect } from '../../oci/profile.ts';
import { type KubernetesObject, readProfiles } from '../../oci/read-profiles.ts';
import { serializeProfile } from '../../oci/serialize.ts';
import { displayName, readInput } from '../../pipeline/read-input.ts';
import { objectName } from '../../pipeline/select-profile.ts';
import { type AskedReaders, readersOf } from '../../policy/readers.ts';
import { type Ending, judge } from '../exit-code.ts';
import { parseArchs, parseRuntimes } from '../lint/settings.ts';
import { expandOperand } from '../operands/operand-files.ts';
import { renderError } from '../render/render-error.ts';
import { countProblems, plural, renderProblem } from '../render/render-problems.ts';
import { writeStderr, writeStdout } from '../streams.ts';

export interface ValidateCommandOptions {
  readonly dialect?: Dialect;
  readonly engine?: Engine;
  readonly runtime?: readonly string[];
  readonly arch?: readonly string[];
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
): Promise<Ending> {
  const reports: Report[] = [];
  const asked = {
    engine: options.engine,
    runtimes: parseRuntimes(options.runtime),
    hosts: parseArchs(options.arch),
  };
  for (const operand of operands) reports.push(...(await validateOperand(operand, options, asked)));
  if (options.format === 'json') writeStdout(renderJson(reports));
  else renderHuman(reports);

  const failures = reports.flatMap(({ failure }) => (failure === undefined ? [] : [failure]));
  return judge(failures, !reports.some(isInvalid));
}

/** The reports of all files an operand stands for; one that stands for none is a failure of its own. */
async function validateOperand(
  operand: string,
  options: ValidateCommandOptions,
  asked: AskedReaders,
): Promise<readonly Report[]> {
  try {
    const reports: Report[] = [];
    for (const file of await expandOperand(operand))
      reports.push(...(await validateFile(file, options, asked)));
    return reports;
  } catch (error) {
    return [failed(displayName(operand), error)];
  }
}

async function validateFile(
  file: string,
  options: ValidateCommandOptions,
  asked: AskedReaders,
): Promise<readonly Report[]> {
  const name = displayName(file);
  try {
    const { dialect } = options;
    // A built-in is held to the same checks as a file, by way of the file it would be.
    const input = isBuiltinName(file) ? serializeProfile(builtinProfiles[file]()) : readInput(file);
    const found = await readProfiles(input, { name, ...(dialect === undefined ? {} : { dialect }) });
    const judged = found.map((each) => {
      const readers = readersOf(each.dialect ?? 'oci', asked);
      return {
        ...each,
        problems: each.problems.map((problem) => ({ ...problem, severity: severityFor(problem, readers) })),
      };
    });
    return judged.map(({ problems, dialect: read, object }) => ({
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
