/**
 * How profiles of other programs are resolved: those programs build a filter for the machine that they run on.
 * @module
 */

import type { ArchName } from '../../abi/architectures.ts';
import { type EngineRow, handedOn } from '../../consumers.ts';

/** Architectures of machines; the others are only run beside one of these. */
export const hostNames: readonly ArchName[] = [
  ...([
    'x86_64',
    'x86',
    'aarch64',
    'arm',
    'loongarch64',
    'm68k',
    'mips64',
    'mips',
    'mipsel64',
    'mipsel',
  ] as const),
  ...(['parisc64', 'parisc', 'ppc64le', 'ppc64', 'ppc', 'riscv64', 's390x', 's390', 'sh', 'sheb'] as const),
];

/** Reads conditions as engines do, and finds every host in an `archMap`. */
export const ownReader: EngineRow = {
  ...handedOn,
  readsConditions: true,
  archInConditions: (arch) => arch.golangArch,
  archMapArches: hostNames,
};
