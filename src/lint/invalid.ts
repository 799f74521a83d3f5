/**
 * Findings of `invalid-profile`: problems that keep the profile from being used and that no rule has passed on.
 * @module
 */
import type { Consumer } from '../oci/consumers.ts';
import { blocks, type Problem } from '../oci/problems.ts';
import type { ReadProfileResult } from '../oci/validate.ts';
import type { Finding, Level, Range } from './finding.ts';
import { rangeOf } from './places.ts';

/**
 * Makes findings of the problems that block.
 *
 * @param found - what the rules have found: what is said there is not said again
 * @param readers - the engine and runtimes that the profile is for
 */
export function findInvalid(
  read: ReadProfileResult,
  file: string,
  found: readonly Finding[],
  readers: readonly Consumer[],
  level: Level,
): readonly Finding[] {
  if (level === 'off') return [];
  const said = new Set(found.flatMap(({ range }) => [range.pointer, `${range.line}:${range.column}`]));
  return read.problems
    .filter((problem) => isFatal(problem, readers) && !said.has(`${problem.line}:${problem.column}`))
    .filter(({ pointer }) => pointer === '' || !said.has(pointer))
    .map((problem) => {
      const { message, hint } = problem;
      const range = placeOf(problem, read, file);
      return { rule: 'invalid-profile', level, message, ...(hint === undefined ? {} : { hint }), range };
    });
}

/** Nobody rejects a profile under which nothing starts, yet it is an error. */
function isFatal(problem: Problem, readers: readonly Consumer[]): boolean {
  return blocks(problem, readers) || (problem.severity === 'error' && problem.rejectedBy?.length === 0);
}

/** The range of the value or key where the problem is at its start, else the one character that reading stopped at. */
function placeOf({ pointer, line, column }: Problem, { document }: ReadProfileResult, file: string): Range {
  for (const onKey of pointer === '' ? [] : [false, true]) {
    const range = rangeOf(document, file, pointer, onKey);
    if (range.line === line && range.column === column) return range;
  }
  return { file, pointer, line, column, endLine: line, endColumn: column + 1 };
}
