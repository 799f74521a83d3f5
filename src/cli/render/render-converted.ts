/**
 * What `convert` says of the policy that it wrote.
 * @module
 */
import type { ArchName } from '../../abi/architectures.ts';
import { systemdReleases } from '../../oci/dialect-rows.ts';
import type { ConvertedFilter } from '../answers/converted-filter.ts';
import { lostJson } from './lost-json.ts';
import { printJson } from './print-json.ts';
import { arrange, renderDifferences } from './render-diff.ts';

const whatIs = {
  systemd: 'lines of a systemd unit',
  lxc: 'a policy of LXC',
  minijail: 'a policy of minijail',
  bwrap: 'a script for bubblewrap',
} as const satisfies Record<ConvertedFilter['to'], string>;

export function renderConverted({ name, to, arch, lost, notes }: ConvertedFilter): string {
  const head = `${name} as ${whatIs[to]}, for ${arch}\n${notes.map((note) => `note: ${note}\n`).join('')}`;
  if (to === 'bwrap') return `${head}bubblewrap installs the compiled filter as it is\n`;
  const reader = to === 'systemd' ? `, read by systemd ${systemdReleases.join(', ')}` : '';
  if (lost.length === 0) return `${head}proven: the same verdict for every call${reader}\n`;
  const text = renderDifferences(
    arrange(lost, [arch as ArchName]),
    { first: name, second: 'the policy' },
    { verbose: false },
  );
  return `${head}proven: no call that the filter stops is let through${reader}; not the same:\n${text}`;
}

export function renderConvertedJson({ name, to, arch, text, lost, notes }: ConvertedFilter): string {
  return printJson({
    filter: name,
    to,
    arch,
    equal: lost.length === 0,
    lost: lostJson(lost, arch as ArchName),
    notes,
    text,
  });
}
