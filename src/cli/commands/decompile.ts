/**
 * `oci-seccomp decompile`: a profile from a filter.
 * @module
 */
import { defineCommand, type Run } from '../define/command-definition.ts';
import {
  color,
  documentOptions,
  ENVIRONMENT_CODE,
  endian,
  namesOf,
  output,
  PROGRAM_HELP,
  proofReport,
  quiet,
} from '../define/shared-options.ts';

export const definition = defineCommand({
  description:
    'Writes a profile that does what a filter does, proven for every call. A profile says less than a program can: with --stricter, calls that it cannot tell apart get a stricter verdict and are listed; without it, nothing is written.',
  arguments: [{ name: 'program', help: PROGRAM_HELP, kind: 'filter' }],
  options: {
    to: {
      value: 'form',
      help: 'what to write',
      choices: namesOf<'oci' | 'kubernetes'>({ oci: true, kubernetes: true }),
      default: 'oci',
    },
    ...documentOptions,
    name: { value: 'name', help: 'metadata.name of a SeccompProfile' },
    arch: {
      short: 'a',
      value: 'arch',
      help: 'architecture of the machine (default: x86_64 if the filter knows it, else told from the filter)',
      kind: 'arch',
    },
    endian,
    stricter: {
      help: 'write a profile that is as strict or stricter, and list what is not the same',
    },
    output,
    report: proofReport,
    quiet: { ...quiet, help: 'print no summary' },
    color,
  },
  exitCodes: {
    0: 'the profile is written',
    1: 'the process has no filter',
    2: 'wrong usage, not a program, or no profile was found that does the same',
    3: ENVIRONMENT_CODE,
  },
  examples: [
    {
      does: 'Write a profile that is at least as strict as the filters of a running process',
      line: 'oci-seccomp decompile pid:1234 --stricter -o decompiled.json',
    },
  ],
});

export const run: Run<typeof definition> = async ([operand = '-'], options) => {
  const [
    { decompileOperand },
    { requireTwoOutputs, writeOutput, writeProof },
    { renderDecompiled, renderDecompiledReport },
    { writeAside },
  ] = await Promise.all([
    import('../answers/decompiled-profile.ts'),
    import('../output.ts'),
    import('../render/render-decompiled.ts'),
    import('../streams.ts'),
  ]);
  requireTwoOutputs(options, [operand]);
  const { name, decompiled, text, warnings } = await decompileOperand(operand, options);
  for (const warning of warnings) writeAside(`warning: ${warning}\n`);
  writeOutput(options.output, text);
  writeProof(renderDecompiledReport(name, decompiled, warnings), options);
  if (options.quiet !== true) writeAside(renderDecompiled(name, decompiled));
  return 'yes';
};
