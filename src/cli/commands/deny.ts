/**
 * `oci-seccomp deny`: the smallest edit of a profile after which a call does not get through.
 * @module
 */
import { defineCommand, type Run } from '../define/command-definition.ts';
import { editArguments, editExitCodes, editNotes, editOptions } from '../define/edit-options.ts';

export const definition = defineCommand({
  description:
    'Edits the text of a profile so that a system call does not get through, and says what else changes. The layout of the text stays.',
  editsInPlace: true,
  arguments: editArguments,
  options: editOptions,
  notes: editNotes,
  exitCodes: { 0: editExitCodes[0], 2: editExitCodes[2], 3: editExitCodes[3] },
  examples: [
    { does: 'Deny a call', line: 'oci-seccomp deny my-profile.json ptrace -o my-profile.json' },
    {
      does: 'Deny new user namespaces, whatever other flags are given',
      line: 'oci-seccomp deny my-profile.json clone any:CLONE_NEWUSER -o my-profile.json',
    },
    {
      does: "Write a copy of Docker's default that denies one call more, for docker run --security-opt seccomp=FILE",
      line: 'oci-seccomp deny docker-default chroot -o no-chroot.json',
    },
  ],
});

export const run: Run<typeof definition> = async (operands, options) => {
  const { runEdit } = await import('../answers/run-edit.ts');
  return runEdit(operands, 'deny', options, true);
};
