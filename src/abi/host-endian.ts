/**
 * The byte order of the machine that runs this code, which C structs have; programs have that of their target. Without `node:os`:
 * that module is not loaded when Node starts.
 * @module
 */
import type { Endian } from './architectures.ts';

export const HOST_IS_LITTLE: boolean = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

export function hostEndian(): Endian {
  return HOST_IS_LITTLE ? 'little' : 'big';
}
