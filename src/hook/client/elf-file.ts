/**
 * An executable file of two segments: code that is read and executed, and data that is read and written. No other part:
 * neither sections nor symbols, nor an interpreter.
 *
 * Source: System V ABI, chapters 4 and 5 (ELF-64, program headers); elf(5).
 * @module
 */

const HEADER_SIZE = 64;
const PROGRAM_HEADER_SIZE = 56;
const SEGMENTS = 3;
/** Where the code starts in the file: behind the headers. */
export const CODE_OFFSET = HEADER_SIZE + SEGMENTS * PROGRAM_HEADER_SIZE;
/** The largest page of the two architectures: no page holds code and data. */
const PAGE = 0x10000;
const BASE = 0x400000;
export const CODE_ADDRESS = BASE + CODE_OFFSET;

const ET_EXEC = 2;
const PT_LOAD = 1;
/** Its flags make the stack readable and writable, and not executable. */
const PT_GNU_STACK = 0x6474e551;
const [EXECUTE, WRITE, READ] = [1, 2, 4];

interface ElfParts {
  readonly machine: number;
  /** Executed from its first byte on; texts may stand behind it. */
  readonly code: Uint8Array;
  readonly data: Uint8Array;
  /** How many zeros follow the data in memory. */
  readonly zeros: number;
}

/** The address of the data behind code of this size. A page of memory is a page of the file, so the offset in it is the same. */
export function dataAddress(codeSize: number): number {
  const end = BASE + dataOffset(codeSize);
  return end + PAGE;
}

/** Data begins at a multiple of 8. */
function dataOffset(codeSize: number): number {
  return Math.ceil((CODE_OFFSET + codeSize) / 8) * 8;
}

export function writeElf({ machine, code, data, zeros }: ElfParts): Uint8Array {
  const offset = dataOffset(code.length);
  const file = Buffer.alloc(offset + data.length);
  // Magic, 64 bits, little-endian, version 1; the rest of the 16 bytes is zero.
  file.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1], 0);
  file.writeUInt16LE(ET_EXEC, 16);
  file.writeUInt16LE(machine, 18);
  file.writeUInt32LE(1, 20); // version
  file.writeBigUInt64LE(BigInt(CODE_ADDRESS), 24); // entry
  file.writeBigUInt64LE(BigInt(HEADER_SIZE), 32); // program headers
  file.writeUInt16LE(HEADER_SIZE, 52);
  file.writeUInt16LE(PROGRAM_HEADER_SIZE, 54);
  file.writeUInt16LE(SEGMENTS, 56);
  file.writeUInt16LE(64, 58); // size of a section's header; there are no sections
  const codeEnd = CODE_OFFSET + code.length;
  writeSegment(file, 0, { type: PT_LOAD, flags: READ | EXECUTE, offset: 0, size: codeEnd, memory: codeEnd });
  const memory = data.length + zeros;
  writeSegment(file, 1, { type: PT_LOAD, flags: READ | WRITE, offset, size: data.length, memory });
  writeSegment(file, 2, { type: PT_GNU_STACK, flags: READ | WRITE, offset: 0, size: 0, memory: 0 });
  file.set(code, CODE_OFFSET);
  file.set(data, offset);
  return file;
}

interface Segment {
  readonly type: number;
  readonly flags: number;
  readonly offset: number;
  readonly size: number;
  readonly memory: number;
}

function writeSegment(file: Buffer, index: number, { type, flags, offset, size, memory }: Segment): void {
  const at = HEADER_SIZE + index * PROGRAM_HEADER_SIZE;
  const address = type === PT_LOAD ? BASE + offset + ((flags & WRITE) === 0 ? 0 : PAGE) : 0;
  file.writeUInt32LE(type, at);
  file.writeUInt32LE(flags, at + 4);
  file.writeBigUInt64LE(BigInt(offset), at + 8);
  file.writeBigUInt64LE(BigInt(address), at + 16);
  file.writeBigUInt64LE(BigInt(address), at + 24);
  file.writeBigUInt64LE(BigInt(size), at + 32);
  file.writeBigUInt64LE(BigInt(memory), at + 40);
  file.writeBigUInt64LE(BigInt(type === PT_LOAD ? PAGE : 16), at + 48);
}
