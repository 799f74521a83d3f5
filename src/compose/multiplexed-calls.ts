/**
 * Calls that some architectures make through another call: 32-bit x86 programs can ask for `socket` as `socketcall(1, …)`. On these,
 * rules of both names meet at one number.
 * @module
 */
import { type ArchName, architectureByOciArch } from '../abi/architectures.ts';
import { allSyscallNames, multiplexedCall } from '../abi/syscall-numbers.ts';
import type { Profile } from '../oci/profile.ts';

/** The calls that carry others. */
export const multiplexers = ['socketcall', 'ipc'] as const;
export type Multiplexer = (typeof multiplexers)[number];

/** Whether a call carries others. */
export function isMultiplexer(name: string): name is Multiplexer {
  return multiplexers.some((each) => each === name);
}

/** An architecture with both multiplexers. */
const WITH_BOTH: ArchName = 'x86';

const carried = new Map<Multiplexer, readonly string[]>();

/** The calls that a multiplexer carries. */
export function carriedCalls(multiplexer: Multiplexer): readonly string[] {
  const known =
    carried.get(multiplexer) ??
    allSyscallNames().filter((name) => multiplexedCall(name, WITH_BOTH)?.multiplexer === multiplexer);
  carried.set(multiplexer, known);
  return known;
}

/** Whether a profile is for an architecture that has multiplexers; without any list, this is not known, and may be. */
export function mayMultiplex({ architectures: listed = [], archMap = [] }: Partial<Profile>): boolean {
  const names = [
    ...listed,
    ...archMap.flatMap(({ architecture, subArchitectures }) => [architecture, ...subArchitectures]),
  ];
  return (
    names.length === 0 ||
    names.some((name) => {
      const arch = architectureByOciArch(name)?.name;
      return arch !== undefined && multiplexedCall('socket', arch) !== undefined;
    })
  );
}
