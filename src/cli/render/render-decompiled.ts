/**
 * What `decompile` says of the profile that it wrote.
 * @module
 */
import type { Decompiled } from '../../compose/synthesize-profile.ts';
import { lostJson } from './lost-json.ts';
import { printJson } from './print-json.ts';
import { arrange, renderDifferences } from './render-diff.ts';
import { plural } from './render-problems.ts';

export function renderDecompiled(name: string, { profile, runtime, arch, lost }: Decompiled): string {
  const names = profile.rules.reduce((sum, rule) => sum + rule.names.length, 0);
  const size = `${plural(profile.rules.length, 'rule')}, ${plural(names, 'name')}`;
  const by =
    runtime === 'runc' ? 'under runc, with the ENOSYS answers that it adds' : 'as libseccomp builds it';
  const where = `on ${arch}, ${by}`;
  if (lost.length === 0)
    return `${name} as a profile: ${size}\nproven: the same verdict for every call, ${where}\n`;
  const text = renderDifferences(
    arrange(lost, [arch]),
    { first: name, second: 'the profile' },
    { verbose: false },
  );
  return `${name} as a profile: ${size}\nproven: no call that the filter stops is let through, ${where}; not the same:\n${text}`;
}

/** The same as data. */
export function renderDecompiledReport(
  name: string,
  { profile, runtime, arch, lost }: Decompiled,
  warnings: readonly string[],
): string {
  return printJson({
    filter: name,
    arch,
    runtime,
    rules: profile.rules.length,
    names: profile.rules.reduce((sum, rule) => sum + rule.names.length, 0),
    equal: lost.length === 0,
    lost: lostJson(lost, arch),
    warnings,
  });
}
