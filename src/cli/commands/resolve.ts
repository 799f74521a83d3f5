/**
 * `oci-seccomp resolve`: what an engine makes of a profile on a host.
 * @module
 */
import { type Consumer, compiledSpellings, isFamily, listRuntimes } from '../../consumers.ts';
import type { WrittenDialect } from '../../oci/dialect-rows.ts';
import type { Host } from '../../oci/host.ts';
import type { LinuxSeccomp } from '../../oci/linux-seccomp.ts';
import type { Dialect } from '../../oci/profile.ts';
import type { Resolution } from '../../oci/resolve-profile.ts';
import type { LoadedProfile } from '../../pipeline/load-profile.ts';
import type { Runtime } from '../../policy/runtimes.ts';
import { defineCommand, type OptionsOf, type Run } from '../define/command-definition.ts';
import {
  color,
  compiledRuntime,
  documentOptions,
  ENVIRONMENT_CODE,
  hostOptions,
  namesOf,
  output,
  PROFILE_HELP,
  quiet,
  USAGE_CODE,
} from '../define/shared-options.ts';
import { requireKubernetesForm } from '../operands/form-options.ts';
import type { RuntimeLowering } from '../render/render-resolution.ts';

export const definition = defineCommand({
  description:
    "Evaluates a profile's conditions for a host and prints the runtime-spec linux.seccomp object, or the same as a file for Docker or as a SeccompProfile of Kubernetes' Security Profiles Operator. It shows what an engine hands to a runtime. With --runtime it also says what that runtime then skips, changes or refuses; the output stays what it is handed.",
  arguments: [{ name: 'profile', help: PROFILE_HELP, kind: 'profile' }],
  options: {
    ...hostOptions,
    runtime: {
      ...compiledRuntime,
      help: `say what this runtime makes of the result: ${listRuntimes(compiledSpellings)}; nothing is written if it refuses it`,
    },
    to: {
      oldShort: 't',
      value: 'form',
      help: 'what to write',
      choices: namesOf<WrittenDialect>({ oci: true, docker: true, kubernetes: true }),
      default: 'oci',
    },
    ...documentOptions,
    name: {
      value: 'name',
      help: 'metadata.name of a SeccompProfile (default: its own, or the name of the file)',
    },
    output,
    report: {
      value: 'file',
      help: 'write what became of each rule, and why, as JSON to this file; - is standard output, if the result goes to a file',
      kind: 'file',
    },
    verbose: { short: 'v', help: 'list every rule kept or dropped, and why' },
    quiet: { ...quiet, help: 'print no summary and no warnings' },
    color,
  },
  exitCodes: { 0: 'the result is written', 2: USAGE_CODE, 3: ENVIRONMENT_CODE },
  examples: [
    {
      does: 'Print what Docker makes of its default profile on an old kernel',
      line: 'oci-seccomp resolve docker-default --kernel 4.19',
    },
    {
      does: 'See which rules a container with SYS_ADMIN gets, and why',
      line: 'oci-seccomp resolve docker-default --cap SYS_ADMIN --verbose',
    },
    {
      does: 'See what crun skips or changes of a profile',
      line: 'oci-seccomp resolve profile.json --runtime crun --verbose -o /dev/null',
    },
    {
      does: 'The same for a script',
      line: 'oci-seccomp resolve profile.json --runtime crun --report resolved.report.json -o resolved.json',
    },
    {
      does: 'Turn a profile into an object for Kubernetes',
      line: 'oci-seccomp resolve profile.json --to kubernetes --name web -o web.yaml',
    },
  ],
});

type ResolveOptions = OptionsOf<typeof definition.options>;

export const run: Run<typeof definition> = async ([operand = '-'], options) => {
  requireKubernetesForm(options, `--to ${options.to} writes JSON without a name`);
  const [{ defaultEngines }, { resolveProfile }, { loadProfile }, host, out] = await Promise.all([
    import('../../oci/dialect-rows.ts'),
    import('../../oci/resolve-profile.ts'),
    import('../../pipeline/load-profile.ts'),
    import('../operands/host-options.ts'),
    import('../output.ts'),
  ]);
  out.requireTwoOutputs(options, [operand]);
  const { engine } = options;
  const runtime = options.runtime === undefined ? undefined : await readRuntime(options.runtime);
  const consumers = (dialect: Dialect): readonly Consumer[] => {
    const reader = engine ?? defaultEngines[dialect];
    // Handed on as it is, it is for the runtime to judge.
    const engines = reader === undefined ? [] : [reader];
    return runtime !== undefined && isFamily(runtime.name) ? [...engines, runtime.name] : engines;
  };
  const input = await loadProfile(operand, options.dialect, consumers, options);
  await host.requireUses(options, [{ kind: 'profile', input }]);
  const target = host.hostFromOptions(options, input.profile);
  const resolution = resolveProfile(input.profile, target, engine === undefined ? {} : { engine });
  const resolved = { input, host: target, resolution, lowering: await lower(runtime, resolution, target) };
  out.writeOutput(options.output, await write(resolution.seccomp, input, options));
  if (options.report !== undefined) {
    const { resolutionJson } = await import('../render/resolution-json.ts');
    out.writeProof(resolutionJson(resolved), options);
  }
  const { renderResolution } = await import('../render/render-resolution.ts');
  const { writeAside } = await import('../streams.ts');
  writeAside(renderResolution(resolved, options.verbose === true));
  return 'yes';
};

/** @throws OciSeccompError `ERR_USAGE` for no runtime, or one that builds no filter for Linux */
async function readRuntime(spelling: string): Promise<Runtime> {
  const { parseRuntime, requireLinuxFilter } = await import('../../policy/runtimes.ts');
  const runtime = parseRuntime(spelling);
  requireLinuxFilter(runtime);
  return runtime;
}

/**
 * What a runtime makes of the result, with the names of the newest libseccomp: what an older one does not know, `compile` says.
 *
 * @throws OciSeccompError `ERR_PROFILE_SEMANTICS` if it refuses the profile
 */
async function lower(
  runtime: Runtime | undefined,
  { seccomp }: Resolution,
  host: Host,
): Promise<RuntimeLowering | undefined> {
  if (runtime === undefined) return undefined;
  if (seccomp === undefined) return { runtime, lowered: undefined };
  const [{ lowerFor }, { newestTable }] = await Promise.all([
    import('../../pipeline/resolve-and-lower.ts'),
    import('../../policy/newest-table.ts'),
  ]);
  return { runtime, lowered: lowerFor(seccomp, { runtime, host, table: newestTable }) };
}

async function write(
  seccomp: LinuxSeccomp | undefined,
  input: LoadedProfile,
  { to, format, name }: ResolveOptions,
): Promise<string> {
  if (to === 'kubernetes') {
    const [{ serializeSeccompProfile }, { seccompOff }] = await Promise.all([
      import('../../oci/serialize-kubernetes.ts'),
      import('../../pipeline/compile-profile.ts'),
    ]);
    if (seccomp === undefined) throw seccompOff(input.name);
    const names = { name: name ?? nameOf(input), ...(format === undefined ? {} : { format }) };
    return serializeSeccompProfile(seccomp, names);
  }
  if (seccomp !== undefined) {
    return (await import('../../oci/serialize.ts')).serializeLinuxSeccomp(seccomp);
  }
  // Seccomp off is what runtimes read from an absent section, which JSON can only say as null; Docker from no keys.
  return to === 'docker' ? '{}\n' : 'null\n';
}

/** The object's own name, else the file's. */
function nameOf({ name, profile }: LoadedProfile): string {
  const own = profile.kubernetes?.name;
  if (own !== undefined && own !== '') return own;
  const file = name.slice(name.lastIndexOf('/') + 1).replace(/\.(?:json|ya?ml)$/, '');
  const safe = file
    .toLowerCase()
    .replace(/[^-.a-z0-9]+/g, '-')
    .replace(/^[-.]+|[-.]+$/g, '');
  return safe === '' ? 'profile' : safe;
}
