/**
 * Loads what a person names as BPF programs: a file or standard input, in any form, or a live process.
 * @module
 */
import type { ArchName, Endian } from '../abi/architectures.ts';
import { fileWord, shellCommand } from '../abi/shell-word.ts';
import type { ProgramProblem } from '../bpf/program-problems.ts';
import {
  MAX_TEXT_SIZE,
  PROGRAM_FORMS,
  type ReadProgramOptions,
  type ReadProgramResult,
  readPrograms,
} from '../bpf/read-program.ts';
import { OciSeccompError } from '../errors.ts';
import { namesBuiltin } from '../oci/builtin/index.ts';
import { detectFile, isUtf16 } from '../oci/file-kind.ts';
import type { SourceProgram } from './process-source.ts';
import { displayName, readInput } from './read-input.ts';

interface ProgramOptions {
  /** Byte order of a raw program that does not show it. */
  readonly endian?: Endian | undefined;
  /** Whose system call numbers the names in a C array stand for. */
  readonly arch?: ArchName | undefined;
}

/** A program with what is known of the text it came from. */
type NamedProgram = SourceProgram &
  Pick<ReadProgramResult, 'lines'> &
  Partial<Pick<ReadProgramResult, 'form'>>;

interface NamedPrograms {
  /** What to call them: a path, `<stdin>`, `process 1234 (nginx)`. */
  readonly name: string;
  /** At least one; those of a process oldest first. */
  readonly programs: readonly NamedProgram[];
  /** Notes for the reader, each a sentence without a full stop. */
  readonly warnings: readonly string[];
}

/**
 * Reads the programs that an operand names.
 *
 * @param operand - a path, `-`, or `pid:1234` for all filters of a process
 * @throws OciSeccompError `ERR_IO`; `ERR_BPF_INVALID`; for a process as `loadProcess`
 */
export async function loadPrograms(operand: string, options: ProgramOptions = {}): Promise<NamedPrograms> {
  if (operand.startsWith('pid:')) {
    const { loadProcess } = await import('./process-source.ts');
    const { name, filters, warnings } = loadProcess(operand.slice('pid:'.length));
    return { name, programs: filters, warnings };
  }
  const { endian, arch } = options;
  const name = displayName(operand);
  const bytes = readInput(operand, MAX_TEXT_SIZE + 1, builtinNeedsCompiling);
  const found = detectFile(bytes);
  // With a byte order, any bytes are read as a program.
  if (found.kind === 'other' && endian === undefined) {
    throw new OciSeccompError('ERR_BPF_INVALID', `${name} is ${found.what}, not a BPF program`, {
      hint: found.hint,
    });
  }
  if (found.kind === 'profile' && endian === undefined) refuseText(bytes, name);
  return { name, programs: readOrHint(bytes, { name, arch, endian }), warnings: [] };
}

/** As `readPrograms`; an error without a hint gets the one that says what is read. */
function readOrHint(bytes: Uint8Array, options: ReadProgramOptions): readonly NamedProgram[] {
  try {
    return readPrograms(bytes, options);
  } catch (error) {
    if (
      !(error instanceof OciSeccompError) ||
      error.hint !== undefined ||
      error.details.problems !== undefined
    )
      throw error;
    const { code, message, details, cause } = error;
    throw new OciSeccompError(code, message, { hint: PROGRAM_FORMS, details, cause });
  }
}

/** The hint for a file that is not there: it may be the name of a built-in profile. */
function builtinNeedsCompiling(operand: string): string | undefined {
  return namesBuiltin(operand)
    ? `${operand} is a built-in profile: oci-seccomp compile ${operand} -o program.bpf makes a program of it`
    : undefined;
}

/** Refuses texts that can only be profiles. JSON can be a program, and its reader says what else it is. */
function refuseText(bytes: Uint8Array, name: string): void {
  if (isUtf16(bytes)) {
    throw new OciSeccompError('ERR_BPF_INVALID', `${name} is a text in UTF-16`, { hint: 'save it as UTF-8' });
  }
  if (/^\ufeff?\s*\{/.test(new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes.subarray(0, 4096))))
    return;
  throw new OciSeccompError(
    'ERR_BPF_INVALID',
    `${name} reads like a seccomp profile, and a program is needed`,
    {
      hint: 'compile it first: oci-seccomp compile FILE -o program.bpf',
    },
  );
}

/**
 * Reads the one program that an operand names.
 *
 * @throws OciSeccompError as {@link loadPrograms}; `ERR_USAGE` if there are several
 */
export async function loadProgram(
  operand: string,
  options: ProgramOptions,
): Promise<NamedProgram & { readonly name: string }> {
  const { name, programs } = await loadPrograms(operand, options);
  const [first, ...others] = programs;
  if (first !== undefined && others.length === 0) return { ...first, name };
  throw new OciSeccompError('ERR_USAGE', `${name} has ${programs.length} filters, and one is needed`, {
    hint: `${shellCommand(['oci-seccomp', 'disasm', fileWord(operand)])} shows each: put the one you mean into a file of its own`,
  });
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
