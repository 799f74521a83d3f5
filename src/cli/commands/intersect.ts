/**
 * `oci-seccomp intersect`: one profile that does what several do together.
 * @module
 */
import { defineCommand, type Run } from '../define/command-definition.ts';
import { composeExitCodes, composeOptions } from '../define/compose-options.ts';

export const definition = defineCommand({
  description:
    'Writes the profile that gives every call the strictest verdict that one of the profiles gives it, as if all were installed. Conditions on capabilities, kernels and architectures stay in it. The result is proven for every call.',
  arguments: [
    {
      name: 'profile',
      help: 'files, - for standard input, or built-in profiles',
      variadic: true,
      kind: 'profile',
    },
  ],
  options: composeOptions,
  notes: [
    'Verdicts from strict to loose: KILL_PROCESS, KILL_THREAD, TRAP, ERRNO, USER_NOTIF, TRACE, LOG, ALLOW. Of two errnos, that of the first profile counts.',
  ],
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
  return runComposition(operands, options, intersectProfiles, (names) => ({
    result: `the intersection of ${names}`,
    meaning: 'gets the strictest verdict of the profiles',
  }));
};
