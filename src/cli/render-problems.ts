/**
 * Problems of profiles as people read them.
 * @module
 */
import type { Problem } from '../oci/problems.ts';

/** `file:line:column: error: message [code]`, the form editors and CI logs make links of, and the hint below. */
export function renderProblem(problem: Problem): string {
  const { file, line, column, severity, message, code, pointer, hint, rejectedBy } = problem;
  const who =
    severity === 'error' && rejectedBy !== undefined && rejectedBy.length > 0
      ? ` (rejected by ${rejectedBy.join(', ')})`
      : '';
  const where = pointer === '' ? '' : `\n    at ${pointer}`;
  const advice = hint === undefined ? '' : `\n    hint: ${hint}`;
  return `${file}:${line}:${column}: ${severity}: ${message}${who} [${code}]${where}${advice}\n`;
}

/** `2 errors and 1 warning`; `no problems`. */
export function countProblems(problems: readonly Problem[]): string {
  const errors = problems.filter(({ severity }) => severity === 'error').length;
  const parts = [plural(errors, 'error'), plural(problems.length - errors, 'warning')];
  const named = parts.filter((part) => !part.startsWith('0 '));
  return named.length === 0 ? 'no problems' : named.join(' and ');
}

/** `1 rule`, `2 rules`. */
export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
