/**
 * `oci-seccomp pull`: a profile out of a registry.
 * @module
 */
import { OciSeccompError } from '../../errors.ts';
import { camelCase, defineCommand, type OptionRow, type Run } from '../define/command-definition.ts';
import {
  referenceArgument,
  registryNotes,
  registryOptions,
  registryOptionsOf,
} from '../define/registry-options.ts';
import {
  formatOptions,
  meaningOptions,
  output,
  PROFILE_HELP,
  quiet,
  reportOptions,
  verboseCalls,
} from '../define/shared-options.ts';
import { answer } from '../exit-code.ts';

const { 'base-dir': baseDir, arch, kernel, caps, cap, engine, runtime, library, table } = meaningOptions;
const PROOF = 'Options for the proof of --baseline:';

export const definition = defineCommand({
  description:
    'Gets a profile from a registry, verifies its digests and sizes, and holds it to what Kubernetes takes as an artifact (KEP-6061). With --baseline it proves that the profile allows nothing beyond another one. The file is written only if all of that holds.',
  editsInPlace: true,
  arguments: [{ ...referenceArgument, help: `${referenceArgument.help}@sha256:…` }],
  options: {
    unpinned: {
      help: 'take a reference without a digest: what its tag names now; the reference with the digest is printed',
    },
    baseline: {
      value: 'profile',
      help: `prove that the profile is at least as strict as this one: ${PROFILE_HELP}`,
      kind: 'profile',
    },
    'baseline-object': {
      value: 'name',
      help: 'which profile of --baseline, in a file with Kubernetes objects: its metadata.name',
      heading: PROOF,
    },
    'base-dir': { ...baseDir, heading: PROOF },
    ...registryOptions,
    ...formatOptions(
      ['profile', 'json'],
      'profile',
      'json: a report on standard output, and the profile only where -o names a file',
    ),
    verbose: verboseCalls,
    ...reportOptions,
    output: { ...output, help: 'write the profile to this file; - is standard output' },
    quiet: { ...quiet, help: 'print no summary' },
    engine: { ...engine, heading: PROOF },
    arch: { ...arch, heading: PROOF },
    kernel: { ...kernel, heading: PROOF },
    caps: { ...caps, heading: PROOF },
    cap: { ...cap, heading: PROOF },
    runtime: { ...runtime, heading: PROOF },
    library: { ...library, heading: PROOF },
    table: { ...table, heading: PROOF },
  },
  notes: [
    'A tag beside a digest is ignored. Without a digest nothing is taken unless you say --unpinned: a tag can name another profile tomorrow.',
    ...registryNotes,
  ],
  exitCodes: {
    0: 'the profile is written',
    1: 'it is not within the baseline, or that cannot be proven; nothing is written',
    2: 'wrong usage, or what the registry holds is not a profile that runtimes take',
    3: 'a file that cannot be read or written, or a registry that cannot be reached or does not permit it',
  },
  examples: [
    {
      does: "Get a profile, and prove that it allows nothing that Docker's default does not allow",
      line: 'oci-seccomp pull registry.example/team/web@sha256:DIGEST --baseline docker-default -o web.json',
    },
    {
      does: 'See which digest a tag names now',
      line: 'oci-seccomp pull registry.example/team/web:1.0 --unpinned --json',
    },
  ],
});

export const run: Run<typeof definition> = async ([reference = ''], options) => {
  const [{ pullProfile }, { writeOutput }, { writeAside, writeStdout }] = await Promise.all([
    import('../../registry/pull-profile.ts'),
    import('../output.ts'),
    import('../streams.ts'),
  ]);
  const { unpinned, baseline, format, output: path } = options;
  if (baseline === undefined) refuseOptionsOfProof(options);
  const pulled = await pullProfile(reference, {
    ...registryOptionsOf(options),
    ...(unpinned === undefined ? {} : { unpinned }),
  });
  const proof =
    baseline === undefined
      ? undefined
      : await (await import('../answers/within-baseline.ts')).proveWithin(pulled, baseline, options);
  const isWithin = proof === undefined || proof.outside.length === 0;
  const isJson = format === 'json';
  if (isWithin && !(isJson && path === '-')) writeOutput(path, pulled.bytes);
  const render = await import('../render/render-pull.ts');
  const written = isWithin && path !== '-' ? path : undefined;
  if (isJson) writeStdout(render.renderPullJson(pulled, proof));
  else writeAside(render.renderPull(pulled, proof, { written, verbose: options.verbose === true }));
  return answer(isWithin);
};

/** Without --baseline nothing is proven. */
function refuseOptionsOfProof(options: Readonly<Record<string, unknown>>): void {
  const rows = Object.entries<OptionRow>(definition.options);
  const unused = rows.find(
    ([name, { heading }]) => heading === PROOF && options[camelCase(name)] !== undefined,
  );
  if (unused === undefined) return;
  throw new OciSeccompError('ERR_USAGE', `--${unused[0]} is for the proof of --baseline`, {
    hint: `add --baseline PROFILE, or leave --${unused[0]} out`,
  });
}
