/**
 * Edits a profile for `allow` and `deny`, and writes it with what there is to say.
 * @module
 */
import type { CallVerb } from '../../compose/prove-call-edit.ts';
import { namesBuiltin } from '../../oci/builtin/index.ts';
import { displayName } from '../../pipeline/read-input.ts';
import type { OptionsOf } from '../define/command-definition.ts';
import type { editOptions } from '../define/edit-options.ts';
import type { Ending } from '../exit-code.ts';
import { paintDiff, unifiedDiff } from '../lint/unified-diff.ts';
import { reportColors, writeFindings, writeOutput } from '../output.ts';
import { renderEdit, renderEditJson, renderRefusal } from '../render/render-edit.ts';
import { writeAside } from '../streams.ts';
import { editProfile } from './edited-profile.ts';

/** @param isForced - dangerous calls are allowed, with a warning */
export async function runEdit(
  operands: readonly string[],
  verb: CallVerb,
  options: OptionsOf<typeof editOptions>,
  isForced: boolean,
): Promise<Ending> {
  const isJson = options.format === 'json';
  // A patch or a report is no profile: it replaces none.
  if (isJson || options.diff === true) {
    const { refuseOver } = await import('../define/named-files.ts');
    refuseOver(options.output, operands.slice(0, 1));
  }
  const edit = await editProfile(operands, verb, options);
  const name = namesBuiltin(edit.file) ? `a copy of ${edit.file}` : displayName(edit.file);
  const isRefused = !isForced && edit.dangers.some(({ isMeant }) => isMeant);
  if (isJson) await writeFindings(renderEditJson(edit, displayName(edit.file), isRefused), options);
  if (isRefused) {
    if (!isJson) writeAside(renderRefusal(edit, name));
    return 'no';
  }
  if (!isJson) {
    const text =
      options.diff === true
        ? paintDiff(unifiedDiff(displayName(edit.file), edit.before, edit.after), reportColors(options))
        : edit.after;
    writeOutput(options.output, text);
    if (options.quiet !== true) writeAside(renderEdit(edit, name));
  }
  return 'yes';
}
