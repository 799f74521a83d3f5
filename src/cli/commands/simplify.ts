/**
 * `oci-seccomp simplify`: the same profile in fewer rules.
 * @module
 */
import { defineCommand, type Run } from '../define/command-definition.ts';
import { composeExitCodes, composeOptions } from '../define/compose-options.ts';

export const definition = defineCommand({
  description:
    'Writes a profile with the same meaning and fewer rules: without rules that have no effect, with rules of one action and condition made one, and with the fewest comparisons that were found. Rules with different comments stay apart. The result is the text of the input with other rules: its layout and all else in it stay. The result is proven for every call.',
  editsInPlace: true,
  arguments: [
    { name: 'profile', help: 'a file, - for standard input, or a built-in profile', kind: 'profile' },
  ],
  options: {
    ...composeOptions,
    to: {
      ...composeOptions.to,
      help: 'write the profile anew, in this form (default: the text of the input, with other rules)',
    },
    format: { ...composeOptions.format, help: 'write the profile anew, as JSON or, for kubernetes, as YAML' },
    'keep-order': {
      help: 'keep the order of rules and names: a new rule stands where the rules that it replaces stood, and only neighbours become one rule',
      conflicts: ['check'],
    },
    diff: {
      help: 'print a patch of the input in place of the whole text',
      conflicts: ['check'],
    },
  },
  exitCodes: composeExitCodes,
  examples: [
    { does: 'Simplify a profile', line: 'oci-seccomp simplify my-profile.json -o simple.json' },
    {
      does: 'Leave out what has no effect, and keep everything where it stands',
      line: 'oci-seccomp simplify my-profile.json --keep-order -o simple.json',
    },
    { does: 'See which rules change', line: 'oci-seccomp simplify my-profile.json --diff' },
  ],
});

export const run: Run<typeof definition> = async (operands, options) => {
  const [{ runComposition }, { inTextOfInput }, { simplifyProfile }] = await Promise.all([
    import('../answers/run-composition.ts'),
    import('../answers/simplified-text.ts'),
    import('../../compose/compose-profiles.ts'),
  ]);
  return runComposition(operands, options, {
    verb: 'simplify',
    compose: ([profile], how) =>
      simplifyProfile(profile ?? noProfile(), { ...how, keepOrder: options.keepOrder === true }),
    wordsFor: (names) => ({ result: `${names}, simplified`, meaning: 'keeps its verdict' }),
    writing: inTextOfInput(options),
  });
};

function noProfile(): never {
  throw new RangeError('the parser lets no command without its operand through');
}
