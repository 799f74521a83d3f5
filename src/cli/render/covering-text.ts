/**
 * The hosts of a proof in one sentence.
 * @module
 */
import type { ArchName } from '../../abi/architectures.ts';
import { listWords } from '../../abi/list-words.ts';
import type { Host } from '../../oci/host.ts';

/** A sentence names at most this many architectures. */
const SHOWN_ARCHS = 5;

/** The hosts of a proof: together they show every combination of conditions. */
export function coveringText(hosts: readonly Host[]): string {
  const archs = archsOf(hosts);
  if (hosts.length === 1) return `on ${listWords(archs)}`;
  const shown = archs.length > SHOWN_ARCHS ? archs.slice(0, SHOWN_ARCHS - 1) : archs;
  const others = archs.length - shown.length;
  const where = listWords(others === 0 ? shown : [...shown, `${others} other architectures`]);
  return `whatever the capabilities and the kernel, on ${where} (${hosts.length} hosts show every combination)`;
}

/** The architectures of hosts, each once. */
export function archsOf(hosts: readonly Host[]): readonly ArchName[] {
  return [...new Set(hosts.map(({ arch }) => arch))];
}
