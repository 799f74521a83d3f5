/**
 * Programs that callers hand in, for the calls of this room: each call checks its program wholly, and copies it.
 * @module
 */
import type { Endian } from '../abi/architectures.ts';
import { isBytes } from '../abi/other-realms.ts';
import { type Shape, endian as shapeOfEndian, takerFor, text, wrongMember } from '../abi/value-shape.ts';
import { type AssembleOptions, assemble as uncheckedAssemble } from './assemble.ts';
import type { BasicBlock } from './control-flow.ts';
import {
  basicBlocks as uncheckedBasicBlocks,
  controlFlowDot as uncheckedControlFlowDot,
} from './control-flow.ts';
import type { DecodedInstruction } from './decode-instructions.ts';
import { decodeInstructions as uncheckedDecodeInstructions } from './decode-instructions.ts';
import { disassemble as uncheckedDisassemble } from './disassemble.ts';
import type { Program } from './program.ts';
import {
  decodeProgram as uncheckedDecodeProgram,
  encodeProgram as uncheckedEncodeProgram,
} from './program.ts';
import type { ProgramProblem } from './program-problems.ts';
import { findProgramProblems as uncheckedFindProgramProblems } from './program-problems.ts';
import { program as shapeOfProgram } from './program-shape.ts';
import {
  type ReadProgramOptions,
  type ReadProgramResult,
  readProgram as uncheckedReadProgram,
  readPrograms as uncheckedReadPrograms,
} from './read-program.ts';
import type { PreparedProgram, PrepareOptions } from './simulate-program.ts';
import { prepareProgram as uncheckedPrepareProgram } from './simulate-program.ts';

/** A copy: bytes that were sent to another thread have none, and would be read as empty. */
const shapeOfBytes: Shape<Uint8Array> = (value, reading) => {
  if (isBytes(value)) return Uint8Array.from(value);
  throw wrongMember(reading, 'a Uint8Array', value);
};
const textOrBytes: Shape<Uint8Array> = (value, reading) => {
  if (typeof value === 'string') return new TextEncoder().encode(value);
  if (isBytes(value)) return Uint8Array.from(value);
  throw wrongMember(reading, 'text or bytes', value);
};

/**
 * Splits a program into basic blocks, in order. A successor past the end is no block's start.
 *
 * @throws OciSeccompError `ERR_USAGE` for a value that the types refuse (`details.key`: where it is)
 */
export function basicBlocks(program: Program, endian: Endian): readonly BasicBlock[] {
  const take = takerFor('basicBlocks');
  return uncheckedBasicBlocks(
    take('program', shapeOfProgram, program),
    take('endian', shapeOfEndian, endian),
  );
}

/**
 * Draws the control flow in the language of Graphviz: a box for each block, edges `yes` and `no` after a condition. Blocks that no
 * call reaches are dashed.
 *
 * @param title - shown above the picture
 * @throws OciSeccompError `ERR_USAGE` for a value that the types refuse (`details.key`: where it is)
 */
export function controlFlowDot(program: Program, endian: Endian, title: string): string {
  const take = takerFor('controlFlowDot');
  return uncheckedControlFlowDot(
    take('program', shapeOfProgram, program),
    take('endian', shapeOfEndian, endian),
    take('title', text, title),
  );
}

/**
 * Takes a program apart.
 *
 * @param endian - the target's byte order: it decides which half of an argument an offset is
 * @throws OciSeccompError `ERR_USAGE` for a value that the types refuse (`details.key`: where it is)
 */
export function decodeInstructions(program: Program, endian: Endian): readonly DecodedInstruction[] {
  const take = takerFor('decodeInstructions');
  return uncheckedDecodeInstructions(
    take('program', shapeOfProgram, program),
    take('endian', shapeOfEndian, endian),
  );
}

/**
 * Writes a program as a listing.
 *
 * @param endian - the target's byte order: it decides which half of an argument an offset is
 * @returns lines `NNNN  mnemonic operands  ; meaning`, each with a line feed; for big-endian targets `.endian big` above
 * @throws OciSeccompError `ERR_USAGE` for a value that the types refuse (`details.key`: where it is)
 */
export function disassemble(program: Program, endian: Endian): string {
  const take = takerFor('disassemble');
  return uncheckedDisassemble(
    take('program', shapeOfProgram, program),
    take('endian', shapeOfEndian, endian),
  );
}

/**
 * Encodes a program as the kernel of the target architecture reads it, 8 bytes an instruction.
 *
 * @throws OciSeccompError `ERR_USAGE` for a value that the types refuse (`details.key`: where it is)
 */
export function encodeProgram(program: Program, endian: Endian): Uint8Array {
  const take = takerFor('encodeProgram');
  return uncheckedEncodeProgram(
    take('program', shapeOfProgram, program),
    take('endian', shapeOfEndian, endian),
  );
}

/**
 * Decodes bytes to instructions. Any word is decoded; whether the kernel would take the program is another question.
 *
 * @throws OciSeccompError `ERR_USAGE` for a value that the types refuse (`details.key`: where it is); `ERR_BPF_INVALID` if
 *   the length is not a multiple of 8
 */
export function decodeProgram(bytes: Uint8Array, endian: Endian): Program {
  const take = takerFor('decodeProgram');
  return shapeOfProgram.freeze(
    uncheckedDecodeProgram(take('bytes', shapeOfBytes, bytes), take('endian', shapeOfEndian, endian)),
  );
}

/**
 * Assembles a listing or a program written by hand. {@link findProgramProblems} checks whether the kernel would accept it.
 *
 * @throws OciSeccompError `ERR_USAGE` for a value that the types refuse (`details.key`: where it is); `ERR_BPF_INVALID` with every
 *   problem of the text, each with its place, in `details.problems`
 */
export function assemble(listing: string, options: AssembleOptions = {}): Program {
  const take = takerFor('assemble');
  return shapeOfProgram.freeze(uncheckedAssemble(take('listing', text, listing), options));
}

/**
 * Reads a program. Whether the kernel would take it is {@link findProgramProblems}'s question.
 *
 * @param input - the text or the bytes of a program in any form, all of it
 * @returns the instructions, the target's byte order (little where a text does not say), and the form they came in
 * @throws OciSeccompError `ERR_USAGE` for a value that the types refuse (`details.key`: where it is); `ERR_BPF_INVALID`; of texts
 *   with every problem and its place in `details.problems`
 */
export function readProgram(input: string | Uint8Array, options: ReadProgramOptions = {}): ReadProgramResult {
  const take = takerFor('readProgram');
  const read = uncheckedReadProgram(take('input', textOrBytes, input), options);
  shapeOfProgram.freeze(read.program);
  return read;
}

/**
 * As {@link readProgram}, of a text that may show several programs: a listing of all filters of a process, oldest first.
 *
 * @returns at least one
 * @throws OciSeccompError `ERR_USAGE` and `ERR_BPF_INVALID`, as {@link readProgram}
 */
export function readPrograms(
  input: string | Uint8Array,
  options: ReadProgramOptions = {},
): readonly ReadProgramResult[] {
  const take = takerFor('readPrograms');
  const read = uncheckedReadPrograms(take('input', textOrBytes, input), options);
  for (const { program } of read) shapeOfProgram.freeze(program);
  return read;
}

/**
 * Checks a program as the kernel would and makes it ready to run.
 *
 * @throws OciSeccompError `ERR_USAGE` for a value that the types refuse (`details.key`: where it is); `ERR_BPF_INVALID`
 *   with `details.problems`, {@link findProgramProblems}'s, if the kernel would not take it
 */
export function prepareProgram(program: Program, options: PrepareOptions = {}): PreparedProgram {
  const take = takerFor('prepareProgram');
  return uncheckedPrepareProgram(take('program', shapeOfProgram, program), options);
}

/**
 * Finds everything that makes the kernel refuse a program for seccomp.
 *
 * @returns problems in the order of the instructions; empty exactly when the kernel takes the program
 * @throws OciSeccompError `ERR_USAGE` for a value that the types refuse (`details.key`: where it is)
 */
export function findProgramProblems(program: Program): readonly ProgramProblem[] {
  const take = takerFor('findProgramProblems');
  return uncheckedFindProgramProblems(take('program', shapeOfProgram, program));
}
