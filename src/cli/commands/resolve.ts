/**
 * `oci-seccomp resolve`: what an engine makes of a profile on a host.
 * @module
 */
import { OciSeccompError } from '../../errors.ts';
import type { Engine } from '../../oci/consumers.ts';
import type { LinuxSeccomp } from '../../oci/linux-seccomp.ts';
import type { Dialect } from '../../oci/profile.ts';
import { defaultEngines } from '../../oci/resolve/engines.ts';
import { resolveProfile } from '../../oci/resolve.ts';
import { serializeLinuxSeccomp } from '../../oci/serialize.ts';
import { seccompOff } from '../../pipeline/compile-profile.ts';
import { type LoadedProfile, loadProfile } from '../../pipeline/load-profile.ts';
import type { Ending } from '../exit-code.ts';
import { formatHost, type HostOptions, hostFromOptions } from '../operands/host-options.ts';
import { writeOutput } from '../output.ts';
import { plural } from '../render/render-problems.ts';
import { writeStderr } from '../streams.ts';

export interface ResolveCommandOptions extends HostOptions {
  readonly output: string;
  readonly dialect?: Dialect;
  readonly engine?: Engine;
  readonly to: 'oci' | 'docker' | 'kubernetes';
  /** Of `kubernetes`. */
  readonly format?: 'yaml' | 'json';
  /** `metadata.name`. */
  readonly name?: string;
  readonly verbose?: boolean;
  readonly quiet?: boolean;
}

export async function runResolve(
  [operand = '-']: readonly string[],
  options: ResolveCommandOptions,
): Promise<Ending> {
  const { engine } = options;
  checkForm(options);
  const consumers = (dialect: Dialect): readonly Engine[] => {
    const reader = engine ?? defaultEngines[dialect];
    // Handed on as it is, it is for the runtime to judge.
    return reader === undefined ? [] : [reader];
  };
  const input = await loadProfile(operand, options.dialect, consumers, options);
  const host = hostFromOptions(options, input.profile);
  const {
    seccomp,
    steps,
    engine: by,
  } = resolveProfile(input.profile, host, engine === undefined ? {} : { engine });
  writeOutput(options.output, await write(seccomp, input, options));
  if (options.quiet === true) return 'yes';

  const kept = steps.filter(({ kind }) => kind === 'kept').length;
  const resolver = by === undefined ? 'handed on as it is' : `resolved as ${by} does`;
  writeStderr(
    `${input.name}: ${resolver} for ${formatHost(host)}: ${kept} of ${plural(input.profile.rules.length, 'rule')} kept\n`,
  );
  for (const { severity, rule, message } of steps) {
    if (severity === 'info' && options.verbose !== true) continue;
    const place = rule === undefined ? undefined : input.profile.rules[rule]?.place;
    const where = place === undefined ? '' : `${place.file}:${place.line}:${place.column}: `;
    writeStderr(`${severity === 'warning' ? 'warning: ' : '  '}${where}${message}\n`);
  }
  return 'yes';
}

/** @throws OciSeccompError `ERR_USAGE` for options that the form has no use for */
function checkForm({ to, format, name }: ResolveCommandOptions): void {
  if (to === 'kubernetes' || (format === undefined && name === undefined)) return;
  const option = name === undefined ? '--format' : '--name';
  throw new OciSeccompError('ERR_USAGE', `${option} is for --to kubernetes`, {
    hint: `--to ${to} writes JSON without a name`,
  });
}

async function write(
  seccomp: LinuxSeccomp | undefined,
  input: LoadedProfile,
  { to, format, name }: ResolveCommandOptions,
): Promise<string> {
  if (to === 'kubernetes') {
    if (seccomp === undefined) throw seccompOff(input.name);
    const { serializeSeccompProfile } = await import('../../oci/serialize-kubernetes.ts');
    const names = { name: name ?? nameOf(input), ...(format === undefined ? {} : { format }) };
    return serializeSeccompProfile(seccomp, names);
  }
  if (seccomp !== undefined) return serializeLinuxSeccomp(seccomp);
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
