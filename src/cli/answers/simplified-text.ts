/**
 * The text of the input with the rules of the result. Its layout, its comments and everything beside the rules stay.
 * @module
 */
import { keyOfRule } from '../../compose/arrange-rules.ts';
import { OciSeccompError } from '../../errors.ts';
import type { CallEdit } from '../../lint/edit/edit-for-call.ts';
import { withMark } from '../../lint/edit/edit-profile-text.ts';
import { textWithRules, withYamlComments } from '../../lint/edit/text-with-rules.ts';
import type { Document } from '../../oci/document.ts';
import type { Profile, ProfileRule } from '../../oci/profile.ts';
import { statsOf } from '../../pipeline/files.ts';
import { type LoadedProfile, loadProfileBytes } from '../../pipeline/load-profile.ts';
import type { OptionsOf } from '../define/command-definition.ts';
import type { composeOptions } from '../define/compose-options.ts';
import { enginesOf } from './composed-profile.ts';
import { anew, type Writing } from './run-composition.ts';

type Options = OptionsOf<typeof composeOptions>;

/** A text before and after, or why it cannot be edited, so that the profile is written anew. */
type SimplifiedText = Pick<CallEdit, 'before' | 'after'> | { readonly reason: string };

/** The result in the text of the input, where that can be edited. */
export function inTextOfInput(options: Options): Writing {
  const { write: writeAnew } = anew(options);
  return {
    prepare: (input) => commented(input, options),
    write: async (composed) => {
      const [input] = composed.inputs;
      const { profile } = composed.composition;
      const edit = input === undefined ? undefined : await simplifyText(input, profile, options);
      if (input === undefined || edit === undefined) return writeAnew(composed);
      if ('after' in edit) return { text: edit.after, before: edit.before };
      const loss = lossOfText(input, edit.reason, options);
      return { ...(await writeAnew(composed)), loss };
    },
  };
}

/** The input with the comments of its text on its rules, if the result is to be written into its text. */
function commented(input: LoadedProfile, options: Options): LoadedProfile {
  const document = editable(input, options);
  const { profile } = input;
  if (document === undefined) return input;
  return { ...input, profile: { ...profile, rules: withYamlComments({ document, profile }) } };
}

/**
 * Gives the text of the input the rules of the result.
 *
 * @returns `undefined` if the input is no text, or the result is to have another form
 */
async function simplifyText(
  input: LoadedProfile,
  { rules }: Profile,
  options: Options,
): Promise<SimplifiedText | undefined> {
  const { source, operand, profile } = input;
  if (source === undefined || hasOtherForm(options)) return undefined;
  const document = editable(input, options);
  if (document === undefined) {
    const isOne = input.documents.length <= 1;
    return {
      reason: isOne
        ? 'the profile has to be JSON, a YAML object, or JSON in a literal block (key: |)'
        : 'its rules stand in several documents',
    };
  }
  const { dialect, object } = options;
  try {
    const after = textWithRules({ document, profile }, rules);
    const { profile: read } = await loadProfileBytes(operand, Buffer.from(after), dialect, enginesOf, {
      object,
    });
    // What is proven of the rules has to be true of the text.
    if (textOf(read.rules) !== textOf(rules)) return { reason: 'the text would be read otherwise' };
    return withMark(source.bytes, { before: document.text, after });
  } catch (error) {
    if (error instanceof OciSeccompError) return { reason: error.message };
    throw error;
  }
}

/** The text that the result can be written into: not one of several that the profile is made of. */
function editable({ source, documents }: LoadedProfile, options: Options): Document | undefined {
  const document = source?.document;
  return hasOtherForm(options) || documents.length > 1 || document?.syntax === 'other' ? undefined : document;
}

function hasOtherForm({ to, format, for: hosts }: Options): boolean {
  return to !== undefined || format !== undefined || hosts !== undefined;
}

/**
 * What is lost where a text cannot be edited, in a line.
 *
 * @throws OciSeccompError `ERR_INEXPRESSIBLE` if the profile would be written over its own text
 */
function lossOfText(
  { operand, name }: LoadedProfile,
  reason: string,
  { output, diff }: Options & { readonly diff?: true },
): string {
  const [own, other] = [statsOf(operand), statsOf(output)];
  if (own !== undefined && own.ino === other?.ino && own.dev === other.dev) {
    throw new OciSeccompError('ERR_INEXPRESSIBLE', `${name} cannot be edited in place: ${reason}`, {
      hint: 'write the profile to another file; it is then the profile alone, as JSON',
    });
  }
  if (diff === true)
    return `${name} cannot be edited: ${reason}\nthe patch is of the profile as JSON, and does not apply to ${name}\n`;
  return `${name} cannot be edited: ${reason}\nwritten anew as JSON: the profile alone, without the layout, the comments and what else stands in ${name}\n`;
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
