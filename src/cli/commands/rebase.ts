/**
 * `oci-seccomp rebase`: a copy of a default profile, with its author's changes, on a newer default.
 * @module
 */
import type { Dialect } from '../../oci/profile.ts';
import { defineCommand, type Run } from '../define/command-definition.ts';
import {
  dialect,
  hostOptions,
  output,
  PROFILE_HELP,
  quiet,
  reportOptions,
  textOrJson,
  USAGE_CODE,
  verboseCalls,
} from '../define/shared-options.ts';
import { answer } from '../exit-code.ts';

export const definition = defineCommand({
  description:
    'Finds which default profile a profile was copied from, and writes a newer default with the changes of its author. It proves for every call that what was changed from the old default is what differs from the new.',
  arguments: [{ name: 'profile', help: PROFILE_HELP, kind: 'profile' }],
  options: {
    onto: {
      value: 'default',
      help: 'the newer default: docker-default, podman-default, containerd-default, crio-default, or that of a release (default: the newest of the engine that it was copied from)',
    },
    from: {
      value: 'default',
      help: 'the default that it was copied from, such as docker-default@20.10 (default: it is found)',
    },
    'on-conflict': {
      value: 'winner',
      help: 'who wins where the author and the new default changed the same; fail: write nothing, the exit code is 1',
      choices: ['yours', 'default', 'fail'],
      default: 'yours',
    },
    check: { help: 'write no profile: the exit code is 1 if the new default has something that it lacks' },
    dialect,
    object: hostOptions.object,
    'base-dir': hostOptions['base-dir'],
    ...textOrJson,
    verbose: verboseCalls,
    ...reportOptions,
    output: { ...output, help: 'write the profile to this file; - is standard output' },
    quiet: { ...quiet, help: 'print no summary' },
  },
  notes: [
    'The result has the rules of the new default, in their order and with their comments. It is written in the dialect of the profile; resolve --to converts it. Without conditions, as in a profile of runtime-spec, the default is taken as Docker resolves it for a container on x86_64.',
    'With --format json the output is a report that contains the profile.',
  ],
  exitCodes: {
    0: 'the profile is written; with --check: it has all that the new default has',
    1: 'with --check: it lacks something; with --on-conflict fail: there is a conflict; or the result is not proven',
    2: `${USAGE_CODE}, or the profile is no copy of a default`,
    3: 'a file that cannot be read or written',
  },
  examples: [
    {
      does: "Put a copy of Docker's default onto the newest one",
      line: 'oci-seccomp rebase profile.json --onto docker-default -o rebased.json',
    },
    {
      does: 'Hold a copy to the newest default in CI; if it is behind, the exit code is 1',
      line: 'oci-seccomp rebase profile.json --check',
    },
    {
      does: 'See what a move from one release to another would change, as data',
      line: 'oci-seccomp rebase docker-default@20.10 --onto docker-default@28.0 --json',
    },
  ],
});

export const run: Run<typeof definition> = async ([operand = '-'], options) => {
  const [
    { loadProfile },
    { rebasedText, rebaseOnto },
    { readersFor },
    { renderRebase, renderRebaseJson },
    { writeOutput, writeReport },
  ] = await Promise.all([
    import('../../pipeline/load-profile.ts'),
    import('../../pipeline/rebase-onto.ts'),
    import('../../policy/profile-readers.ts'),
    import('../render/render-rebase.ts'),
    import('../output.ts'),
  ]);
  const { parseRuntime } = await import('../../policy/runtimes.ts');
  const readers = (found: Dialect) => readersFor(found, undefined, parseRuntime('runc'));
  const input = await loadProfile(operand, options.dialect, readers, options);
  const { onto, from, onConflict, check = false } = options;
  const rebase = rebaseOnto(input.profile, {
    ...(onto === undefined ? {} : { onto }),
    ...(from === undefined ? {} : { from }),
    onConflict: onConflict === 'default' ? 'default' : 'yours',
  });
  const verbose = options.verbose === true;
  const isRefused = onConflict === 'fail' && rebase.conflicts.length > 0;
  const text = check || isRefused ? undefined : await rebasedText(rebase);
  const human = renderRebase(rebase, input.name, { verbose, written: text !== undefined });
  if (options.format === 'json') {
    await writeReport(renderRebaseJson(rebase, input.name, text), options);
  } else if (check) {
    await writeReport(human, options);
  } else {
    if (text !== undefined) writeOutput(options.output, text);
    const { writeAside } = await import('../streams.ts');
    writeAside(human);
  }
  return answer(check ? rebase.isCurrent : !isRefused);
};
