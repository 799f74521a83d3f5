/**
 * Lint and edits for users of the library. The rules, a third of the package, are imported when the first profile is linted, but
 * what callers hand in is read when they call.
 * @module
 */
import { takeText } from '../abi/check-values.ts';
import { list, type OptionKinds, plainText, takeOptions } from '../abi/take-options.ts';
import type { CallVerb } from '../compose/prove-call-edit.ts';
import { OciSeccompError } from '../errors.ts';
import { readingKinds } from '../oci/reading-kinds.ts';
import type { CallEdit } from './edit/edit-for-call.ts';
import type { CallEditOptions, CallToEdit } from './edit/edit-profile-text.ts';
import { type LintOptions, type LintResult, lintKinds } from './engine/lint-request.ts';

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
  const taken = takeOptions('lintProfile', options, lintKinds);
  const text = takeText(input, 'a profile');
  const engine = await import('./engine/lint-profile.ts');
  return engine.lintProfile(text, taken);
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
  const taken = takeOptions('lintProfiles', options, lintKinds);
  const text = takeText(input, 'a profile');
  const engine = await import('./engine/lint-profile.ts');
  return engine.lintProfiles(text, taken);
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
  return edit(input, 'allow', call, options);
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
  return edit(input, 'deny', call, options);
}

const callKinds: OptionKinds<CallToEdit> = { syscall: plainText, args: list };
const editKinds: OptionKinds<CallEditOptions> = {
  ...readingKinds,
  object: plainText,
  arch: plainText,
};

async function edit(
  input: string | Uint8Array,
  verb: CallVerb,
  call: CallToEdit,
  options: CallEditOptions,
): Promise<CallEdit> {
  const text = takeText(input, 'a profile');
  const asked = takeOptions('the call', call, callKinds);
  if (asked.syscall === undefined) {
    throw new OciSeccompError('ERR_USAGE', `the call of ${verb}Call has no syscall`, {
      hint: "give its name: { syscall: 'read' }",
    });
  }
  const taken = takeOptions(`${verb}Call`, options, editKinds);
  const { editCall } = await import('./edit/edit-profile-text.ts');
  return editCall(text, verb, asked, taken);
}
