/**
 * `oci-seccomp rebase`: a copy of a default profile, with its author's changes, on a newer default.
 * @module
 */
import type { Dialect, Profile } from '../../oci/profile.ts';
import type { LoadedProfile } from '../../pipeline/load-profile.ts';
import type { Rebase, RebasedForm } from '../../pipeline/rebase-onto.ts';
import { defineCommand, type OptionsOf, type Run } from '../define/command-definition.ts';
import {
  dialect,
  hostOptions,
  namesOf,
  output,
  PROFILE_HELP,
  quiet,
  reportOptions,
  textOrJson,
  USAGE_CODE,
  verboseCalls,
} from '../define/shared-options.ts';
import { answer } from '../exit-code.ts';
import { requireKubernetesForm, requireResolvedForm } from '../operands/form-options.ts';

const RESOLVED = 'The host, for --to oci and --to kubernetes, which have no conditions:';

export const definition = defineCommand({
  description:
    'Finds which default profile a profile was copied from, and writes a newer default with the changes of its author. It proves for every call that what was changed from the old default is what differs from the new.',
  editsInPlace: true,
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
    to: {
      value: 'form',
      help: 'what to write (default: the form that the profile has)',
      choices: namesOf<'docker' | 'podman' | 'oci' | 'kubernetes'>({
        docker: true,
        podman: true,
        oci: true,
        kubernetes: true,
      }),
    },
    name: { value: 'name', help: 'metadata.name of a SeccompProfile (default: its own, else profile)' },
    check: {
      help: 'write no profile: the exit code is 1 if the profile lacks something that the new default has',
      conflicts: ['to', 'name'],
    },
    dialect,
    object: hostOptions.object,
    'base-dir': hostOptions['base-dir'],
    ...textOrJson,
    verbose: verboseCalls,
    ...reportOptions,
    output: { ...output, help: 'write the profile to this file; - is standard output' },
    quiet: { ...quiet, help: 'print no summary' },
    arch: { ...hostOptions.arch, heading: RESOLVED },
    kernel: { ...hostOptions.kernel, heading: RESOLVED },
    caps: { ...hostOptions.caps, heading: RESOLVED },
    cap: { ...hostOptions.cap, heading: RESOLVED },
  },
  notes: [
    'The result has the rules of the new default, in their order, with their comments and yours. It is written in the dialect of the profile, or in that of --to. JSON keeps the style of the profile, and keys such as _comment. Without conditions, as in a profile of runtime-spec, the default is taken as Docker resolves it for a container on x86_64.',
    'Of a file with objects of Kubernetes, the SeccompProfile alone is written, with its name, namespace, labels and annotations. The rules of its base profiles are in it.',
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
      does: 'Write the result for Kubernetes',
      line: 'oci-seccomp rebase profile.json --to kubernetes --name web -o web.yaml',
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
    { rebaseOnto },
    { consumersFor },
    { renderRebase, renderRebaseJson },
    { writeOutput, writeReport },
    { requireUses },
  ] = await Promise.all([
    import('../../pipeline/load-profile.ts'),
    import('../../pipeline/rebase-onto.ts'),
    import('../../policy/profile-readers.ts'),
    import('../render/render-rebase.ts'),
    import('../output.ts'),
    import('../operands/host-options.ts'),
  ]);
  const { parseRuntime } = await import('../../policy/runtimes.ts');
  // A report is no profile: it replaces none.
  if (options.format === 'json' || options.check === true) {
    (await import('../define/named-files.ts')).refuseOver(options.output, [operand]);
  }
  requireResolvedForm(options, 'the result keeps its conditions and is right for every host');
  requireKubernetesForm({ to: options.to, name: options.name });
  const readers = (found: Dialect) => consumersFor(found, undefined, parseRuntime('runc'));
  const input = await loadProfile(operand, options.dialect, readers, options);
  await requireUses(options, [{ kind: 'profile', input }]);
  const { onto, from, onConflict, check = false } = options;
  const rebase = rebaseOnto(input.profile, {
    ...(onto === undefined ? {} : { onto }),
    ...(from === undefined ? {} : { from }),
    onConflict: onConflict === 'default' ? 'default' : 'yours',
  });
  const verbose = options.verbose === true;
  const isRefused = onConflict === 'fail' && rebase.conflicts.length > 0;
  const text = check || isRefused ? undefined : await textOf(rebase, input, options);
  const { brokenUnderProfile } = await import('../answers/broken-result.ts');
  const archs = rebase.proofs.map(({ host }) => host.arch);
  const breaks = text === undefined ? [] : await brokenUnderProfile(rebase.profile, archs);
  const human = renderRebase(rebase, input.name, { verbose, written: text !== undefined, breaks });
  if (options.format === 'json') {
    await writeReport(renderRebaseJson(rebase, input.name, text, breaks), options);
  } else if (check) {
    await writeReport(human, options);
  } else {
    if (text !== undefined) writeOutput(options.output, text);
    const { writeAside } = await import('../streams.ts');
    writeAside(human);
  }
  return answer(check ? rebase.isCurrent : !isRefused);
};

type Options = OptionsOf<typeof definition.options>;

/** In the style of the input, if both are JSON of one form. */
async function textOf(rebase: Rebase, input: LoadedProfile, options: Options): Promise<string> {
  const { rebasedText } = await import('../../pipeline/rebase-onto.ts');
  const text = await rebasedText(rebase, await formOf(input.profile, options));
  const { bytes, document } = input.source ?? {};
  if (bytes === undefined || document === undefined || options.to !== undefined) return text;
  const [{ inStyleOf }, { markOf }] = await Promise.all([
    import('../answers/in-style-of.ts'),
    import('../../oci/source-text.ts'),
  ]);
  return markOf(bytes) + inStyleOf(document, text);
}

async function formOf(profile: Profile, options: Options): Promise<RebasedForm> {
  const { to, name } = options;
  if (to === undefined) return {};
  if (to === 'docker' || to === 'podman') return { to };
  const { hostFromOptions } = await import('../operands/host-options.ts');
  return { to, host: hostFromOptions(options, profile), ...(name === undefined ? {} : { name }) };
}
