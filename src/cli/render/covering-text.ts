/**
 * The hosts that a proof is about, in one sentence.
 * @module
 */
import type { ArchName } from '../../abi/architectures.ts';
import type { Host } from '../../oci/host.ts';

/** On which hosts something is proven that together show every combination of conditions. */
export function coveringText(hosts: readonly Host[]): string {
  const archs = archsOf(hosts);
  return hosts.length === 1
    ? `on ${listed(archs)}`
    : `whatever the capabilities and the kernel, on ${archs.length > SHOWN_ARCHS ? `${archs.slice(0, SHOWN_ARCHS - 1).join(', ')} and ${archs.length - SHOWN_ARCHS + 1} other architectures` : listed(archs)} (${hosts.length} hosts show every combination)`;
}

/** So many architectures are named in a sentence. */
const SHOWN_ARCHS = 5;

/** `a, b and c` */
export function listed(names: readonly string[]): string {
  return names.length < 2 ? names.join() : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}

/** The architectures of hosts, each once. */
export function archsOf(hosts: readonly Host[]): readonly ArchName[] {
  return [...new Set(hosts.map(({ arch }) => arch))];
}
