/**
 * The memory that a stopped process lends for the calls made in it, and its return; and whether the filter is
 * installed.
 * @module
 */
import { readFileSync, readlinkSync } from 'node:fs';
import { EACCES, EINVAL, EIO, ENOENT } from '../abi/errno-constants.ts';
import { BPF_MAXINSNS } from '../bpf/longest-program.ts';
import { SOCK_FILTER_SIZE } from '../bpf/program.ts';
import { OciSeccompError } from '../errors.ts';
import { filterMemory, filterMemorySize, statusOf } from './inject-calls.ts';
import { notThereError, unverifiedError } from './inject-errors.ts';
import { filterError } from './process-errors.ts';
import { findRoom, readMaps } from './process-maps.ts';
import { openMemory, type ProcessMemory } from './process-memory.ts';
import { mayReadFilters } from './process-status.ts';
import { ptrace } from './ptrace.ts';
import { addressIn, type RegisterLayout, readRegisters, writeRegisters } from './registers.ts';

export interface InstalledFilter {
  readonly noNewPrivileges: boolean;
  /** How many filters the process runs under, this one included; `undefined` before Linux 5.9. */
  readonly filters: number | undefined;
  /** Whether the kernel's copy of the program was compared with ours; it takes the right to read filters. */
  readonly compared: boolean;
  /** Whether the filters it had before were suspended meanwhile. */
  readonly suspended: boolean;
}

export interface Borrowed {
  readonly layout: RegisterLayout;
  readonly registers: Uint8Array;
  readonly instructionPointer: number;
  /** Where `struct sock_fprog` is. */
  readonly at: number;
  readonly filtersBefore: number | undefined;
  /** Memory and registers become what they were. */
  readonly giveBack: () => void;
  readonly close: () => void;
}

/**
 * Saves the registers of a process and the bytes that will be changed, and puts the program and the instruction that
 * enters the kernel there.
 *
 * @throws OciSeccompError `ERR_HOOK` if the program it runs is of another architecture, or has no room; `ERR_KERNEL`
 */
export function borrow(pid: number, layout: RegisterLayout, program: Uint8Array): Borrowed {
  require64Bit(pid, layout);
  const { filterCount } = statusOf(pid);
  const registers = readRegisters(pid, layout);
  const instructionPointer = addressIn(layout, registers, 'instructionPointer');
  const at = requireRoom(pid, layout, registers, filterMemorySize(program));
  const memory = openMemory(pid);
  try {
    const saved = [
      replace(memory, at, filterMemory(program, at)),
      replace(memory, instructionPointer, layout.instruction),
    ];
    const giveBack = (): void => {
      for (const { place, bytes } of saved) memory.write(place, bytes);
      writeRegisters(pid, registers);
    };
    return {
      layout,
      registers,
      instructionPointer,
      at,
      filtersBefore: filterCount,
      giveBack,
      close: memory.close,
    };
  } catch (error) {
    memory.close();
    throw error;
  }
}

function replace(memory: ProcessMemory, place: number, by: Uint8Array): { place: number; bytes: Uint8Array } {
  const bytes = memory.read(place, by.length);
  memory.write(place, by);
  return { place, bytes };
}

function requireRoom(pid: number, layout: RegisterLayout, registers: Uint8Array, bytes: number): number {
  const at = findRoom(readMaps(pid), {
    bytes,
    stackPointer: addressIn(layout, registers, 'stackPointer'),
    redZone: layout.redZone,
    keep: {
      at: addressIn(layout, registers, 'instructionPointer'),
      bytes: layout.instruction.length,
    },
  });
  if (at !== undefined) return at;
  throw new OciSeccompError(
    'ERR_HOOK',
    `process ${pid} has no ${bytes} bytes of memory to lend for the program`,
    {
      hint: 'raise RLIMIT_STACK of the container (process.rlimits in config.json), or make the program shorter',
      details: { pid, bytes },
    },
  );
}

/** getauxval(3): the size of a program header, which is 56 bytes in a 64-bit program (elf(5)). */
const AT_PHENT = 4n;
const PHENT_64 = 56n;
const AUXV_ENTRY = 16;

/**
 * The registers alone do not tell x32 from x86_64. The auxiliary vector is the kernel's own: the program's file may be in a
 * file system that does not answer. Entries of a 32-bit program have half the size, so nothing is found in them.
 */
function require64Bit(pid: number, { arch }: RegisterLayout): void {
  const { buffer, byteOffset, length } = readFileSync(`/proc/${pid}/auxv`);
  const view = new DataView(buffer, byteOffset, length);
  for (let at = 0; at + AUXV_ENTRY <= length; at += AUXV_ENTRY) {
    if (view.getBigUint64(at, true) === AT_PHENT && view.getBigUint64(at + 8, true) === PHENT_64) return;
  }
  throw new OciSeccompError(
    'ERR_HOOK',
    `the container's program ${readlinkSync(`/proc/${pid}/exe`)} is a 32-bit one: filters can be put into ${arch} programs only`,
    {
      hint: 'let the runtime install the filter: put the resolved profile into config.json (oci-seccomp resolve)',
      details: { pid },
    },
  );
}

/**
 * Looks whether the newest filter of a stopped tracee is the program.
 *
 * @param allowUnverified - whether it will do if the kernel does not tell
 * @throws OciSeccompError `ERR_KERNEL` if it is not, or cannot be told to be
 */
export function verifyInstalled(
  pid: number,
  program: Uint8Array,
  before: number | undefined,
  allowUnverified: boolean,
): Omit<InstalledFilter, 'suspended'> {
  const { mode, filterCount, noNewPrivileges } = statusOf(pid);
  const counted = filterCount === undefined || filterCount === (before ?? 0) + 1;
  if (mode !== 'filter' || !counted)
    throw notThereError(pid, `Seccomp is ${mode}, Seccomp_filters ${filterCount}`);
  const reason = compareNewest(pid, program);
  if (reason !== undefined && !allowUnverified) throw unverifiedError(pid, reason);
  return { noNewPrivileges, filters: filterCount, compared: reason === undefined };
}

/**
 * Looks whether filters that will be installed can be read back, as far as that depends on this process.
 *
 * @throws OciSeccompError `ERR_KERNEL` if it lacks the right to
 */
export function requireReadBack(pid: number): void {
  if (!mayReadFilters()) throw unverifiedError(pid, filterError(pid, EACCES));
}

/** @returns why it cannot be read; `undefined` if it was, and is the program */
function compareNewest(pid: number, program: Uint8Array): OciSeccompError | undefined {
  const bytes = new Uint8Array(BPF_MAXINSNS * SOCK_FILTER_SIZE);
  let length = 0;
  // Index 0 is the filter that was attached first.
  for (let index = 0; ; index++) {
    const { result, errno } = ptrace('PTRACE_SECCOMP_GET_FILTER', pid, index, bytes);
    if (errno === ENOENT && index > 0) break;
    if ([EACCES, EINVAL, EIO].includes(errno)) return filterError(pid, errno);
    if (result === -1) throw filterError(pid, errno);
    length = result * SOCK_FILTER_SIZE;
  }
  if (Buffer.compare(bytes.subarray(0, length), program) === 0) return undefined;
  throw notThereError(pid, 'the kernel holds another program');
}
