/**
 * What else does what clone(2) and unshare(2) do with some flags.
 * @module
 */
import { cloneFlagsIndex } from '../../abi/clone-arguments.ts';
import { type FlagSet, isFlagSet, type KnownArgument } from '../../abi/flag-sets.ts';
import type { EditedCall } from '../../compose/edited-call.ts';

/** A call that does what another does. */
export interface SameCall {
  /** Its name. */
  readonly syscall: string;
  /** Why it belongs to the call, as the end of a sentence. */
  readonly reason: string;
  /** With these arguments, in the order that all architectures but s390 have; absent: with any. */
  readonly args?: readonly KnownArgument[];
}

/** The flags of namespaces that clone and unshare share: unshare's CLONE_NEWTIME is a part of clone's signal. include/uapi/linux/sched.h. */
const NAMESPACES = 0x7e02_0000n;
/** The signal that a parent gets, in the lowest byte of clone's flags. */
const CSIGNAL = 0xffn;
const SIGCHLD = 17n;
/** What fork and vfork pass. Linux 6.18 kernel/fork.c; CLONE_VM and CLONE_VFORK are 0x100 and 0x4000. */
const starters = [
  ['fork', 0n],
  ['vfork', 0x4100n],
] as const;

/** Calls that make the same processes or namespaces. */
export function sameFlags({ syscall, args, arch = 'x86_64' }: EditedCall): readonly SameCall[] {
  const isClone = syscall === 'clone';
  const flags = args[isClone ? cloneFlagsIndex(arch) : 0];
  const namespaces = namespacesOf(flags);
  const makers = namespaces === undefined ? [] : [isClone ? 'unshare' : 'clone'];
  return [
    ...(isClone
      ? starters
          .filter(([, own]) => isWith(flags, own))
          .map(([each]) => ({ syscall: each, reason: 'it too can start processes' }))
      : []),
    ...makers.map((each) => ({
      syscall: each,
      reason: 'it too can make namespaces',
      args: namespaces === undefined ? [] : [namespaces],
    })),
    ...(isClone || namespaces !== undefined
      ? [
          {
            syscall: 'clone3',
            reason: `it ${isClone ? 'does the same' : 'too can make namespaces'}, and no filter sees its flags`,
          },
        ]
      : []),
  ];
}

/** The namespaces that are made with these flags; `undefined`: none. */
function namespacesOf(flags: KnownArgument): FlagSet | undefined {
  const setOf = (how: FlagSet['how'], bits: readonly bigint[]): FlagSet | undefined =>
    bits.length === 0 ? undefined : { how, flags: bits, text: '' };
  if (flags === undefined) return setOf('any', bitsOf(NAMESPACES));
  if (!isFlagSet(flags)) return setOf('all', bitsOf(flags & NAMESPACES));
  const own = flags.flags.filter((flag) => (flag & NAMESPACES) === flag);
  if (flags.how !== 'none') return setOf(flags.how, own);
  const denied = own.reduce((sum, flag) => sum | flag, 0n);
  return setOf('any', bitsOf(NAMESPACES & ~denied));
}

function bitsOf(value: bigint): readonly bigint[] {
  return Array.from({ length: 32 }, (_, bit) => 1n << BigInt(bit)).filter((bit) => (value & bit) !== 0n);
}

/** Whether a process that is started with flags is one of the known. */
function isWith(known: KnownArgument, flags: bigint): boolean {
  if (known === undefined) return true;
  if (!isFlagSet(known)) return (known & ~CSIGNAL) === flags;
  const isSet = (flag: bigint): boolean => ((flags | SIGCHLD) & flag) === flag;
  if (known.how === 'none') return !known.flags.some(isSet);
  return known.how === 'any' ? known.flags.some(isSet) : known.flags.every(isSet);
}
