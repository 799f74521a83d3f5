/**
 * `oci-seccomp resolve`: what an engine makes of a profile on a host.
 * @module
 */
import type { Engine } from '../../oci/consumers.ts';
import type { Dialect } from '../../oci/profile.ts';
import { defaultEngines } from '../../oci/resolve/engines.ts';
import { resolveProfile } from '../../oci/resolve.ts';
import { serializeLinuxSeccomp } from '../../oci/serialize.ts';
import { formatHost, type HostOptions, hostFromOptions } from '../host.ts';
import { loadProfile } from '../input.ts';
import { writeOutput } from '../output.ts';
import { plural } from '../render-problems.ts';
import { writeStderr } from '../streams.ts';

export interface ResolveCommandOptions extends HostOptions {
  readonly output: string;
  readonly dialect?: Dialect;
  readonly engine?: Engine;
  readonly verbose?: boolean;
  readonly quiet?: boolean;
}

export async function runResolve(
  [operand = '-']: readonly string[],
  options: ResolveCommandOptions,
): Promise<number> {
  const { engine } = options;
  const input = await loadProfile(operand, options.dialect, (dialect) => {
    const reader = engine ?? defaultEngines[dialect];
    // Handed on as it is, it is for the runtime to judge.
    return reader === undefined ? [] : [reader];
  });
  const host = hostFromOptions(options, input.profile);
  const {
    seccomp,
    steps,
    engine: by,
  } = resolveProfile(input.profile, host, engine === undefined ? {} : { engine });
  // Seccomp off is what runtimes read from an absent section, which JSON can only say as null.
  writeOutput(options.output, seccomp === undefined ? 'null\n' : serializeLinuxSeccomp(seccomp));
  if (options.quiet === true) return 0;

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
  return 0;
}
