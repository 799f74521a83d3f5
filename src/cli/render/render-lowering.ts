/**
 * What a runtime changes in a resolved profile before libseccomp gets it.
 * @module
 */
import type { Resolution } from '../../oci/resolve-profile.ts';
import type { LoadedProfile } from '../../pipeline/load-profile.ts';
import { locateRule } from '../../pipeline/rule-places.ts';
import type { Lowered } from '../../policy/lower-profile.ts';
import { describeRuntime, type Runtime } from '../../policy/runtimes.ts';
import { plural } from './render-problems.ts';
import { happeningLines } from './render-summary.ts';
import { visibleText } from './safe-text.ts';

/** A line for each kind of change. With `verbose`, each change too. */
export function renderLowering(
  runtime: Runtime,
  { policy, steps }: Lowered,
  { origins }: Resolution,
  input: LoadedProfile,
  verbose: boolean,
): string {
  const changes = happeningLines(steps);
  const rules = plural(policy.rules.length, 'rule');
  const all = `${describeRuntime(runtime)} makes ${rules} of it for libseccomp, one a name`;
  const lines = [
    changes.length === 0 ? `${all}, and changes nothing` : all,
    ...changes.map((line) => `  ${line}`),
  ];
  if (verbose) {
    for (const { rule, message } of steps) {
      const place = locateRule(input, rule === undefined ? undefined : origins[rule]);
      lines.push(`  ${place === undefined ? '' : `${place}: `}${visibleText(message)}`);
    }
  }
  return lines.map((line) => `${line}\n`).join('');
}
