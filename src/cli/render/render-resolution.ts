/**
 * What resolution did with the rules of a profile.
 * @module
 */
import type { Host } from '../../oci/host.ts';
import type { Resolution } from '../../oci/resolve-profile.ts';
import type { LoadedProfile } from '../../pipeline/load-profile.ts';
import { formatHost } from '../operands/host-options.ts';
import { plural } from './render-problems.ts';
import { visibleText } from './safe-text.ts';

/** A summary and the warnings. With `verbose`, every rule too. */
export function renderResolution(
  { steps, engine }: Resolution,
  { name, profile }: LoadedProfile,
  host: Host,
  verbose: boolean,
): string {
  const kept = steps.filter(({ kind }) => kind === 'kept').length;
  const resolver = engine === undefined ? 'handed on as it is' : `resolved as ${engine} does`;
  const rules = plural(profile.rules.length, 'rule');
  const lines = [`${name}: ${resolver} for ${formatHost(host)}: ${kept} of ${rules} kept`];
  for (const { severity, rule, message } of steps) {
    if (severity === 'info' && !verbose) continue;
    const place = rule === undefined ? undefined : profile.rules[rule]?.place;
    const where = place === undefined ? '' : `${place.file}:${place.line}:${place.column}: `;
    lines.push(`${severity === 'warning' ? 'warning: ' : '  '}${where}${visibleText(message)}`);
  }
  return lines.map((line) => `${line}\n`).join('');
}
