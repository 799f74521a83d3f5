/**
 * Names, numbers and return words that callers hand in: each call checks them. Commands ask the functions of the same names directly.
 * @module
 */
import {
  type ActionInfo,
  type ActionKind,
  actions,
  type ReturnWord,
  actionByOciAction as uncheckedActionByOciAction,
  parseReturnWord as uncheckedParseReturnWord,
  returnWord as uncheckedReturnWord,
} from './actions.ts';
import type { Architecture, ArchName } from './architectures.ts';
import {
  errnoByName as uncheckedErrnoByName,
  errnoName as uncheckedErrnoName,
  formatErrno as uncheckedFormatErrno,
} from './errno.ts';
import { findArchitecture as uncheckedFindArchitecture } from './find-architecture.ts';
import { type KernelVersion, parseKernelVersion as uncheckedParseKernelVersion } from './kernel-version.ts';
import {
  effectiveReturnWord as uncheckedEffectiveReturnWord,
  formatReturnWord as uncheckedFormatReturnWord,
  isUnknownAction as uncheckedIsUnknownAction,
  precedenceOf as uncheckedPrecedenceOf,
} from './return-word.ts';
import {
  isPseudo as uncheckedIsPseudo,
  syscallName as uncheckedSyscallName,
  syscallNumber as uncheckedSyscallNumber,
} from './syscall-numbers.ts';
import { archName, callNumber, count, maybe, oneOf, takerFor, text, u32 } from './value-shape.ts';

const actionKind = oneOf(Object.keys(actions) as ActionKind[]);
const maybeArch = maybe(archName);
const maybeCount = maybe(count);

/**
 * Finds an action by its exact runtime-spec name, `SCMP_ACT_ERRNO`.
 *
 * @returns `undefined` for a name that runtime-spec does not have
 * @throws OciSeccompError `ERR_USAGE` for a value that the types refuse (`details.key`: where it is)
 */
export function actionByOciAction(name: string): ActionInfo | undefined {
  const take = takerFor('actionByOciAction');
  return uncheckedActionByOciAction(take('name', text, name));
}

/**
 * Builds a return word, u32.
 *
 * @param data - errno for `errno` (0..4094, libseccomp's range), any u16 for `trap` and `trace`, absent for all others; default: 0
 * @throws OciSeccompError `ERR_USAGE` if the data does not fit the action, nothing is masked silently; and for a value that the
 *   types refuse (`details.key`: where it is)
 */
export function returnWord(kind: ActionKind, data?: number): ReturnWord {
  const take = takerFor('returnWord');
  return uncheckedReturnWord(take('kind', actionKind, kind), take('data', maybeCount, data));
}

/**
 * Takes a return word apart.
 *
 * @param word - u32
 * @returns the action's row and the 16-bit data; the row is `undefined` for words the kernel does not know
 *   (it treats those as KILL_PROCESS)
 * @throws OciSeccompError `ERR_USAGE` for a value that the types refuse (`details.key`: where it is)
 */
export function parseReturnWord(word: ReturnWord): {
  readonly action: ActionInfo | undefined;
  readonly data: number;
} {
  const take = takerFor('parseReturnWord');
  return uncheckedParseReturnWord(take('word', u32, word));
}

/**
 * A return word for people: `ALLOW`, `ERRNO EPERM (1)`, `TRACE 7`; an unknown word with what it does.
 *
 * @param word - u32
 * @param arch - whose names errors get: 89 is ENOSYS on MIPS; x86's, which most have, unless told
 * @throws OciSeccompError `ERR_USAGE` for a value that the types refuse (`details.key`: where it is)
 */
export function formatReturnWord(word: ReturnWord, arch?: ArchName): string {
  const take = takerFor('formatReturnWord');
  return uncheckedFormatReturnWord(take('word', u32, word), take('arch', maybeArch, arch));
}

/**
 * The word with the same effect, without what the kernel ignores: unknown actions kill the process, most take no data.
 *
 * @param word - u32
 * @throws OciSeccompError `ERR_USAGE` for a value that the types refuse (`details.key`: where it is)
 */
export function effectiveReturnWord(word: ReturnWord): ReturnWord {
  const take = takerFor('effectiveReturnWord');
  return uncheckedEffectiveReturnWord(take('word', u32, word));
}

/**
 * An action's place in the order in which the filters of a task win: the lowest wins, whatever its data.
 *
 * The kernel compares action words as signed numbers and interprets only the winner (Linux 6.18 kernel/seccomp.c
 * ACTION_ONLY, seccomp_run_filters): an unknown action has a place of its own, and is KILL_PROCESS once it has won. For how
 * severe the *effect* of a filter alone is, ask about its {@link effectiveReturnWord}.
 *
 * @param word - u32
 * @returns i32, the action bits; strictest first KILL_PROCESS (-2^31) to ALLOW (0x7fff0000)
 * @throws OciSeccompError `ERR_USAGE` for a value that the types refuse (`details.key`: where it is)
 */
export function precedenceOf(word: ReturnWord): number {
  const take = takerFor('precedenceOf');
  return uncheckedPrecedenceOf(take('word', u32, word));
}

/**
 * Whether a word's action is one that no kernel knows (Linux 6.18).
 *
 * @param word - u32
 * @throws OciSeccompError `ERR_USAGE` for a value that the types refuse (`details.key`: where it is)
 */
export function isUnknownAction(word: ReturnWord): boolean {
  const take = takerFor('isUnknownAction');
  return uncheckedIsUnknownAction(take('word', u32, word));
}

/**
 * Finds an error number by its exact name.
 *
 * @param arch - whose numbers; x86's, which most have, unless told
 * @returns 1..1133, or `undefined` for an unknown name
 * @throws OciSeccompError `ERR_USAGE` for a value that the types refuse (`details.key`: where it is)
 */
export function errnoByName(name: string, arch?: ArchName): number | undefined {
  const take = takerFor('errnoByName');
  return uncheckedErrnoByName(take('name', text, name), take('arch', maybeArch, arch));
}

/**
 * Finds the name of an error number: `EAGAIN` for 11, not `EWOULDBLOCK`.
 *
 * @param nr - from 0; the kernel's are positive
 * @param arch - whose names; x86's, which most have, unless told
 * @returns the name, or `undefined` if the number has none
 * @throws OciSeccompError `ERR_USAGE` for a value that the types refuse (`details.key`: where it is)
 */
export function errnoName(nr: number, arch?: ArchName): string | undefined {
  const take = takerFor('errnoName');
  return uncheckedErrnoName(take('nr', count, nr), take('arch', maybeArch, arch));
}

/**
 * Prints an error number for people: `EPERM (1)`, and the bare number where there is no name: `4000`.
 *
 * @param nr - from 0; the kernel's are positive
 * @param arch - whose names; x86's, which most have, unless told
 * @throws OciSeccompError `ERR_USAGE` for a value that the types refuse (`details.key`: where it is)
 */
export function formatErrno(nr: number, arch?: ArchName): string {
  const take = takerFor('formatErrno');
  return uncheckedFormatErrno(take('nr', count, nr), take('arch', maybeArch, arch));
}

/**
 * Finds an architecture by any spelling people use: libseccomp's name, `SCMP_ARCH_*`, GOARCH, `uname -m`, alias; the
 * kernel's `AUDIT_ARCH_*`, and its word as audit records and programs show it, `c000003e`, `arch=c000003e`, `0xc000003e`,
 * `si_arch=AUDIT_ARCH_X86_64`, `3221225534`.
 *
 * @returns the row, or `undefined` for a name no architecture has; letter case is ignored
 * @throws OciSeccompError `ERR_USAGE` for a value that the types refuse (`details.key`: where it is)
 */
export function findArchitecture(spelling: string): Architecture | undefined {
  const take = takerFor('findArchitecture');
  return uncheckedFindArchitecture(take('spelling', text, spelling));
}

/**
 * Reads a kernel release as moby does: two numbers, what follows ignored (`6.1.0-rc1` is 6.1).
 *
 * @returns `undefined` if the text does not start with two numbers
 * @throws OciSeccompError `ERR_USAGE` for a value that the types refuse (`details.key`: where it is)
 */
export function parseKernelVersion(release: string): KernelVersion | undefined {
  const take = takerFor('parseKernelVersion');
  return uncheckedParseKernelVersion(take('release', text, release));
}

/**
 * Finds the number libseccomp gives a name, as `seccomp_syscall_resolve_name_arch(3)` does.
 *
 * @returns the number, with the ABI's base in it (x32: bit 30; MIPS: 4000, 5000, 6000); a pseudo number, at most -100,
 *   if the architecture lacks the call or has a multiplexer for it; `undefined` for a name no architecture has
 * @throws OciSeccompError `ERR_USAGE` for a value that the types refuse (`details.key`: where it is)
 */
export function syscallNumber(name: string, arch: ArchName): number | undefined {
  const take = takerFor('syscallNumber');
  return uncheckedSyscallNumber(take('name', text, name), take('arch', archName, arch));
}

/**
 * Finds the name of a number, real or pseudo.
 *
 * NOTE: a real number must carry its ABI's base; libseccomp also answers to numbers without it.
 *
 * @param nr - i32 or u32
 * @returns the name, or `undefined` if the architecture has no call of this number
 * @throws OciSeccompError `ERR_USAGE` for a value that the types refuse (`details.key`: where it is)
 */
export function syscallName(nr: number, arch: ArchName): string | undefined {
  const take = takerFor('syscallName');
  return uncheckedSyscallName(take('nr', callNumber, nr), take('arch', archName, arch));
}

/**
 * Tells pseudo numbers, which no kernel ever sees, from real ones.
 *
 * @param nr - i32 or u32
 * @throws OciSeccompError `ERR_USAGE` for a value that the types refuse (`details.key`: where it is)
 */
export function isPseudo(nr: number): boolean {
  const take = takerFor('isPseudo');
  return uncheckedIsPseudo(take('nr', callNumber, nr));
}
