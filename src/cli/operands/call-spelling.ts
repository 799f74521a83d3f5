/**
 * The one reader of words that name a call: names of headers and kernel logs, `syscall=165` of audit records,
 * `si_syscall=__NR_mount` and `_syscall = 165` of dumps of SIGSYS.
 * @module
 */
import { spelledCall } from '../../abi/call-spellings.ts';

const KEYED = /^(?:si_|_)?(?:syscall|SYSCALL|nr)=(.*)$/;

/** The name or number that a word stands for. A word that does not spell a call is returned unchanged. */
export function callSpelling(word: string): string {
  const bare = KEYED.exec(word)?.[1] ?? word;
  return spelledCall(bare) ?? unsigned(bare) ?? bare;
}

/** The kernel's log shows the number as signed: `syscall=-1`. */
function unsigned(word: string): string | undefined {
  if (!/^-[0-9]{1,10}$/.test(word)) return undefined;
  const nr = Number(word) | 0;
  return nr === Number(word) ? String(nr >>> 0) : undefined;
}

/** A call as a record shows it. */
interface PastedCall {
  readonly syscall: string;
  /** `arch=c000003e`, as `findArchitecture` reads it; `undefined`: it is not among the words. */
  readonly arch: string | undefined;
}

/** Key and value of a record, in the forms of audit records, strace and gdb. */
const CALL = /(?<![a-z])(?:si_|_)?syscall ?= ?"?(-?[0-9a-zA-Z_]+)/;
const ARCH = /(?<![a-z])((?:si_|_)?arch ?= ?[0-9a-zA-Z_]+)/;

/** Reads a record, or the part of one, that a person pasted in place of a call; `undefined` for other words. */
export function pastedCall(words: readonly string[]): PastedCall | undefined {
  const text = words.join(' ');
  const syscall = CALL.exec(text)?.[1];
  if (syscall === undefined) return undefined;
  return { syscall, arch: ARCH.exec(text)?.[1]?.replaceAll(' ', '') };
}
