/**
 * The filters that live processes run under, as the kernel holds them.
 *
 * Sources: ptrace(2); Linux 6.18 kernel/seccomp.c (seccomp_get_filter, seccomp_get_metadata: index 0 is the filter
 * that was attached first, where ptrace(2) says last).
 * @module
 */
import type { Endian } from '../abi/architectures.ts';
import { ENOENT, ESRCH } from '../abi/errno-constants.ts';
import { hostEndian } from '../abi/host-endian.ts';
import { PID_MAX_LIMIT } from '../abi/kernel-constants.ts';
import { fromZero, type OptionKinds, takeOptions } from '../abi/take-options.ts';
import { BPF_MAXINSNS } from '../bpf/longest-program.ts';
import { decodeProgram, encodeProgram, type Program, SOCK_FILTER_SIZE } from '../bpf/program.ts';
import { OciSeccompError } from '../errors.ts';
import { filterError, hiddenProcess, noSuchProcess, processEnded, strictMode } from './process-errors.ts';
import { listThreads, readProcessStatus } from './process-status.ts';
import { ptrace } from './ptrace.ts';
import { withStoppedThread } from './stop-thread.ts';

/** One filter of a thread. */
export interface ProcessFilter {
  /** The instructions, as the process attached them. */
  readonly program: Program;
  /** Byte order of the machine and of all its processes, including 32-bit ones. */
  readonly endian: Endian;
  /**
   * SECCOMP_FILTER_FLAG_* bits it was attached with, of which the kernel tells SECCOMP_FILTER_FLAG_LOG (2) alone;
   * `undefined` before Linux 4.16.
   */
  readonly flags: number | undefined;
}

/** How the filters of a process are read. */
export interface ReadFiltersOptions {
  /** How long the process may take to stop, in milliseconds; 5000 unless told. */
  readonly timeoutMs?: number | undefined;
}

const kinds: OptionKinds<ReadFiltersOptions> = { timeoutMs: fromZero };

/** A thread and its filters. */
export interface ThreadFilters {
  /** The thread's id. */
  readonly tid: number;
  /** Its filters, the oldest first; empty if it has none. */
  readonly filters: readonly ProcessFilter[];
}

/** Threads that run under the same programs. */
export interface ThreadGroup {
  /** The ids of the threads, ascending. */
  readonly tids: readonly number[];
  /** The filters that each of them has, the oldest first. */
  readonly filters: readonly ProcessFilter[];
}

const TIMEOUT_MS = 5000;
/** struct seccomp_metadata: filter_off u64 @0, flags u64 @8. */
const METADATA_SIZE = 16;

/**
 * Reads the filters of a process, oldest first: the order they were attached in. The kernel runs all of them, and the
 * most severe verdict counts.
 *
 * The process is stopped for some hundred microseconds and then continues unchanged; a process without a filter is not
 * touched. Several threads can run under different filters: this reads those of one thread, {@link readThreadFilters}
 * all.
 *
 * @param pid - of a process, for its first thread, or of any thread
 * @returns an empty list if the process has no filter; finding that out needs no privilege
 * @throws OciSeccompError `ERR_USAGE` for a pid that is not a process ID, or a time limit below 0. `ERR_KERNEL` with `details: {pid, call?, errno?}` if
 *   there is no such process, or it has ended, runs in strict mode, is traced by another, is this process itself or does
 *   not stop in time. `ERR_KERNEL` also if this process lacks CAP_SYS_ADMIN or CAP_SYS_PTRACE, or has a filter itself
 */
export function readProcessFilters(pid: number, options: ReadFiltersOptions = {}): readonly ProcessFilter[] {
  checkPid(pid);
  const { timeoutMs } = takeOptions('readProcessFilters', options, kinds);
  return readUntil(pid, deadlineIn(timeoutMs));
}

/**
 * Reads the filters of all threads of a process. Each thread is stopped on its own, one after the other; threads that
 * end meanwhile are left out.
 *
 * @param pid - of a process, or any of its threads
 * @returns a row a thread, in the order of their numbers
 * @throws OciSeccompError as {@link readProcessFilters}; the time limit is for all of them together
 */
export function readThreadFilters(pid: number, options: ReadFiltersOptions = {}): readonly ThreadFilters[] {
  checkPid(pid);
  const { timeoutMs } = takeOptions('readThreadFilters', options, kinds);
  const deadline = deadlineIn(timeoutMs);
  const { threadGroup } = requireStatus(pid);
  const rows = listThreads(threadGroup).flatMap((tid) => {
    try {
      return [{ tid, filters: readUntil(tid, deadline) }];
    } catch (error) {
      if (hasEnded(error)) return [];
      throw error;
    }
  });
  if (rows.length === 0) requireAlive(pid);
  return rows;
}

/** Groups threads by the programs they run under; more than one group: not all threads are filtered alike. */
export function groupThreads(threads: readonly ThreadFilters[]): readonly ThreadGroup[] {
  const groups = new Map<string, { tids: number[]; filters: readonly ProcessFilter[] }>();
  for (const { tid, filters } of threads) {
    const key = filters
      .map(({ program, endian }) => Buffer.from(encodeProgram(program, endian)).toString('latin1'))
      .join('|');
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { tids: [tid], filters });
    else group.tids.push(tid);
  }
  return [...groups.values()];
}

/** Not by the time of day: if that is set back, a process would stay stopped for as long. */
function deadlineIn(ms = TIMEOUT_MS): number {
  return performance.now() + ms;
}

function checkPid(pid: unknown): void {
  if (typeof pid === 'number' && Number.isInteger(pid) && pid > 0 && pid <= PID_MAX_LIMIT) return;
  const shown = typeof pid === 'number' || typeof pid === 'string' ? String(pid) : typeof pid;
  throw new OciSeccompError(
    'ERR_USAGE',
    `a process is a whole number from 1 to ${PID_MAX_LIMIT}, not ${shown}`,
  );
}

function requireStatus(pid: number) {
  const status = readProcessStatus(pid);
  if (status === 'none') throw noSuchProcess(pid);
  if (status === 'hidden') throw hiddenProcess(pid);
  return status;
}

function requireAlive(pid: number) {
  const status = requireStatus(pid);
  if ('ZX'.includes(status.state)) throw processEnded(pid, status);
  return status;
}

function hasEnded(error: unknown): boolean {
  if (!(error instanceof OciSeccompError) || error.code !== 'ERR_KERNEL') return false;
  return error.details.errno === ESRCH || error.details.state === 'Z';
}

function readUntil(tid: number, deadline: number): readonly ProcessFilter[] {
  const { mode } = requireAlive(tid);
  if (mode === 'off') return [];
  if (mode === 'strict') throw strictMode(tid);
  return withStoppedThread(tid, deadline, () => readStoppedFilters(tid));
}

/**
 * As {@link readProcessFilters}, of a thread that is stopped for this one, its tracer.
 *
 * @throws OciSeccompError `ERR_KERNEL`
 */
export function readStoppedFilters(tid: number): readonly ProcessFilter[] {
  const endian: Endian = hostEndian();
  const buffer = new Uint8Array(BPF_MAXINSNS * SOCK_FILTER_SIZE);
  const filters: ProcessFilter[] = [];
  for (;;) {
    const index = filters.length;
    // The kernel writes at most BPF_MAXINSNS instructions: it attaches no longer program.
    const { result, errno } = ptrace('PTRACE_SECCOMP_GET_FILTER', tid, index, buffer);
    if (errno === ENOENT) return filters;
    if (result === -1) throw filterError(tid, errno);
    const program = decodeProgram(buffer.subarray(0, result * SOCK_FILTER_SIZE), endian);
    filters.push({ program, endian, flags: readFlags(tid, index, endian) });
  }
}

function readFlags(tid: number, index: number, endian: Endian): number | undefined {
  const view = new DataView(new ArrayBuffer(METADATA_SIZE));
  view.setBigUint64(0, BigInt(index), endian === 'little');
  const bytes = new Uint8Array(view.buffer);
  const { result } = ptrace('PTRACE_SECCOMP_GET_METADATA', tid, METADATA_SIZE, bytes);
  return result === -1 ? undefined : Number(view.getBigUint64(8, endian === 'little'));
}
