/**
 * System call names and numbers of every architecture libseccomp knows, without libseccomp.
 *
 * The numbers are libseccomp's answers, stored in syscall-table.generated.ts and decoded for an architecture when it is
 * first asked for. Pseudo numbers (`__PNR_*`, libseccomp 2.6.1 include/seccomp-syscalls.h) stand for calls an
 * architecture lacks. NOTE: libseccomp also gives pseudo numbers to socket and System V IPC calls where they can go
 * through a multiplexer, even if the architecture has calls of their own as well; {@link directSyscallNumber} and
 * {@link multiplexedCall} tell the two ways in apart.
 * @module
 */
import type { ArchName } from './architectures.ts';
import { multiplexing, names, numbers, pseudo, source } from './syscall-table.generated.ts';

/** Which library the table was taken from, `libseccomp 2.6.1`. */
export const tableSource: string = source;

/** A call carried in argument 0 of another: `socket` as `socketcall(1, …)`. */
export interface MultiplexedCall {
  readonly multiplexer: 'socketcall' | 'ipc';
  /** The multiplexer's own number. */
  readonly nr: number;
  /** Argument 0; of `ipc` its low 16 bits, the rest is a version. */
  readonly argument: number;
}

interface ArchTable {
  /** Each name an architecture has a call of its own for. */
  readonly direct: ReadonlyMap<string, number>;
  /** The names of numbers, once they were asked for. */
  names?: ReadonlyMap<number, string>;
  /** The numbers of `direct`, ascending, once they were asked for. */
  ascending?: readonly number[];
  /** What libseccomp answers to each name, once it was asked for. */
  answers?: ReadonlyMap<string, number>;
}

let allNames: readonly string[] | undefined;
let pseudoNumbers: ReadonlyMap<string, number> | undefined;
let pseudoNames: ReadonlyMap<number, string> | undefined;
const tables = new Map<ArchName, ArchTable>();

/** All names of all architectures, sorted; the same frozen array on each call. */
export function allSyscallNames(): readonly string[] {
  allNames ??= Object.freeze(names.split(' '));
  return allNames;
}

let nameSet: ReadonlySet<string> | undefined;

/** All names of all architectures; the same set on each call. */
export function syscallNameSet(): ReadonlySet<string> {
  nameSet ??= new Set(allSyscallNames());
  return nameSet;
}

function pseudoCalls(): ReadonlyMap<string, number> {
  if (pseudoNumbers === undefined) {
    const known = allSyscallNames();
    const byName = new Map<string, number>();
    const cells = pseudo.split(',');
    for (let i = 0; i < cells.length; i += 1) {
      const cell = cells[i] ?? '';
      const name = known[i];
      if (cell !== '' && name !== undefined) byName.set(name, -Number.parseInt(cell, 36));
    }
    pseudoNumbers = byName;
  }
  return pseudoNumbers;
}

function decodeArch(arch: ArchName): ArchTable {
  const text = numbers[arch];
  const stored = text.startsWith('=') ? numbers[text.slice(1) as ArchName] : text;
  const colon = stored.indexOf(':');
  const base = Number(stored.slice(0, colon));
  const known = allSyscallNames();
  const cells = stored.slice(colon + 1).split(',');
  const direct = new Map<string, number>();
  for (let i = 0; i < cells.length; i += 1) {
    const cell = cells[i] ?? '';
    const name = known[i];
    if (cell !== '' && name !== undefined) direct.set(name, base + Number.parseInt(cell, 36));
  }
  return { direct };
}

/** The names of an architecture's numbers. Made when they are asked for, as few callers do. */
function namesByNumber(found: ArchTable): ReadonlyMap<number, string> {
  if (found.names === undefined) {
    const names = new Map<number, string>();
    found.direct.forEach((nr, name) => {
      names.set(nr, name);
    });
    found.names = names;
  }
  return found.names;
}

let multiplexers: ReadonlySet<string> | undefined;

/** Whether socket and System V IPC calls of an architecture can go through a multiplexer. */
export function hasMultiplexer(arch: ArchName): boolean {
  multiplexers ??= new Set(multiplexing.split(' '));
  return multiplexers.has(arch);
}

function table(arch: ArchName): ArchTable {
  let found = tables.get(arch);
  if (found === undefined) {
    found = decodeArch(arch);
    tables.set(arch, found);
  }
  return found;
}

/** The pseudo numbers of multiplexed calls lie above this: -(100 + argument) socketcall's, -(200 + argument) ipc's. */
const MULTIPLEXED_END = -300;

/** Kept, because compiling asks thousands of times: one look into one map is not worth V8's time to optimize. */
function answersOf(arch: ArchName): ReadonlyMap<string, number> {
  const found = table(arch);
  found.answers ??= makeAnswers(found.direct, hasMultiplexer(arch));
  return found.answers;
}

/** With `forEach`: until V8 has optimized a loop over a map, each step makes two objects. */
function makeAnswers(direct: ReadonlyMap<string, number>, multiplexes: boolean): ReadonlyMap<string, number> {
  const answers = new Map<string, number>();
  pseudoCalls().forEach((nr, name) => {
    answers.set(name, nr);
  });
  direct.forEach((nr, name) => {
    const substitute = multiplexes ? answers.get(name) : undefined;
    if (substitute === undefined || substitute <= MULTIPLEXED_END) answers.set(name, nr);
  });
  return answers;
}

/**
 * Finds the number libseccomp gives a name, as `seccomp_syscall_resolve_name_arch(3)` does.
 *
 * @returns the number, with the ABI's base in it (x32: bit 30; MIPS: 4000, 5000, 6000); a pseudo number, at most -100,
 *   if the architecture lacks the call or has a multiplexer for it; `undefined` for a name no architecture has
 */
export function syscallNumber(name: string, arch: ArchName): number | undefined {
  return answersOf(arch).get(name);
}

/**
 * Finds the number of the call an architecture's kernel has under this name, whether or not there is a multiplexer too.
 *
 * @returns a number >= 0, or `undefined` if there is no such call
 */
export function directSyscallNumber(name: string, arch: ArchName): number | undefined {
  return table(arch).direct.get(name);
}

/** All numbers >= 0 that an architecture has a call for, ascending; of x32 with bit 30. The same array on each call. */
export function directSyscallNumbers(arch: ArchName): readonly number[] {
  const found = table(arch);
  found.ascending ??= Object.freeze(ascending([...found.direct.values()]));
  return found.ascending;
}

/** Each number once. */
function ascending(numbers: readonly number[]): readonly number[] {
  const once: number[] = [];
  // Typed arrays sort numbers without a call for each pair.
  const sorted = new Float64Array(numbers).sort();
  for (let at = 0; at < sorted.length; at += 1) {
    const nr = sorted[at] ?? 0;
    if (at === 0 || nr !== sorted[at - 1]) once.push(nr);
  }
  return once;
}

/**
 * Finds how a socket or System V IPC call goes through a multiplexer on architectures that have one.
 *
 * @returns the multiplexer and argument 0, or `undefined` if there is no such way in
 */
export function multiplexedCall(name: string, arch: ArchName): MultiplexedCall | undefined {
  // Most architectures have none, and their table is not decoded for that.
  if (!hasMultiplexer(arch)) return undefined;
  const substitute = pseudoCalls().get(name);
  if (substitute === undefined || substitute <= MULTIPLEXED_END) return undefined;
  const multiplexer = substitute > -200 ? 'socketcall' : 'ipc';
  const nr = directSyscallNumber(multiplexer, arch);
  return nr === undefined ? undefined : { multiplexer, nr, argument: -substitute % 100 };
}

/**
 * Finds the name of a number, real or pseudo.
 *
 * NOTE: a real number must carry its ABI's base; libseccomp also answers to numbers without it.
 *
 * @returns the name, or `undefined` if the architecture has no call of this number
 */
export function syscallName(nr: number, arch: ArchName): string | undefined {
  if (nr >= 0) return namesByNumber(table(arch)).get(nr);
  // Two names share -10191; as with libseccomp the later one is the number's name.
  pseudoNames ??= new Map([...pseudoCalls()].map(([each, number]) => [number, each]));
  const name = pseudoNames.get(nr);
  return name !== undefined && syscallNumber(name, arch) === nr ? name : undefined;
}

/** Tells pseudo numbers, which no kernel ever sees, from real ones. */
export function isPseudo(nr: number): boolean {
  return nr <= -100;
}
