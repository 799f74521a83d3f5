/**
 * A program compiled before, in the place of a profile: read, checked as the kernel will check it, and checked to be
 * for this machine.
 * @module
 */
import { actions, SECCOMP_RET_ACTION_FULL } from '../abi/actions.ts';
import { type ArchName, allArchitectures, architectures, type Endian } from '../abi/architectures.ts';
import { SECCOMP_DATA_ARCH } from '../abi/seccomp-data.ts';
import { fileWord, shellCommand } from '../abi/shell-word.ts';
import {
  BPF_JMP_JEQ_K,
  BPF_LD_W_ABS,
  BPF_RET_K,
  decodeProgram,
  encodeProgram,
  type Program,
  SOCK_FILTER_SIZE,
} from '../bpf/program.ts';
import { findProgramProblems } from '../bpf/program-problems.ts';
import { OciSeccompError } from '../errors.ts';
import { machineArch } from '../kernel/this-machine.ts';
import { detectFile } from '../oci/file-kind.ts';

/** Tells a program from a profile, and from what is neither: the reader of profiles says what that is. */
export function isProgram(bytes: Uint8Array): boolean {
  return bytes.length > 0 && detectFile(bytes).kind === 'program';
}

/**
 * Reads a program for the machine's architecture, from any form that `oci-seccomp compile` writes but `pfc`.
 *
 * @returns the program as this machine's kernel takes it, 8 bytes an instruction
 * @throws OciSeccompError `ERR_BPF_INVALID` for bytes that are not a program; `ERR_HOOK` for one that the kernel would
 *   refuse, or that is for other architectures
 */
export async function readProgramFile(bytes: Uint8Array, name: string, arch: ArchName): Promise<Uint8Array> {
  const { endian } = architectures[arch];
  const program = readRaw(bytes, endian) ?? (await readAnyForm(bytes, name, endian));
  requireArchitecture(program, name, arch);
  return encodeProgram(program, endian);
}

/** The form that is fastest to read; `undefined` if it is not that, or not right. */
function readRaw(bytes: Uint8Array, endian: Endian): Program | undefined {
  if (!bytes.includes(0) || bytes.length % SOCK_FILTER_SIZE !== 0) return undefined;
  const program = decodeProgram(bytes, endian);
  return findProgramProblems(program).length === 0 ? program : undefined;
}

async function readAnyForm(bytes: Uint8Array, name: string, native: Endian): Promise<Program> {
  // Loaded here: the texts' parsers bring the tables of names with them.
  const { readProgram } = await import('../bpf/read-program.ts');
  const { program, endian } = readProgram(bytes, { name });
  if (endian !== native)
    throw new OciSeccompError('ERR_HOOK', `${name} is a program for ${endian}-endian machines`);
  const problems = findProgramProblems(program);
  const [first] = problems;
  if (first === undefined) return program;
  const where = first.index === undefined ? '' : `instruction ${first.index}: `;
  throw new OciSeccompError(
    'ERR_HOOK',
    `${name} is a program that the kernel would refuse: ${where}${first.message}`,
    {
      hint: `${shellCommand(['oci-seccomp', 'disasm', fileWord(name)])} shows it`,
      details: { problems },
    },
  );
}

/** A program that asks for the architecture must know ours; one that never asks is for all. */
function requireArchitecture(program: Program, name: string, arch: ArchName): void {
  const asks = program.some(({ code, k }) => code === BPF_LD_W_ABS && k === SECCOMP_DATA_ARCH);
  const constants = new Set(program.filter(({ code }) => code === BPF_JMP_JEQ_K).map(({ k }) => k));
  if (!asks || constants.has(architectures[arch].auditArch)) return;
  const found = allArchitectures.filter(({ auditArch }) => constants.has(auditArch)).map((row) => row.name);
  const others = found.length === 0 ? 'another architecture' : found.join(', ');
  throw new OciSeccompError('ERR_HOOK', `${name} is a program for ${others}, but this machine is ${arch}`, {
    hint: 'compile the profile for this machine: this program would treat every call as one of a foreign architecture',
  });
}

/**
 * A program says nothing of where its notifications go.
 *
 * @param bytes - in this machine's byte order
 * @throws OciSeccompError `ERR_HOOK` for a program that can return USER_NOTIF
 */
export function requireNoListener(bytes: Uint8Array, name: string): void {
  if (!canNotify(decodeProgram(bytes, architectures[machineArch()].endian))) return;
  throw new OciSeccompError(
    'ERR_HOOK',
    `${name} is a program that asks a listener, but a program cannot name one`,
    {
      hint: 'give the profile it was compiled from, which has listenerPath',
    },
  );
}

/** Whether a program can return USER_NOTIF, which needs somebody to listen. */
export function canNotify(program: Program): boolean {
  const { word } = actions.notify;
  return program.some(({ code, k }) => code === BPF_RET_K && (k & SECCOMP_RET_ACTION_FULL) >>> 0 === word);
}

/**
 * Refuses a program where a profile is to be tried: what it denies cannot be told from what its compiler added.
 *
 * @throws OciSeccompError `ERR_USAGE`
 */
export function requireNoObserving(observe: boolean | undefined, name: string): void {
  if (observe !== true) return;
  throw new OciSeccompError('ERR_USAGE', `${name} is a program, and --observe tries a profile`, {
    hint: 'name the profile whose filter the program is',
  });
}

/**
 * Refuses a program where a strict claim is asked for.
 *
 * @throws OciSeccompError `ERR_CLAIM`
 */
export function requireNoStrictness(strict: boolean | undefined, name: string): void {
  if (strict !== true) return;
  throw new OciSeccompError('ERR_CLAIM', `${name} is a program: there is no profile to compare it with`, {
    hint: 'name the profile, or compile it with --strict and leave --strict out here',
  });
}
