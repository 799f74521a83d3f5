/**
 * `oci-seccomp lint`: what is wrong, weak or pointless in profiles.
 * @module
 */
import { defineCommand, type Run } from '../define/command-definition.ts';
import { lintOptions } from '../lint/lint-options.ts';

export const definition = defineCommand({
  description:
    'Finds rules that do not do what their author thinks, allow more than meant, break programs, or are badly written. Directories are searched for *.json, and for *.yaml and *.yml with SeccompProfile objects or profiles in ConfigMaps. Name a file of pods to see which profile each container gets.',
  arguments: [
    {
      name: 'profile',
      help: 'files, directories, globs, - for standard input, or built-in profiles (default: the directory where you are)',
      optional: true,
      variadic: true,
      kind: 'profile',
    },
  ],
  options: lintOptions,
  notes: [
    'Levels, hosts and more can be set in an oci-seccomp.config.json beside the profiles or above. Command-line options override the file.',
  ],
  exitCodes: {
    0: 'there is no finding of the level of --fail-on or a graver one',
    1: 'there is such a finding, or there are more warnings than --max-warnings allows',
    2: 'wrong usage',
    3: 'a file or libseccomp cannot be read',
  },
  examples: [
    {
      does: 'Lint all profiles below a folder; if one has an error, the exit code is 1',
      line: 'oci-seccomp lint profiles/',
    },
    {
      does: 'Lint for several hosts, runtimes and kernels; if there is an error, the exit code is 1',
      line: 'oci-seccomp lint profile.json --arch x86_64,aarch64 \\\n    --runtime all --kernel-range 5.4..6.18',
    },
    {
      does: 'Leave a rule out, and let every other warning fail: here the exit code is 1',
      line: "oci-seccomp lint 'profiles/**/*.json' \\\n    --rule default-allow=off --max-warnings 0",
    },
  ],
});

export const run: Run<typeof definition> = async (operands, options) =>
  (await import('../lint/lint-operands.ts')).lintOperands(operands.length === 0 ? ['.'] : operands, options);
