/**
 * A look at the file of a library before the dynamic linker has it: the linker waits for a writer of a FIFO, reads past the end of a
 * file that is cut off, which ends the process with SIGBUS, and says of a library for another processor that there is no such file.
 *
 * Source: ELF-64 Object File Format 1.5, "File header" (e_machine u16 @0x12, e_phoff u64 @0x20, e_phnum u16 @0x38) and "Program
 * header" (56 bytes: p_type u32 @0, p_offset u64 @8, p_filesz u64 @32).
 * @module
 */
import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';

/** Magic number, 64 bits, little endian. Files of other kinds are left to the linker. */
const ELF = '\x7fELF\x02\x01';
const HEADER_SIZE = 64;
const PROGRAM_HEADER_SIZE = 56;
const PT_LOAD = 1;

/**
 * Does nothing if there is no such file: the linker says so.
 *
 * @throws Error if it cannot be looked at, is no regular file, or is an ELF file of 64 bits that is cut off or for another processor
 */
export function checkLibraryFile(path: string): void {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return;
  if (!stats.isFile()) throw new Error('it is not a file');
  reading(path, (fd) => {
    const header = headerOf(fd);
    if (header.toString('latin1', 0, ELF.length) !== ELF) return;
    const [theirs, ours] = [machineOf(header), machineOf(reading(process.execPath, headerOf))];
    if (theirs !== ours)
      throw new Error(`it is for another processor: ELF machine ${theirs}, Node's is ${ours}`);
    if (fstatSync(fd).size < loadedSize(fd, header)) throw new Error('the file is cut off');
  });
}

const headerOf = (fd: number): Buffer => readAt(fd, 0, HEADER_SIZE);
const machineOf = (header: Buffer): number => header.readUInt16LE(0x12);

/** Where the last segment ends that the linker maps. */
function loadedSize(fd: number, header: Buffer): number {
  const count = header.readUInt16LE(0x38);
  const table = readAt(fd, Number(header.readBigUInt64LE(0x20)), count * PROGRAM_HEADER_SIZE);
  const ends = Array.from({ length: count }, (_, i) => {
    const at = i * PROGRAM_HEADER_SIZE;
    const isLoaded = table.readUInt32LE(at) === PT_LOAD;
    return isLoaded ? Number(table.readBigUInt64LE(at + 8) + table.readBigUInt64LE(at + 32)) : 0;
  });
  return Math.max(0, ...ends);
}

/** What is past the end of the file is 0. */
function readAt(fd: number, position: number, size: number): Buffer {
  const bytes = Buffer.alloc(size);
  readSync(fd, bytes, 0, size, position);
  return bytes;
}

function reading<T>(path: string, work: (fd: number) => T): T {
  const fd = openSync(path, 'r');
  try {
    return work(fd);
  } finally {
    closeSync(fd);
  }
}
