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
  /** By position of the name: the number of the architecture's own call; {@link NONE}: it has no such call. */
  readonly direct: Int32Array;
  /** The numbers of `direct`, ascending, once they were asked for. */
  ascending?: readonly number[];
}

/** No number of a call, real or pseudo: all of those are above it. */
const NONE = -0x8000_0000;

let allNames: readonly string[] | undefined;
let pseudoNumbers: Int32Array | undefined;
let pseudoNames: ReadonlyMap<number, string> | undefined;
const tables = new Map<ArchName, ArchTable>();

/** All names of all architectures, sorted; the same frozen array on each call. */
export function allSyscallNames(): readonly string[] {
  allNames ??= Object.freeze(names.split(' '));
  return allNames;
}

let positions: ReadonlyMap<string, number> | undefined;

/** By name: its position among all names. The tables are lists in that order, which takes less than a map for each. */
function positionByName(): ReadonlyMap<string, number> {
  if (positions === undefined) {
    const found = new Map<string, number>();
    allSyscallNames().forEach((name, at) => {
      found.set(name, at);
    });
    positions = found;
  }
  return positions;
}

/** Whether any architecture has a call of this name. */
export function isSyscallName(name: string): boolean {
  return (positions ?? positionByName()).has(name);
}

function pseudoCalls(): Int32Array {
  pseudoNumbers ??= decode(pseudo, 0, -1);
  return pseudoNumbers;
}

function decodeArch(arch: ArchName): ArchTable {
  const text = numbers[arch];
  const stored = text.startsWith('=') ? numbers[text.slice(1) as ArchName] : text;
  const colon = stored.indexOf(':');
  const base = Number(stored.slice(0, colon));
  return { direct: decode(stored.slice(colon + 1), base, 1) };
}

/** A list with a cell for each name; an empty one is {@link NONE}. */
function decode(cells: string, base: number, sign: 1 | -1): Int32Array {
  const decoded = new Int32Array(allSyscallNames().length).fill(NONE);
  cells.split(',').forEach((cell, at) => {
    if (cell !== '') decoded[at] = base + sign * Number.parseInt(cell, 36);
  });
  return decoded;
}

/** Where the cells of a name are. */
function positionOf(name: string): number | undefined {
  return (positions ?? positionByName()).get(name);
}

/**
 * The number in a cell of such a list. Apart from {@link positionOf}, because a run that compiles a built-in profile asks 2,700
 * times: V8 would optimize what does both, which takes 2 ms and 4 MB.
 */
function numberAt(list: Int32Array, at: number | undefined): number | undefined {
  if (at === undefined) return undefined;
  const number = list[at];
  return number === NONE ? undefined : number;
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

/** By position of the name: what libseccomp answers to it. Kept, because compiling asks thousands of times. */
const answers = new Map<ArchName, Int32Array>();

function answersOf(arch: ArchName): Int32Array {
  return answers.get(arch) ?? makeAnswers(arch);
}

function makeAnswers(arch: ArchName): Int32Array {
  const made = pseudoCalls().slice();
  const multiplexes = hasMultiplexer(arch);
  table(arch).direct.forEach((nr, at) => {
    const isCarried = multiplexes && (made[at] ?? NONE) > MULTIPLEXED_END;
    if (nr !== NONE && !isCarried) made[at] = nr;
  });
  answers.set(arch, made);
  return made;
}

/**
 * Finds the number libseccomp gives a name, as `seccomp_syscall_resolve_name_arch(3)` does.
 *
 * @returns the number, with the ABI's base in it (x32: bit 30; MIPS: 4000, 5000, 6000); a pseudo number, at most -100,
 *   if the architecture lacks the call or has a multiplexer for it; `undefined` for a name no architecture has
 */
export function syscallNumber(name: string, arch: ArchName): number | undefined {
  return numberAt(answersOf(arch), positionOf(name));
}

/**
 * Finds the number of the call an architecture's kernel has under this name, whether or not there is a multiplexer too.
 *
 * @returns a number >= 0, or `undefined` if there is no such call
 */
export function directSyscallNumber(name: string, arch: ArchName): number | undefined {
  return numberAt(table(arch).direct, positionOf(name));
}

/** All numbers >= 0 that an architecture has a call for, ascending; of x32 with bit 30. The same array on each call. */
export function directSyscallNumbers(arch: ArchName): readonly number[] {
  const found = table(arch);
  found.ascending ??= Object.freeze(ascending(found.direct));
  return found.ascending;
}

/** Each number once. */
function ascending(numbers: Int32Array): readonly number[] {
  const once: number[] = [];
  // Typed arrays sort numbers without a call for each pair.
  const sorted = numbers.slice().sort();
  for (let at = 0; at < sorted.length; at += 1) {
    const nr = sorted[at] ?? NONE;
    if (nr !== NONE && nr !== sorted[at - 1]) once.push(nr);
  }
  return once;
}

/**
 * Finds how a socket or System V IPC call goes through a multiplexer on architectures that have one.
 *
 * @returns the multiplexer and argument 0, or `undefined` if there is no such way in
 */
export function multiplexedCall(name: string, arch: ArchName): MultiplexedCall | undefined {
  const substitute = numberAt(pseudoCalls(), positionOf(name));
  if (substitute === undefined || substitute <= MULTIPLEXED_END || !hasMultiplexer(arch)) return undefined;
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
  // Of several names of a number the last one counts, here and below.
  if (nr >= 0) return allSyscallNames()[table(arch).direct.lastIndexOf(nr)];
  // Two names share -10191; as with libseccomp the later one is the number's name.
  pseudoNames ??= new Map(allSyscallNames().map((each, at) => [pseudoCalls()[at] ?? NONE, each]));
  const name = pseudoNames.get(nr);
  return name !== undefined && syscallNumber(name, arch) === nr ? name : undefined;
}

/** Tells pseudo numbers, which no kernel ever sees, from real ones. */
export function isPseudo(nr: number): boolean {
  return nr <= -100;
}

/** A number as filters see it; those with high bits in hexadecimal. @param nr - i32 or u32 */
export function formatNumber(nr: number): string {
  const word = nr >>> 0;
  return word > 0xffff ? `0x${word.toString(16)}` : `${word}`;
}

/** As {@link formatNumber}; a negative one also as logs, tracers and users write it: `-1 (0xffffffff)`. */
export function formatCallNumber(nr: number): string {
  return nr >>> 0 > 0x7fff_ffff ? `${nr | 0} (${formatNumber(nr)})` : formatNumber(nr);
}
