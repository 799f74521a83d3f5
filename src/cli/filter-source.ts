/**
 * What commands about filters are given: a profile, a program in any form, or a live process.
 * @module
 */
import type { Endian } from '../abi/architectures.ts';
import type { Program } from '../bpf/program.ts';
import { readProgram } from '../bpf/read-program.ts';
import { OciSeccompError } from '../errors.ts';
import { groupThreads, readProcessFilters, readThreadFilters } from '../kernel/process-filters.ts';
import { nameProcess, readProcessStatus } from '../kernel/process-status.ts';
import { isBuiltinName } from '../oci/builtin/index.ts';
import type { Consumer } from '../oci/consumers.ts';
import { detectFile } from '../oci/file-kind.ts';
import type { Problem } from '../oci/problems.ts';
import type { Dialect } from '../oci/profile.ts';
import { displayName, type Input, loadProfile, profileFromBytes, readInput } from './input.ts';
import type { ProfileSelection } from './select-profile.ts';

/** A program and the byte order it is encoded in. */
export interface SubjectFilter {
  readonly program: Program;
  readonly endian: Endian;
}

export interface ProfileSubject {
  readonly kind: 'profile';
  readonly input: Input;
}

export interface ProgramSubject {
  readonly kind: 'program';
  /** What to call it in messages: a path, `<stdin>`, `process 1234 (nginx)`. */
  readonly name: string;
  /** At least one. A file holds one; a process has all of its own, oldest first, and each call runs through all. */
  readonly filters: readonly SubjectFilter[];
  /** Where they were read: a file, or the kernel that runs here. */
  readonly from: 'file' | 'kernel';
  /** What the reader should know of it, each a sentence without a full stop. */
  readonly warnings: readonly string[];
}

export type Subject = ProfileSubject | ProgramSubject;

export interface SubjectOptions {
  /** How to read a profile; a file is then taken for nothing else. */
  readonly dialect?: Dialect;
  /** Byte order of a raw program that does not show it. */
  readonly endian?: Endian;
  /** Whose objections stop a profile; nobody's unless told. */
  readonly consumers?: (dialect: Dialect) => readonly Consumer[];
  /** Which of several profiles. */
  readonly selection?: ProfileSelection;
}

/** For the help of commands, in the manner of PROFILE_HELP. */
export const SUBJECT_HELP =
  'a profile or a BPF program in a file, - for standard input, a built-in profile, or pid:PID for a live process';

/** Bytes; profiles have thousands, the longest program is 32,768 bytes and several times that as text. */
const MAX_SIZE = 4 * 1024 * 1024;

/** A text with more problems than half of it is no program with mistakes. */
const MAX_LISTED = 40;

const FORMS =
  'a profile is a JSON object, or a Kubernetes object in YAML; a program is raw BPF, base64, hex, a C array, or what compile --format json or asm writes';

/**
 * Reads what an operand stands for: `pid:1234`, a built-in profile, `-`, or a file.
 *
 * @throws OciSeccompError `ERR_IO`; `ERR_PROFILE_*` and `ERR_BPF_INVALID` for a file that cannot be read as what it
 *   looks like; `ERR_USAGE`, `ERR_KERNEL` and `ERR_NO_FILTER` as {@link loadProcess}
 */
export async function loadSubject(operand: string, options: SubjectOptions = {}): Promise<Subject> {
  const { dialect, endian, consumers = () => [], selection = {} } = options;
  if (operand.startsWith('pid:')) return loadProcess(operand.slice('pid:'.length));
  if (isBuiltinName(operand)) {
    return { kind: 'profile', input: await loadProfile(operand, dialect, consumers) };
  }
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
  // What is neither is refused by the reader of profiles, which says what it is; a byte order is said of programs only.
  const { kind } = detectFile(bytes);
  if (dialect !== undefined || kind === 'profile' || (kind === 'other' && endian === undefined)) {
    return { kind: 'profile', input: await profileFromBytes(operand, bytes, dialect, consumers, selection) };
  }
  return {
    kind: 'program',
    name,
    from: 'file',
    filters: [programFromBytes(bytes, name, endian)],
    warnings: [],
  };
}

function programFromBytes(bytes: Uint8Array, name: string, endian: Endian | undefined): SubjectFilter {
  try {
    const read = readProgram(bytes, { name, ...(endian === undefined ? {} : { endian }) });
    return { program: read.program, endian: read.endian };
  } catch (error) {
    throw error instanceof OciSeccompError && error.code === 'ERR_BPF_INVALID'
      ? asNeither(error, bytes, name)
      : error;
  }
}

/**
 * What is wrong with a program is worth showing if most of it is right. Else the file is something else altogether, and
 * the place where a reader of programs gave up tells little.
 */
function asNeither(error: OciSeccompError, bytes: Uint8Array, name: string): OciSeccompError {
  const { code, message, details, cause } = error;
  const problems = Array.isArray(details.problems) ? (details.problems as readonly Problem[]) : [];
  const [first] = problems;
  const lines = new TextDecoder().decode(bytes).split('\n');
  const written = lines.filter((line) => line.trim() !== '').length;
  if (first !== undefined && problems.length * 2 <= Math.min(written, MAX_LISTED)) return error;
  // A hint of its own is about a program that is nearly one: its byte order, its length.
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

/**
 * Reads the filters of a live process, those of its first thread if `pid` names the process. Warns when other threads
 * run under other filters.
 *
 * @param text - a number as the user wrote it
 * @throws OciSeccompError `ERR_USAGE` if it is no number; `ERR_NO_FILTER` if nothing is filtered; `ERR_KERNEL` as
 *   `readProcessFilters`
 */
export function loadProcess(text: string): ProgramSubject {
  if (!/^\d+$/.test(text)) {
    throw new OciSeccompError('ERR_USAGE', `'${text}' is no number of a process`, {
      hint: 'pgrep -a NAME shows the numbers of processes',
    });
  }
  const pid = Number(text);
  const filters = readProcessFilters(pid);
  const name = `process ${nameProcess(pid)}`;
  const others = otherThreads(pid);
  if (filters.length === 0) throw noFilter(name, others);
  return { kind: 'program', name, from: 'kernel', filters, warnings: others.map(({ warning }) => warning) };
}

interface OtherThreads {
  readonly tids: readonly number[];
  readonly warning: string;
}

/** The threads of a process that run under other filters than its first, a row for each difference. */
function otherThreads(pid: number): readonly OtherThreads[] {
  const status = readProcessStatus(pid);
  if (typeof status === 'string' || status.threadGroup !== pid) return [];
  try {
    const groups = groupThreads(readThreadFilters(pid)).filter(({ tids }) => !tids.includes(pid));
    return groups.map(({ tids, filters }) => ({ tids, warning: differs(tids, filters.length) }));
  } catch (error) {
    if (!(error instanceof OciSeccompError)) throw error;
    const warning = `the filters of the other threads of process ${pid} could not be read: ${error.message}`;
    return [{ tids: [], warning }];
  }
}

function differs(tids: readonly number[], count: number): string {
  const [first = 0] = tids;
  const who = tids.length === 1 ? `thread ${first} runs` : `threads ${tids.join(', ')} run`;
  if (count === 0) return `${who} without a filter`;
  return `${who} under other filters: pid:${first} shows ${tids.length === 1 ? 'them' : 'those of the first'}`;
}

function noFilter(name: string, others: readonly OtherThreads[]): OciSeccompError {
  const filtered = others.find(({ tids }) => tids.length > 0);
  return new OciSeccompError('ERR_NO_FILTER', `${name} has no seccomp filter: nothing is filtered`, {
    hint:
      filtered === undefined
        ? "is it the right process? A container's is shown by runc state ID, podman inspect --format {{.State.Pid}} NAME, docker inspect --format {{.State.Pid}} NAME"
        : `its ${filtered.warning}`,
  });
}
