/**
 * `oci-seccomp intersect`: one profile that does what several do together.
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
    'Writes the profile that gives every call the strictest verdict that one of the profiles gives it, as if all were installed. Conditions on capabilities, kernels and architectures stay in it. The result is proven for every call.',
  editsInPlace: true,
  arguments: composeArguments,
  options: composeOptions,
  notes: composeNotes,
  exitCodes: composeExitCodes,
  examples: [
    {
      does: "Keep a profile within Docker's default",
      line: 'oci-seccomp intersect my-profile.json docker-default -o within.json',
    },
    {
      does: 'Fail in CI if a committed intersection is no longer what it should be (exit code 1)',
      line: 'oci-seccomp intersect my-profile.json docker-default --check within.json',
    },
  ],
});

export const run: Run<typeof definition> = async (operands, options) => {
  const [{ runComposition }, { intersectProfiles }] = await Promise.all([
    import('../answers/run-composition.ts'),
    import('../../compose/compose-profiles.ts'),
  ]);
  return runComposition(operands, options, {
    verb: 'intersect',
    compose: intersectProfiles,
    wordsFor: (names) => ({
      result: `the intersection of ${names}`,
      meaning: 'gets the strictest verdict of the profiles',
    }),
  });
};
