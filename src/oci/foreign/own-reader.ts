/**
 * How profiles of other programs are resolved: those programs build a filter for the machine that they run on.
 * @module
 */
import { type ArchName, allArchitectures } from '../../abi/architectures.ts';
import { type EngineRow, handedOn } from '../../consumers.ts';

/** The architectures of machines: all but x32, whose programs x86_64 runs. */
export const hostNames: readonly ArchName[] = allArchitectures
  .map(({ name }) => name)
  .filter((name) => name !== 'x32');

/** Reads conditions as engines do, and finds every host in an `archMap`. */
export const ownReader: EngineRow = {
  ...handedOn,
  readsConditions: true,
  readsErrnoNames: true,
  archInConditions: (arch) => arch.golangArch,
  archMapArches: hostNames,
};
