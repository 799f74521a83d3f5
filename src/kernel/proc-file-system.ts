/**
 * Files of a proc file system: other processes decide what they contain, some make their readers wait, and some lose
 * what was read (kmsg).
 *
 * Sources: proc(5), statfs(2); Linux 6.18 include/uapi/linux/magic.h.
 * @module
 */
import { statfsSync } from 'node:fs';

export const PROC_SUPER_MAGIC = 0x9fa0;

/** @throws errors of statfs(2) */
export function isInProc(path: string): boolean {
  return statfsSync(path).type === PROC_SUPER_MAGIC;
}
