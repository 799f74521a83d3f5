/**
 * Numbers of x32 calls, which the kernel shows under the word of x86_64.
 * @module
 */
import { X32_SYSCALL_BIT } from './architectures.ts';

/** Whether bit 30 is set and bit 31 is not: negative numbers, such as -1, have both. @param nr - u32 */
export function isX32Number(nr: number): boolean {
  return (nr & X32_SYSCALL_BIT) !== 0 && nr < 0x8000_0000;
}
