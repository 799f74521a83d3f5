/**
 * Other spellings of system calls: with the prefix of a header, and the names of the kernel's own functions, which
 * tracers and kernel logs show. These are no misspellings: each stands for exactly one call.
 *
 * Source: Linux 6.18 arch/x86/entry/syscalls/syscall_32.tbl and syscall_64.tbl, columns name and entry point.
 * @module
 */
import { isSyscallName } from './syscall-numbers.ts';

/** Prefixes of names in headers (`__NR_read`). */
const header = /^(?:__NR_|__PNR_|__SNR_|SYS_|NR_)/;
/** Prefixes of the kernel's functions (`__x64_sys_read`). */
const kernel = /^(?:__(?:x64|ia32|arm64|s390x|se|do)_(?:compat_)?sys_|compat_sys_|ksys_|sys_)/;

/** Kernel functions whose names differ from their system calls and are not the names of other calls. */
const functions: ReadonlyMap<string, string> = new Map([
  ['newstat', 'stat'],
  ['newlstat', 'lstat'],
  ['newfstat', 'fstat'],
  ['newuname', 'uname'],
  ['oldumount', 'umount'],
  ['llseek', '_llseek'],
  ['mmap_pgoff', 'mmap2'],
  ['old_mmap', 'mmap'],
  ['old_select', 'select'],
  ['old_readdir', 'readdir'],
  ['old_getrlimit', 'getrlimit'],
  ['time32', 'time'],
  ['stime32', 'stime'],
  ['utime32', 'utime'],
  ['clock_gettime32', 'clock_gettime'],
  ['clock_settime32', 'clock_settime'],
  ['timer_gettime32', 'timer_gettime'],
  ['timer_settime32', 'timer_settime'],
]);

/** A word without such a prefix, in any letter case. */
export function withoutPrefix(word: string): string {
  return word.replace(new RegExp(`${header.source}|${kernel.source}`, 'i'), '');
}

/** Functions that have the name of another call: only with a prefix is the function meant. */
const prefixed: ReadonlyMap<string, string> = new Map([['umount', 'umount2']]);

/**
 * Finds the system call that a word is another spelling of.
 *
 * @returns `undefined` for a system call's own name and for any other word
 */
export function spelledCall(word: string): string | undefined {
  if (isSyscallName(word)) return undefined;
  const named = word.replace(header, '');
  if (named !== word) return isSyscallName(named) ? named : undefined;
  const name = word.replace(kernel, '');
  const call = name === word ? undefined : (prefixed.get(name) ?? (isSyscallName(name) ? name : undefined));
  if (call !== undefined) return call;
  const listed = functions.get(name);
  if (listed !== undefined) return listed;
  // `futex_time32`; and `getuid16`, if there is `getuid32` too.
  const older = name.replace(/_time32$/, '');
  if (older !== name) return isSyscallName(older) ? older : undefined;
  const short = name.replace(/16$/, '');
  return short !== name && isSyscallName(short) && isSyscallName(`${short}32`) ? short : undefined;
}
