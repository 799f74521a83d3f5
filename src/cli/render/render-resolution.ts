/**
 * What resolution did with the rules of a profile, and what a runtime then does with them.
 * @module
 */
import type { Host } from '../../oci/host.ts';
import type { Resolution } from '../../oci/resolve-profile.ts';
import type { LoadedProfile } from '../../pipeline/load-profile.ts';
import type { Lowered } from '../../policy/lower-profile.ts';
import { describeRuntime, type Runtime } from '../../policy/runtimes.ts';
import { formatHost } from '../operands/host-options.ts';
import { renderLowering } from './render-lowering.ts';
import { plural } from './render-problems.ts';
import { visibleText } from './safe-text.ts';

export interface Resolved {
  readonly input: LoadedProfile;
  readonly host: Host;
  readonly resolution: Resolution;
  /** `undefined`: no runtime was asked about. */
  readonly lowering: RuntimeLowering | undefined;
}

export interface RuntimeLowering {
  readonly runtime: Runtime;
  /** `undefined`: seccomp is off. */
  readonly lowered: Lowered | undefined;
}

/** A summary and the warnings. With `verbose`, every rule too. */
export function renderResolution(resolved: Resolved, verbose: boolean): string {
  const { input, host, resolution, lowering } = resolved;
  const { steps, engine } = resolution;
  const { name, profile } = input;
  const resolver = engine === undefined ? 'handed on as it is' : `resolved as ${engine} does`;
  const rules = plural(profile.rules.length, 'rule');
  const lines = [`${name}: ${resolver} for ${formatHost(host)}: ${keptRules(resolution)} of ${rules} kept`];
  for (const { severity, rule, message } of steps) {
    if (severity === 'info' && !verbose) continue;
    const place = rule === undefined ? undefined : profile.rules[rule]?.place;
    const where = place === undefined ? '' : `${place.file}:${place.line}:${place.column}: `;
    lines.push(`${severity === 'warning' ? 'warning: ' : '  '}${where}${visibleText(message)}`);
  }
  const text = lines.map((line) => `${line}\n`).join('');
  if (lowering === undefined) return text;
  const { runtime, lowered } = lowering;
  return lowered === undefined
    ? `${text}${describeRuntime(runtime)} installs no filter: seccomp is off\n`
    : text + renderLowering(runtime, lowered, resolution, input, verbose);
}

export function keptRules({ steps }: Resolution): number {
  return steps.filter(({ kind }) => kind === 'kept').length;
}
