/**
 * From what a person names to a BPF program: a file or standard input, in any form.
 * @module
 */
import type { Endian } from '../abi/architectures.ts';
import { MAX_TEXT_SIZE, type ReadProgramResult, readProgram } from '../bpf/read-program.ts';
import type { ProgramProblem } from '../bpf/verify-program.ts';
import { OciSeccompError } from '../errors.ts';
import { detectFile } from '../oci/file-kind.ts';
import { displayName, readInput } from './read-input.ts';

/**
 * Reads a program.
 *
 * @throws OciSeccompError `ERR_IO`; `ERR_BPF_INVALID`
 */
export function loadProgram(operand: string, endian: Endian | undefined): ReadProgramResult {
  const name = displayName(operand);
  const bytes = readInput(operand, MAX_TEXT_SIZE + 1, () => undefined);
  const found = detectFile(bytes);
  // Who says the byte order wants to see the bytes, whatever they are.
  if (found.kind === 'other' && endian === undefined) {
    throw new OciSeccompError('ERR_BPF_INVALID', `${name} is ${found.what}, not a BPF program`, {
      hint: found.hint,
    });
  }
  return readProgram(bytes, endian === undefined ? { name } : { name, endian });
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
