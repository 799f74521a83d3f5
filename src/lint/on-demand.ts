/**
 * Lint and edits for the package's root. The rules, a third of the package, are imported when the first profile is linted.
 * @module
 */
import type { CallEdit } from './edit/edit-for-call.ts';
import type { CallEditOptions, CallToEdit } from './edit/edit-profile-text.ts';
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

/**
 * Finds the smallest edit of a profile's text after which a call gets through, on every host and with every runtime. The
 * layout of the text stays. A dangerous call is allowed too: see `dangers`.
 *
 * @param input - JSON or YAML, text or bytes
 * @throws OciSeccompError `ERR_INEXPRESSIBLE` if no small edit is proven to change this call alone; `ERR_USAGE` for a call
 *   or a name that does not exist, and for a form that cannot be edited; `ERR_PROFILE_*` for a profile that its engine or a
 *   runtime refuses; `ERR_UNDECIDED`
 */
export async function allowCall(
  input: string | Uint8Array,
  call: CallToEdit,
  options: CallEditOptions = {},
): Promise<CallEdit> {
  const edits = await import('./edit/edit-profile-text.ts');
  return edits.allowCall(input, call, options);
}

/**
 * Finds the smallest edit of a profile's text after which a call does not get through, as {@link allowCall}.
 *
 * @param input - JSON or YAML, text or bytes
 * @throws OciSeccompError as {@link allowCall}
 */
export async function denyCall(
  input: string | Uint8Array,
  call: CallToEdit,
  options: CallEditOptions = {},
): Promise<CallEdit> {
  const edits = await import('./edit/edit-profile-text.ts');
  return edits.denyCall(input, call, options);
}
