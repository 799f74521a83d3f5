/**
 * The byte order of C structs here, unlike that of programs, which is their target's.
 * @module
 */

/** Whether this machine is little endian. */
export const HOST_IS_LITTLE: boolean = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;
