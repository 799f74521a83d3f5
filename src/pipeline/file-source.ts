/**
 * Files that hold a filter: a profile, or programs in any form.
 * @module
 */
import type { ArchName, Endian } from '../abi/architectures.ts';
import { readPrograms } from '../bpf/read-program.ts';
import type { Consumer } from '../consumers.ts';
import { OciSeccompError } from '../errors.ts';
import type { DialectName } from '../oci/dialect-rows.ts';
import { detectFile } from '../oci/file-kind.ts';
import type { Problem } from '../oci/problems.ts';
import type { Dialect } from '../oci/profile.ts';
import { type LoadedProfile, loadProfileBytes } from './load-profile.ts';
import type { ProgramSource, SourceProgram } from './process-source.ts';
import { displayName, readInput } from './read-input.ts';
import type { ProfileSelection } from './select-profile.ts';

interface ProfileSource {
  readonly kind: 'profile';
  readonly input: LoadedProfile;
}

export type FilterSource = ProfileSource | ProgramSource;

export interface SourceOptions {
  /** How to read a profile; a file is then read only as a profile. */
  readonly dialect?: DialectName | undefined;
  /** Byte order of a raw program that does not show it. */
  readonly endian?: Endian | undefined;
  /** Whose system call numbers the names in a C array stand for. */
  readonly arch?: ArchName | undefined;
  /** The readers whose objections stop a profile; by default none. */
  readonly consumers?: ((dialect: Dialect) => readonly Consumer[]) | undefined;
  /** Which of several profiles. */
  readonly selection?: ProfileSelection | undefined;
}

/** In bytes. Profiles have thousands; the longest program has 32,768, and several times that as text. */
const MAX_SIZE = 4 * 1024 * 1024;

/** A text whose problems are more than half of its lines, or more than half of this, is not a program with mistakes. */
const MAX_LISTED = 40;

const FORMS =
  'a profile is a JSON object, or a Kubernetes object in YAML; a program is raw BPF, base64, hex, a C array, what compile --format json or asm writes, or what seccomp-tools, firejail --debug or strace -v print';

/**
 * Reads a file, or standard input, as what it is.
 *
 * @throws OciSeccompError as `loadFilterSource`
 */
export async function loadFile(operand: string, options: SourceOptions): Promise<FilterSource> {
  const { dialect, endian, consumers = () => [], selection = {} } = options;
  const name = displayName(operand);
  const bytes = readBytes(operand);
  if (bytes.length === 0) {
    throw new OciSeccompError('ERR_BPF_INVALID', `${name} is empty`, { hint: FORMS });
  }
  if (bytes.length > MAX_SIZE) {
    throw new OciSeccompError('ERR_BPF_INVALID', `${name} is longer than any profile or program`, {
      hint: FORMS,
    });
  }
  // The reader of profiles refuses files of other kinds, and names the kind. Only programs have a byte order.
  const found = detectFile(bytes);
  const { kind } = found;
  if (dialect !== undefined || kind === 'profile' || (kind === 'other' && endian === undefined)) {
    return { kind: 'profile', input: await loadProfileBytes(operand, bytes, dialect, consumers, selection) };
  }
  const filters = programsFromBytes(bytes, name, options, found.kind === 'program' && found.sure);
  const warning = `${name} shows ${filters.length} filters: they are taken as those of one process, the oldest first`;
  return { kind: 'program', name, from: 'file', filters, warnings: filters.length > 1 ? [warning] : [] };
}

function programsFromBytes(
  bytes: Uint8Array,
  name: string,
  { endian, arch }: SourceOptions,
  isSure: boolean,
): readonly SourceProgram[] {
  try {
    const read = readPrograms(bytes, { name, arch, endian });
    return read.map(({ program, endian: order, lines }) => ({
      program,
      endian: order,
      ...(lines === undefined ? {} : { lines }),
    }));
  } catch (error) {
    throw error instanceof OciSeccompError && error.code === 'ERR_BPF_INVALID' && !isSure
      ? asNeither(error, bytes, name)
      : error;
  }
}

/**
 * The problems of a program are worth showing if most of it is right. Else the file is probably something else, and the place where
 * a reader of programs stopped tells little.
 */
function asNeither(error: OciSeccompError, bytes: Uint8Array, name: string): OciSeccompError {
  const { code, message, details, cause } = error;
  const problems = Array.isArray(details.problems) ? (details.problems as readonly Problem[]) : [];
  const [first] = problems;
  const lines = new TextDecoder().decode(bytes).split('\n');
  const written = lines.filter((line) => line.trim() !== '').length;
  if (first !== undefined && problems.length * 2 <= Math.min(written, MAX_LISTED)) return error;
  // An error with a hint is about something that is nearly a program: its byte order, its length.
  if (first === undefined && error.hint !== undefined) return error;
  const reason =
    first === undefined ? message.replace(`${name} `, 'it ') : `line ${first.line}: ${first.message}`;
  return new OciSeccompError(code, `${name} can be read neither as a profile nor as a program: ${reason}`, {
    hint: FORMS,
    cause,
  });
}

function readBytes(operand: string): Uint8Array {
  try {
    return readInput(operand, MAX_SIZE + 1);
  } catch (error) {
    if (!(error instanceof OciSeccompError) || !/^\d+$/.test(operand)) throw error;
    const { code, message, details, cause } = error;
    throw new OciSeccompError(code, message, { hint: `a process is written pid:${operand}`, details, cause });
  }
}
