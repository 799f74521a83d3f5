/**
 * What of a profile is not read, or otherwise than its program does, in sentences with their places.
 * @module
 */
import { isUnread, type Problem } from '../../oci/problems.ts';

/** Of a unit or a policy: its program filters more than is read, or less. */
const READ_OTHERWISE: ReadonlySet<string> = new Set(['filter-not-read', 'rule-left-out']);

/** @param name - of the profile */
export function unreadLines(name: string, problems: readonly Problem[]): readonly string[] {
  return problems
    .filter(
      (problem) => isUnread(problem) || (READ_OTHERWISE.has(problem.code) && problem.severity !== 'note'),
    )
    .map(({ line, column, message }) => `${name}:${line}:${column}: ${message}`);
}
