/**
 * The newest names and numbers that are known here, without a library.
 * @module
 */
import { frozen } from '../abi/frozen.ts';
import { syscallNumber, tableSource } from '../abi/syscall-numbers.ts';
import type { SyscallTable } from './policy.ts';

/** Our own table, generated from libseccomp and newer than most machines' library. */
export const newestTable: SyscallTable = frozen({
  name: tableSource,
  resolve: syscallNumber,
});
