/**
 * `oci-seccomp deny`: the smallest edit of a profile that stops a call.
 * @module
 */
import { defineCommand, type Run } from '../define/command-definition.ts';
import { editArguments, editExitCodes, editOptions } from '../define/edit-options.ts';

export const definition = defineCommand({
  description:
    'Edits the text of a profile so that a system call does not get through, and says what else changes. The layout of the text stays. The edited profile is compiled and compared before it is written.',
  arguments: editArguments,
  options: editOptions,
  exitCodes: editExitCodes,
  examples: [{ does: 'Deny a call', line: 'oci-seccomp deny my-profile.json ptrace -o my-profile.json' }],
});

export const run: Run<typeof definition> = async (operands, options) => {
  const { editProfile } = await import('../answers/edited-profile.ts');
  return editProfile(operands, 'deny', options);
};
