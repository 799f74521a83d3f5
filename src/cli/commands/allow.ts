/**
 * `oci-seccomp allow`: the smallest edit of a profile after which a call gets through.
 * @module
 */
import { defineCommand, type Run } from '../define/command-definition.ts';
import { editArguments, editExitCodes, editNotes, editOptions } from '../define/edit-options.ts';

export const definition = defineCommand({
  description:
    'Edits the text of a profile so that a system call gets through, and says what else changes. The layout of the text stays.',
  editsInPlace: true,
  arguments: editArguments,
  options: { ...editOptions, force: { help: 'allow the call even if it is dangerous, with a warning' } },
  notes: editNotes,
  exitCodes: editExitCodes,
  examples: [
    { does: 'Allow a call', line: 'oci-seccomp allow my-profile.json getcpu -o my-profile.json' },
    {
      does: 'Allow it for one argument',
      line: 'oci-seccomp allow my-profile.json socket AF_VSOCK --force --diff',
    },
  ],
});

export const run: Run<typeof definition> = async (operands, options) => {
  const { runEdit } = await import('../answers/run-edit.ts');
  return runEdit(operands, 'allow', options, options.force === true);
};
