/**
 * `oci-seccomp subset`: is everything that one filter allows within another?
 * @module
 */
import { defineCommand, type Run } from '../define/command-definition.ts';
import {
  ENVIRONMENT_CODE,
  FILTER_HELP,
  meaningOptions,
  otherOptions,
  reportOptions,
  textOrJson,
  verboseCalls,
} from '../define/shared-options.ts';
import { answer } from '../exit-code.ts';

export const definition = defineCommand({
  description:
    'Says whether the first filter is at least as strict as the second for every call: a proof, or the calls that get a looser verdict.',
  arguments: [
    { name: 'inner', help: FILTER_HELP, kind: 'filter' },
    {
      name: 'outer',
      help: 'the filter that should contain it (default: the first with the --other options)',
      optional: true,
      kind: 'filter',
    },
  ],
  options: {
    ...meaningOptions,
    ...otherOptions,
    verbose: verboseCalls,
    ...textOrJson,
    ...reportOptions,
  },
  notes: [
    'Verdicts from strict to loose: KILL_PROCESS, KILL_THREAD, TRAP, ERRNO, USER_NOTIF, TRACE, LOG, ALLOW.',
  ],
  exitCodes: {
    0: 'the first is within the second',
    1: 'it is not, that cannot be proven, or a process has no filter',
    2: 'wrong usage, or one of them cannot be read as a filter',
    3: ENVIRONMENT_CODE,
  },
  examples: [
    {
      does: "Prove that a profile is at least as strict as Docker's default; if it is not, the exit code is 1",
      line: 'oci-seccomp subset my-profile.json docker-default',
    },
    {
      does: 'Hold a live process to a baseline; if its filters allow more, the exit code is 1',
      line: 'oci-seccomp subset pid:1234 baseline.json',
    },
  ],
});

export const run: Run<typeof definition> = async (operands, options) => {
  const [{ loadPair, preferredOf }, { compareFilters, countedDifferences }, render, { writeReport }] =
    await Promise.all([
      import('../operands/filter-pair.ts'),
      import('../answers/compare-filters.ts'),
      import('../render/render-comparison.ts'),
      import('../output.ts'),
    ]);
  const [inner, outer] = await loadPair(operands, options);
  // Where the inner one is looser than the outer, it sticks out.
  const comparison = compareFilters([outer, inner], ['looser', 'unknown'], preferredOf([inner, outer]));
  const outside = countedDifferences(comparison.differences, 'looser');
  const found = { comparison, outside };
  const verbose = options.verbose === true;
  const isJson = options.format === 'json';
  const text = isJson ? render.renderSubsetJson(found) : render.renderSubset(found, { verbose });
  await writeReport(text, options);
  return answer(outside.length === 0);
};
