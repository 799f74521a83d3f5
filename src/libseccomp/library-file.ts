/**
 * A look at the file of a library before the dynamic linker has it: the linker waits for a writer of a FIFO, and reads past the
 * end of a file that is cut off, which ends the process with SIGBUS.
 * @module
 */
import { closeSync, openSync, readSync, statSync } from 'node:fs';

/** Magic number, 64 bits, little endian. Files of other kinds are left to the linker. */
const ELF = '\x7fELF\x02\x01';

/**
 * Does nothing if there is no such file: the linker says so.
 *
 * @throws Error if it cannot be looked at, is no regular file, or is an ELF file of 64 bits that is cut off
 */
export function checkLibraryFile(path: string): void {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return;
  if (!stats.isFile()) throw new Error('it is not a file');
  if (stats.size < leastSize(path)) throw new Error('the file is cut off');
}

/**
 * Where the table of sections ends, which linkers write last.
 *
 * Source: ELF-64 Object File Format 1.5, "File header": e_shoff u64 @0x28, e_shentsize u16 @0x3a, e_shnum u16 @0x3c.
 */
function leastSize(path: string): number {
  const header = Buffer.alloc(64);
  const fd = openSync(path, 'r');
  try {
    readSync(fd, header);
  } finally {
    closeSync(fd);
  }
  if (header.toString('latin1', 0, ELF.length) !== ELF) return 0;
  return Number(header.readBigUInt64LE(0x28)) + header.readUInt16LE(0x3a) * header.readUInt16LE(0x3c);
}
