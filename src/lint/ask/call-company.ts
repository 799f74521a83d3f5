/**
 * What belongs to a call: why it is dangerous, and which calls do the same or are tried in its place.
 * @module
 */
import type { ArchName } from '../../abi/architectures.ts';
import { argumentField } from '../../abi/argument-fields.ts';
import { cloneFlagsIndex } from '../../abi/clone-arguments.ts';
import { isFlagSet, type KnownArgument } from '../../abi/flag-sets.ts';
import { splitWords } from '../../abi/split-words.ts';
import type { EditedCall } from '../../compose/edited-call.ts';
import { type DangerousCall, dangerousCalls } from '../catalog/danger.ts';
import { callFamilies } from '../catalog/families.ts';
import { probes } from '../catalog/probes.ts';
import { successors } from '../catalog/successors.ts';
import { time64Calls } from '../catalog/time64.ts';
import { type SameCall, sameFlags } from './clone-flags.ts';

/** A dangerous call, and whether it is dangerous just as it was named. */
export interface CallDanger extends DangerousCall {
  /** `false`: it is dangerous with one value of an argument that was left open. */
  readonly isMeant: boolean;
}

/** Why a call with these arguments is dangerous. */
export function dangersOf(
  syscall: string,
  args: readonly KnownArgument[],
  arch: ArchName,
): readonly CallDanger[] {
  return dangerousCalls.flatMap((danger): readonly CallDanger[] => {
    if (!splitWords(danger.calls).includes(syscall)) return [];
    const { value } = danger;
    if (value === undefined) return [{ ...danger, isMeant: true }];
    // The catalog's index fits every architecture, except for clone's flags, which come second on some.
    const index = syscall === 'clone' ? cloneFlagsIndex(arch) : value.index;
    const given = args[index];
    const open = danger.whenFiltered === true ? [] : [{ ...danger, isMeant: false }];
    if (given === undefined) return open;
    const field = argumentField(syscall, index, arch);
    const named = field?.names.get(value.name);
    if (field === undefined || named === undefined) return [];
    if (isFlagSet(given)) {
      if (!given.flags.includes(named)) return open;
      return given.how === 'none' ? [] : [{ ...danger, isMeant: true }];
    }
    const isIt = field.kind === 'enum' ? given === named : (given & named) === named;
    return isIt ? [{ ...danger, isMeant: true }] : [];
  });
}

/** A call that belongs to another, and why. */
export interface Companion {
  /** Its name. */
  readonly syscall: string;
  /** Why it belongs to the call, as the end of a sentence. */
  readonly reason: string;
}

/** Calls that programs make in place of an allowed one: C libraries choose among them. */
export function triedInstead(syscall: string): readonly Companion[] {
  return distinct(syscall, [
    ...twins(syscall),
    ...successors
      .filter(({ after }) => after.includes(syscall))
      .map((each) => ({ syscall: each.syscall, reason: `newer programs call it: it ${each.reason}` })),
    ...probes
      .filter(({ instead }) => instead.includes(syscall))
      .map((each) => ({
        syscall: each.syscall,
        reason: `C libraries try it first, and ${syscall} after ENOSYS alone: otherwise ${each.reason}`,
      })),
  ]);
}

/** Calls that do what a denied one does. */
export function doTheSame(call: EditedCall): readonly SameCall[] {
  const { syscall } = call;
  const isFlagged = syscall === 'clone' || syscall === 'unshare';
  return distinct(syscall, [
    ...twins(syscall),
    ...callFamilies
      .filter(({ calls }) => !isFlagged && splitWords(calls).includes(syscall))
      .flatMap(({ calls, ways = '', what }) =>
        [...splitWords(calls), ...splitWords(ways)]
          .filter((each) => !each.includes('+'))
          .map((each) => ({ syscall: each, reason: `it too can ${what}` })),
      ),
    ...successors
      .filter(({ after }) => after.includes(syscall))
      .map((each) => ({ syscall: each.syscall, reason: `it ${each.reason}` })),
    ...(isFlagged ? sameFlags(call) : []),
  ]);
}

function twins(syscall: string): readonly Companion[] {
  return time64Calls.flatMap(([old, replacement]) => {
    if (old === syscall)
      return [{ syscall: replacement, reason: '32-bit programs with 64-bit times call it' }];
    return replacement === syscall ? [{ syscall: old, reason: 'it does the same with 32-bit times' }] : [];
  });
}

function distinct<T extends Companion>(own: string, companions: readonly T[]): readonly T[] {
  const seen = new Set([own]);
  return companions.filter(({ syscall }) => !seen.has(syscall) && seen.add(syscall) !== undefined);
}
