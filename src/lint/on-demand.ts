/**
 * Lint for the package's root: the rules, a third of the package, are imported when the first profile is linted.
 * @module
 */
import type { LintOptions, LintResult } from './engine/lint-profile.ts';

/**
 * Lints the text of one profile. Nothing is thrown for bad input: what cannot be read is a finding.
 *
 * @param input - JSON or YAML, text or bytes
 * @returns findings in document order, with the place (lines and columns from 1) of each
 * @throws OciSeccompError `ERR_USAGE` for a runtime or a rule id that does not exist, and for a wrong rule of your own
 */
export async function lintProfile(
  input: string | Uint8Array,
  options: LintOptions = {},
): Promise<LintResult> {
  const engine = await import('./engine/lint-profile.ts');
  return engine.lintProfile(input, options);
}

/**
 * Lints every profile of a file, which may hold several (YAML documents, Kubernetes lists).
 *
 * @returns a result for each, in document order
 * @throws OciSeccompError as {@link lintProfile}
 */
export async function lintProfiles(
  input: string | Uint8Array,
  options: LintOptions = {},
): Promise<readonly LintResult[]> {
  const engine = await import('./engine/lint-profile.ts');
  return engine.lintProfiles(input, options);
}
