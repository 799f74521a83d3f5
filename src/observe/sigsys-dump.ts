/**
 * The signal SIGSYS as programs print it: strace's `--- SIGSYS {…} ---`, gdb's `_sigsys = {…}`, Chromium's
 * `seccomp-bpf failure in syscall …`.
 * @module
 */

/** What seccomp does when a program gets the signal: SECCOMP_RET_TRAP, or a kill that a debugger shows. */
const TRAP = '0x30000';

const STRACE = /SIGSYS \{.{0,200}?si_syscall=(?:__NR_)?([0-9a-zA-Z_]{1,40}),? si_arch=(\w{1,40})/;
const GDB = /_sigsys = \{.{0,200}?_syscall = (-?\d{1,10}), _arch = (\d{1,10})/;
/** The number is decimal in old versions, hexadecimal in those that write `nr=0x`. */
const CHROMIUM = /seccomp-bpf failure in syscall (?:nr=)?(0x[0-9a-f]{1,8}|\d{1,10})/i;
const PID = /^\[pid +(\d{1,10})\]/;

/** The fields of a record; `undefined` if the text has no such dump. */
export function sigsysFields(text: string): ReadonlyMap<string, string> | undefined {
  if (!/sigsys|seccomp-bpf failure/i.test(text)) return undefined;
  const [, strace, straceArch] = STRACE.exec(text) ?? [];
  const pid = PID.exec(text)?.[1];
  const rest: readonly (readonly [string, string])[] = [
    ['code', TRAP],
    ...(pid === undefined ? [] : [['pid', pid] as const]),
  ];
  if (strace !== undefined && straceArch !== undefined) {
    return new Map([['syscall', strace], ['arch', archField(straceArch)], ...rest]);
  }
  const [, gdb, gdbArch] = GDB.exec(text) ?? [];
  if (gdb !== undefined && gdbArch !== undefined) {
    return new Map([['syscall', gdb], ['arch', Number(gdbArch).toString(16)], ...rest]);
  }
  const chromium = CHROMIUM.exec(text)?.[1];
  return chromium === undefined ? undefined : new Map([['syscall', chromium], ...rest]);
}

function archField(word: string): string {
  return /^\d+$/.test(word) ? Number(word).toString(16) : word;
}
