/**
 * `oci-seccomp union`: one profile that allows what any of several allows.
 * @module
 */
import { defineCommand, type Run } from '../define/command-definition.ts';
import {
  composeArguments,
  composeExitCodes,
  composeNotes,
  composeOptions,
} from '../define/compose-options.ts';

export const definition = defineCommand({
  description:
    'Writes the profile that gives every call the loosest verdict that one of the profiles gives it. Conditions on capabilities, kernels and architectures stay in it. The result is proven for every call.',
  editsInPlace: true,
  arguments: composeArguments,
  options: composeOptions,
  notes: composeNotes,
  exitCodes: composeExitCodes,
  examples: [
    {
      does: 'Make one profile for two programs of a container',
      line: 'oci-seccomp union my-profile.json baseline.json -o both.json',
    },
  ],
});

export const run: Run<typeof definition> = async (operands, options) => {
  const [{ runComposition }, { uniteProfiles }] = await Promise.all([
    import('../answers/run-composition.ts'),
    import('../../compose/compose-profiles.ts'),
  ]);
  return runComposition(operands, options, {
    verb: 'union',
    compose: uniteProfiles,
    wordsFor: (names) => ({
      result: `the union of ${names}`,
      meaning: 'gets the loosest verdict of the profiles',
    }),
  });
};
