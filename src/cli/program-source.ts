/**
 * The BPF program a command is given: a file or standard input, in any form.
 * @module
 */
import { closeSync, openSync, readSync } from 'node:fs';
import type { Endian } from '../abi/architectures.ts';
import { MAX_TEXT_SIZE, type ReadProgramResult, readProgram } from '../bpf/read-program.ts';
import type { ProgramProblem } from '../bpf/verify.ts';
import { OciSeccompError } from '../errors.ts';
import { detectFile } from '../oci/file-kind.ts';
import { displayName, ioReason } from './input.ts';

const STDIN = 0;
const CHUNK = 1 << 16;

/**
 * Reads a program.
 *
 * @throws OciSeccompError `ERR_IO`; `ERR_BPF_INVALID`
 */
export function loadProgram(operand: string, endian: Endian | undefined): ReadProgramResult {
  const name = displayName(operand);
  const bytes = readUpTo(operand, MAX_TEXT_SIZE + 1);
  const found = detectFile(bytes);
  // Who says the byte order wants to see the bytes, whatever they are.
  if (found.kind === 'other' && endian === undefined) {
    throw new OciSeccompError('ERR_BPF_INVALID', `${name} is ${found.what}, not a BPF program`, {
      hint: found.hint,
    });
  }
  return readProgram(bytes, endian === undefined ? { name } : { name, endian });
}

/** Reads the beginning of a file: no program is longer, and what is no program may be endless. */
function readUpTo(path: string, limit: number): Uint8Array {
  const chunks: Uint8Array[] = [];
  let fd: number | undefined;
  try {
    fd = path === '-' ? STDIN : openSync(path, 'r');
    for (let total = 0; total < limit; ) {
      const chunk = new Uint8Array(Math.min(CHUNK, limit - total));
      const length = readSync(fd, chunk);
      if (length === 0) break;
      chunks.push(chunk.subarray(0, length));
      total += length;
    }
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new OciSeccompError('ERR_IO', `cannot read ${displayName(path)}: ${ioReason(code)}`, { cause });
  } finally {
    if (fd !== undefined && fd !== STDIN) closeSync(fd);
  }
  return Buffer.concat(chunks);
}

/** A program's problem with its place: the line of assembly, else the instruction. */
export interface PlacedProblem extends ProgramProblem {
  readonly place: string;
}

/** Gives problems the places people look for them. */
export function placeProblems(
  problems: readonly ProgramProblem[],
  name: string,
  lines: readonly number[] | undefined,
): readonly PlacedProblem[] {
  return problems.map((problem) => {
    const { index } = problem;
    const line = index === undefined ? undefined : lines?.[index];
    if (line !== undefined) return { ...problem, place: `${name}:${line}` };
    return { ...problem, place: index === undefined ? name : `${name}: instruction ${index}` };
  });
}
