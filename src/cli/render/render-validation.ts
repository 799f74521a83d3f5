/**
 * The problems of profiles as text and as JSON.
 * @module
 */
import { objectName } from '../../pipeline/select-profile.ts';
import { isInvalid, type ProfileReport } from '../answers/validate-files.ts';
import { failureJson, printJson } from './print-json.ts';
import { countProblems, plural, renderProblem } from './render-problems.ts';
import type { renderWorkload } from './render-workload.ts';

/** Every problem, and for pods which profile each container gets. */
export function renderProblems(
  reports: readonly ProfileReport[],
  workload: typeof renderWorkload | undefined,
): string {
  return reports
    .flatMap(({ file, object, containers, problems }) => [
      ...problems.map(renderProblem),
      ...(object === undefined || containers === undefined || workload === undefined
        ? []
        : [workload({ file, object, containers })]),
    ])
    .join('');
}

/** `2 profiles: 1 valid, 1 invalid; 1 error` */
export function renderCounts(reports: readonly ProfileReport[]): string {
  const unread = reports.filter(({ failure }) => failure !== undefined).length;
  const invalid = reports.filter(isInvalid).length;
  const valid = reports.length - unread - invalid;
  const counts = [
    `${valid} valid`,
    ...(invalid > 0 ? [`${invalid} invalid`] : []),
    ...(unread > 0 ? [`${unread} not readable`] : []),
  ];
  const problems = reports.flatMap((report) => report.problems);
  // Nothing is known of a file that could not be read, so no count is printed.
  const found = problems.length === 0 && unread === reports.length ? '' : `; ${countProblems(problems)}`;
  return `${plural(reports.length, 'profile')}: ${counts.join(', ')}${found}\n`;
}

export function renderValidationJson(reports: readonly ProfileReport[]): string {
  const files = reports.map(({ file, object, containers, dialect, problems, failure }) => ({
    file,
    ...(object === undefined ? {} : { object: objectName(object) }),
    ...(containers === undefined ? {} : { containers }),
    dialect: dialect ?? null,
    valid: failure === undefined && !problems.some(({ severity }) => severity === 'error'),
    problems,
    ...(failure === undefined ? {} : { failure: failureJson(failure) }),
  }));
  return printJson({ files });
}
