/**
 * Files that a search for profiles passes over.
 * @module
 */
import type { ReadProfileResult } from '../../oci/read-profile-tree.ts';

const others: readonly string[] = ['not-a-profile', 'foreign-file', 'kubernetes-dialect', 'yaml-document'];

/** Whether a file is something else than a profile. A search passes it over without a finding. */
export function isOtherDocument({
  profile,
  problems,
}: Pick<ReadProfileResult, 'profile' | 'problems'>): boolean {
  return profile === undefined && problems.some(({ code }) => others.includes(code));
}
