/**
 * Problems of profiles as people read them.
 * @module
 */
import { markRuntime } from '../../consumers.ts';
import type { Severity } from '../../oci/problem-codes.ts';
import type { Problem } from '../../oci/problems.ts';
import type { RunscFinding } from '../../policy/read-by-runsc.ts';
import type { RUNSC } from '../../policy/runtimes.ts';
import { visibleText } from './safe-text.ts';

/** A problem of a profile, or what gVisor's runsc does with it. */
export type ShownProblem =
  | Problem
  | (Omit<Problem, 'code' | 'rejectedBy'> &
      Pick<RunscFinding, 'code'> & { rejectedBy?: readonly (typeof RUNSC)[] });

/** `file:line:column: error: message [code]`, the form editors and CI logs make links of, and the hint below. */
export function renderProblem(problem: ShownProblem): string {
  const { file, line, column, severity, message, code, pointer, hint, rejectedBy } = problem;
  const who =
    rejectedBy !== undefined && rejectedBy.length > 0
      ? ` (rejected by ${rejectedBy.map(markRuntime).join(', ')})`
      : '';
  const where = pointer === '' ? '' : `\n    at ${visibleText(shortened(pointer))}`;
  const advice = hint === undefined ? '' : `\n    hint: ${visibleText(hint)}`;
  return `${visibleText(file)}:${line}:${column}: ${severity}: ${visibleText(message)}${who} [${code}]${where}${advice}\n`;
}

/** A key can be as long as a file. JSON has the whole pointer. */
const LONGEST_POINTER = 200;

function shortened(pointer: string): string {
  return pointer.length > LONGEST_POINTER ? `${pointer.slice(0, LONGEST_POINTER - 3)}...` : pointer;
}

/** `2 errors and 1 warning`; `no problems`. */
export function countProblems(problems: readonly ShownProblem[]): string {
  const count = (wanted: Severity) => problems.filter(({ severity }) => severity === wanted).length;
  const named = countParts({ errors: count('error'), warnings: count('warning'), notes: count('note') });
  return named === '' ? 'no problems' : named;
}

/** `2 errors, 1 warning and 3 notes`; empty without problems. */
export function countParts({
  errors,
  warnings,
  notes,
}: {
  readonly errors: number;
  readonly warnings: number;
  readonly notes: number;
}): string {
  const parts = [plural(errors, 'error'), plural(warnings, 'warning'), plural(notes, 'note')];
  const named = parts.filter((part) => !part.startsWith('0 '));
  const last = named.pop() ?? '';
  return named.length === 0 ? last : `${named.join(', ')} and ${last}`;
}

/** `1 rule`, `2 rules`. */
export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
