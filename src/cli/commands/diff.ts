/**
 * `oci-seccomp diff`: what one filter does otherwise than another, exactly.
 * @module
 */
import { defineCommand, type Run } from '../define/command-definition.ts';
import {
  ENVIRONMENT_CODE,
  FILTER_HELP,
  formatOptions,
  meaningOptions,
  namesOf,
  otherOptions,
  reportOptions,
  verboseCalls,
} from '../define/shared-options.ts';
import { answer } from '../exit-code.ts';
import type { ComparisonFormat } from '../render/render-comparison.ts';

export const definition = defineCommand({
  description:
    'Compares two filters for every call there can be: the system calls that the second treats otherwise, when, and a call that shows it.',
  arguments: [
    { name: 'filter', help: FILTER_HELP, kind: 'filter' },
    {
      name: 'other',
      help: 'the second filter (default: the first with the --other options)',
      optional: true,
      kind: 'filter',
    },
  ],
  options: {
    ...meaningOptions,
    ...otherOptions,
    'fail-on': {
      value: 'change',
      help: 'changes that make the exit code 1',
      choices: ['looser', 'stricter', 'any'],
      default: 'any',
    },
    ...formatOptions(namesOf<ComparisonFormat>({ human: true, json: true, markdown: true }), 'human'),
    verbose: verboseCalls,
    ...reportOptions,
  },
  exitCodes: {
    0: 'they are equal, or have no such difference as --fail-on names',
    1: 'they have, or a process has no filter; a call that cannot be decided counts as different',
    2: 'wrong usage, or one of them cannot be read as a filter',
    3: ENVIRONMENT_CODE,
  },
  examples: [
    {
      does: "Compare Docker's default with Podman's: they differ, so the exit code is 1",
      line: 'oci-seccomp diff docker-default podman-default',
    },
    {
      does: 'Comment a pull request; with a looser profile the exit code is 1',
      line: 'oci-seccomp diff old.json new.json --fail-on looser --format markdown',
    },
    {
      does: 'Compare what runc and crun make of a profile; here the exit code is 1',
      line: 'oci-seccomp diff profile.json --other-runtime crun',
    },
    {
      does: 'Compare a profile with a live process; if they differ, the exit code is 1',
      line: 'oci-seccomp diff profile.json pid:1234',
    },
  ],
});

export const run: Run<typeof definition> = async (operands, options) => {
  const [{ loadPair }, { compareFilters, countedDifferences }, { renderComparison }, { writeReport }] =
    await Promise.all([
      import('../operands/filter-pair.ts'),
      import('../answers/compare-filters.ts'),
      import('../render/render-comparison.ts'),
      import('../output.ts'),
    ]);
  const comparison = compareFilters(await loadPair(operands, options));
  const verbose = options.verbose === true;
  await writeReport(renderComparison(comparison, options.format, { verbose }), options);
  return answer(countedDifferences(comparison.differences, options.failOn).length === 0);
};
