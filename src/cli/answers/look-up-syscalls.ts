/**
 * Names and numbers of system calls, on one architecture or all.
 * @module
 */
import { type ArchName, allArchitectures } from '../../abi/architectures.ts';
import {
  allSyscallNames,
  directSyscallNumber,
  multiplexedCall,
  syscallName,
} from '../../abi/syscall-numbers.ts';
import { CALL_NUMBER } from '../operands/unknown-call.ts';

/** One answer: what was asked and what an architecture has for it. */
export interface SyscallRow {
  readonly arch: ArchName;
  readonly name: string | null;
  /** `null`: not on this architecture, or only by way of a multiplexer. */
  readonly nr: number | null;
  /** For instance `socketcall(1)`. */
  readonly through: string | null;
}

/** @returns `undefined` if no architecture at all has the call */
export function lookUpSyscall(
  operand: string,
  arches: readonly ArchName[],
): readonly SyscallRow[] | undefined {
  if (CALL_NUMBER.test(operand)) {
    const nr = Number(operand);
    const entries = arches.map(
      (arch): SyscallRow => ({ arch, name: syscallName(nr, arch) ?? null, nr, through: null }),
    );
    return entries.some(({ name }) => name !== null) ? entries : undefined;
  }
  if (!allSyscallNames().includes(operand)) return undefined;
  return arches.map((arch) => entryOf(operand, arch));
}

function entryOf(name: string, arch: ArchName): SyscallRow {
  const multiplexed = multiplexedCall(name, arch);
  const through = multiplexed === undefined ? null : `${multiplexed.multiplexer}(${multiplexed.argument})`;
  return { arch, name, nr: directSyscallNumber(name, arch) ?? null, through };
}

/** All calls of an architecture by their number; those that only a multiplexer makes come last. */
export function syscallsOf(arch: ArchName): readonly SyscallRow[] {
  return allSyscallNames()
    .map((name) => entryOf(name, arch))
    .filter(({ nr, through }) => nr !== null || through !== null)
    .sort((a, b) => (a.nr ?? Number.MAX_SAFE_INTEGER) - (b.nr ?? Number.MAX_SAFE_INTEGER));
}

/** Every name, on every architecture. */
export function syscallsEverywhere(): readonly { name: string; entries: readonly SyscallRow[] }[] {
  return allSyscallNames().map((name) => ({
    name,
    entries: allArchitectures.map((row) => entryOf(name, row.name)),
  }));
}
