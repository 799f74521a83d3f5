/**
 * Keys of a profile that nobody reads, in sentences with their places.
 * @module
 */
import { isUnread, type Problem } from '../../oci/problems.ts';

/** @param name - of the profile */
export function unreadLines(name: string, problems: readonly Problem[]): readonly string[] {
  return problems
    .filter(isUnread)
    .map(({ line, column, message }) => `${name}:${line}:${column}: ${message}`);
}
