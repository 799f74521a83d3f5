/**
 * The byte order of C structs: that of this machine. Programs have the byte order of their target.
 * @module
 */

/** Whether this machine is little endian. */
export const HOST_IS_LITTLE: boolean = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;
