/**
 * `oci-seccomp allow`: the smallest edit of a profile that lets a call through.
 * @module
 */
import { defineCommand, type Run } from '../define/command-definition.ts';
import { editArguments, editExitCodes, editOptions } from '../define/edit-options.ts';

export const definition = defineCommand({
  description:
    'Edits the text of a profile so that a system call gets through, and says what else changes. The layout of the text stays. The edited profile is compiled and compared before it is written.',
  arguments: editArguments,
  options: { ...editOptions, force: { help: 'allow a call that is dangerous too, with a warning' } },
  exitCodes: editExitCodes,
  examples: [
    { does: 'Allow a call', line: 'oci-seccomp allow my-profile.json chroot --force -o my-profile.json' },
    {
      does: 'Allow it for one argument',
      line: 'oci-seccomp allow my-profile.json socket AF_VSOCK --force --diff',
    },
  ],
});

export const run: Run<typeof definition> = async (operands, options) => {
  const { editProfile } = await import('../answers/edited-profile.ts');
  return editProfile(operands, 'allow', options);
};
