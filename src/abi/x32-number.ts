/**
 * Numbers of x32 calls, which the kernel shows under the word of x86_64.
 * @module
 */
import { X32_SYSCALL_BIT } from './architectures.ts';

/** Bit 30, and not the numbers from -1 down, which have all upper bits. @param nr - u32 */
export function isX32Number(nr: number): boolean {
  return (nr & X32_SYSCALL_BIT) !== 0 && nr < 0x8000_0000;
}
