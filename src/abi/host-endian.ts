/**
 * The byte order of the machine that runs this code, without `node:os`: that module is not loaded when Node starts.
 * @module
 */
import type { Endian } from './architectures.ts';

export function hostEndian(): Endian {
  return new Uint8Array(Uint16Array.of(1).buffer)[0] === 1 ? 'little' : 'big';
}
