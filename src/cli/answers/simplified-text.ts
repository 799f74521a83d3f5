/**
 * The text that was simplified, with the rules of the result: its layout, its comments and all that is no profile stay.
 * @module
 */
import { keyOfRule } from '../../compose/arrange-rules.ts';
import { OciSeccompError } from '../../errors.ts';
import type { CallEdit } from '../../lint/edit/edit-for-call.ts';
import { withMark } from '../../lint/edit/edit-profile-text.ts';
import { textWithRules, withYamlComments } from '../../lint/edit/text-with-rules.ts';
import type { Document } from '../../oci/document.ts';
import type { Profile, ProfileRule } from '../../oci/profile.ts';
import { type LoadedProfile, loadProfileBytes } from '../../pipeline/load-profile.ts';
import type { OptionsOf } from '../define/command-definition.ts';
import type { composeOptions } from '../define/compose-options.ts';
import { enginesOf } from './composed-profile.ts';

type Options = Pick<OptionsOf<typeof composeOptions>, 'to' | 'format' | 'for' | 'dialect' | 'object'>;

/** A text before and after. */
export type SimplifiedText = Pick<CallEdit, 'before' | 'after'>;

/** The input with the comments of its text on its rules, if the result is to be written into its text. */
export function commented(input: LoadedProfile, options: Options): LoadedProfile {
  const document = editable(input, options);
  const { profile } = input;
  if (document === undefined) return input;
  return { ...input, profile: { ...profile, rules: withYamlComments({ document, profile }) } };
}

/**
 * Gives the text of the input the rules of the result.
 *
 * @returns `undefined` if the result is to have another form, or this text cannot be edited: then the profile is written anew
 */
export async function simplifyText(
  input: LoadedProfile,
  { rules }: Profile,
  options: Options,
): Promise<SimplifiedText | undefined> {
  const { source, operand, profile } = input;
  const document = editable(input, options);
  if (source === undefined || document === undefined) return undefined;
  const { dialect, object } = options;
  try {
    const after = textWithRules({ document, profile }, rules);
    const { profile: read } = await loadProfileBytes(operand, Buffer.from(after), dialect, enginesOf, {
      object,
    });
    // What is proven of the rules has to be true of the text.
    if (textOf(read.rules) !== textOf(rules)) return undefined;
    return withMark(source.bytes, { before: document.text, after });
  } catch (error) {
    if (error instanceof OciSeccompError) return undefined;
    throw error;
  }
}

/** The text that the result can be written into: not one of several that the profile is made of, and not another form. */
function editable(
  { source, documents }: LoadedProfile,
  { to, format, for: hosts }: Options,
): Document | undefined {
  const document = source?.document;
  const hasOtherForm = to !== undefined || format !== undefined || hosts !== undefined;
  return hasOtherForm || documents.length > 1 || document?.syntax === 'other' ? undefined : document;
}

/** What rules say, whatever form the names have. */
function textOf(rules: readonly ProfileRule[]): string {
  const said = rules.map((rule) => {
    const { name, comment: _, ...own } = rule;
    const names = rule.names.length === 0 && name !== undefined ? [name] : rule.names;
    return [names, keyOfRule({ ...own, names })];
  });
  return JSON.stringify(said);
}
