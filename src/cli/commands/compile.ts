/**
 * `oci-seccomp compile`: a profile goes in, the filter a runtime would install comes out.
 * @module
 */
import type { EmittedFilter, Provenance } from '../../compile/emit-encoded.ts';
import { emitFormatRows, emitFormats } from '../../compile/emit-formats.ts';
import { OciSeccompError } from '../../errors.ts';
import type { CompiledProfile, CompileRequest } from '../../pipeline/compile-profile.ts';
import { type Lap, startClock } from '../clock.ts';
import { backends, table } from '../define/backend-option.ts';
import { defineCommand, type OptionsOf, type Run } from '../define/command-definition.ts';
import {
  color,
  compiledRuntime,
  ENVIRONMENT_CODE,
  formatOptions,
  hostOptions,
  library,
  output,
  PROFILE_HELP,
  quiet,
  strict,
  timeout,
  USAGE_CODE,
} from '../define/shared-options.ts';
import { PACKAGE_VERSION } from '../version.ts';

export const definition = defineCommand({
  description:
    "Compiles a profile to the BPF program that a container runtime would install on the host: byte for byte for crun, up to the order of the ENOSYS stub's sections for runc. oci-seccomp verify compares with what runs.",
  arguments: [{ name: 'profile', help: PROFILE_HELP, kind: 'profile' }],
  options: {
    ...hostOptions,
    output,
    ...formatOptions(emitFormats, 'bpf'),
    runtime: compiledRuntime,
    backend: {
      value: 'backend',
      help: 'what compiles the rules; builtin: a smaller program with the same meaning, not the one that the runtime would install; it needs no libseccomp',
      choices: backends,
      default: 'libseccomp',
    },
    weights: {
      value: 'file',
      help: "with --backend builtin: how often calls come, so that the frequent ones are found first: the table of 'strace -f -c', or lines with a name and a count (default: a mix of common programs)",
      kind: 'file',
    },
    library: {
      ...library,
      help: 'libseccomp to use (default: OCI_SECCOMP_LIBRARY, else libseccomp.so.2; with --backend builtin none, and all names are known)',
    },
    table,
    timeout,
    'allow-unproven': {
      help: 'write a program that is not proven to mean what the profile says, with a warning',
    },
    strict,
    verbose: { short: 'v', help: 'list every rule dropped, skipped or changed, and why' },
    quiet: { ...quiet, help: 'print no summary and no warnings' },
    color,
  },
  exitCodes: {
    0: 'the program is written',
    1: 'it is not proven to mean what the profile says, or --strict finds a weakness; nothing is written',
    2: USAGE_CODE,
    3: ENVIRONMENT_CODE,
  },
  examples: [
    {
      does: "Compile Docker's default profile for this machine",
      line: 'oci-seccomp compile docker-default -o docker-default.bpf',
    },
    {
      does: 'List the filter that crun installs on an arm64 machine',
      line: 'oci-seccomp compile profile.json --arch arm64 --runtime crun --format asm',
    },
    {
      does: 'Compile the profile of a bundle, with the capabilities that it lists',
      line: 'oci-seccomp compile bundle/config.json --format base64',
    },
  ],
});

type Options = OptionsOf<(typeof definition)['options']>;

export const run: Run<typeof definition> = async ([operand = '-'], options) => {
  const [
    { compileLoaded },
    { loadProfile },
    { readersAsked },
    { formatRuntime, requireLinuxFilter, runtimeFor },
    { timeoutFor },
    { formatHost, hostFromOptions, requireUses },
    { emitEncoded },
    { writeOutput },
  ] = await Promise.all([
    import('../../pipeline/compile-profile.ts'),
    import('../../pipeline/load-profile.ts'),
    import('../../policy/profile-readers.ts'),
    import('../../policy/runtimes.ts'),
    import('../operands/timeout.ts'),
    import('../operands/host-options.ts'),
    import('../../compile/emit-encoded.ts'),
    import('../output.ts'),
  ]);
  const clock = startClock();
  const timeoutMs = timeoutFor(options.timeout, options.backend);
  const { backend, dialect, engine, strict: isStrict = false, allowUnproven = false, format } = options;
  const input = await loadProfile(operand, dialect, readersAsked(options), options);
  await requireUses(options, [{ kind: 'profile', input }]);
  clock.lap('read and validate');

  const host = hostFromOptions(options, input.profile);
  const asked = runtimeFor(options.runtime, input.profile.dialect);
  requireLinuxFilter(asked);
  const request: CompileRequest = {
    ...{ host, runtime: asked, engine, library: options.library, backend, timeoutMs },
    release: options.table,
    strict: isStrict,
    pfc: emitFormatRows[format].needsPfc,
    allowUnproven,
    onStep: (step) => clock.lap(step),
    ...(await callCounts(options)),
  };
  const work = await compileLoaded(input, request).catch(async (error: unknown) => {
    const { offerBuiltin } = await import('../answers/offer-builtin.ts');
    throw await offerBuiltin(error, input, request, options.timeout !== undefined);
  });
  const provenance = {
    generator: `oci-seccomp ${PACKAGE_VERSION}`,
    profile: input.name,
    host: formatHost(host),
    runtime: formatRuntime(asked),
    compiler: work.compiled.compiler,
  };
  const emitted = { ...work.compiled, claim: work.claim };
  const written =
    format === 'asm' ? await listing(emitted, provenance, options) : emitEncoded(emitted, format, provenance);
  clock.lap('emit');
  writeOutput(options.output, written);
  clock.lap('write');
  if (options.quiet !== true) await printSummary(work, clock.laps, options);
  return 'yes';
};

/** The listing brings the disassembler along, which no other format needs. */
async function listing(
  emitted: EmittedFilter,
  provenance: Provenance,
  options: Options,
): Promise<string | Uint8Array> {
  const { emitFilter } = await import('../../compile/emit.ts');
  const written = emitFilter(emitted, 'asm', provenance);
  if (typeof written !== 'string') return written;
  const [{ paintListing }, { reportColors }] = await Promise.all([
    import('../render/render-listing.ts'),
    import('../output.ts'),
  ]);
  return paintListing(written, reportColors(options));
}

async function printSummary(
  work: CompiledProfile,
  laps: readonly Lap[],
  { output: path, verbose }: Options,
): Promise<void> {
  const { hasDoubts, renderSummary } = await import('../render/render-summary.ts');
  const { writeAside } = await import('../streams.ts');
  const { compiled, lowered } = work;
  const doubts = hasDoubts(compiled)
    ? (await import('../render/render-proof.ts')).renderDoubts(compiled.proof, lowered.policy)
    : '';
  writeAside(renderSummary({ output: path, verbose: verbose === true, ...work, laps, doubts }));
}

/** @throws OciSeccompError `ERR_USAGE` for weights that nothing uses, or a file that has none */
async function callCounts({ weights, backend }: Options): Promise<Pick<CompileRequest, 'callCounts'>> {
  if (weights === undefined) return {};
  if (backend !== 'builtin') {
    throw new OciSeccompError('ERR_USAGE', '--weights is for --backend builtin', {
      hint: 'libseccomp cannot be told how often calls come',
    });
  }
  const [{ readCallCounts }, { displayName, noHint, readInput }] = await Promise.all([
    import('../../compile/builtin/read-call-counts.ts'),
    import('../../pipeline/read-input.ts'),
  ]);
  const name = displayName(weights);
  const bytes = readInput(weights, MAX_WEIGHTS_SIZE + 1, noHint);
  if (bytes.length > MAX_WEIGHTS_SIZE)
    throw new OciSeccompError('ERR_USAGE', `${name} is longer than ${MAX_WEIGHTS_SIZE} bytes`);
  return { callCounts: readCallCounts(Buffer.from(bytes).toString('utf8'), name) };
}

/** Bytes; a table has a line for each call. */
const MAX_WEIGHTS_SIZE = 1 << 20;
