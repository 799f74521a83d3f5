/**
 * The filters of a live process, as commands take them.
 * @module
 */
import type { Endian } from '../abi/architectures.ts';
import type { Program } from '../bpf/program.ts';
import { OciSeccompError } from '../errors.ts';
import { groupThreads, readProcessFilters, readThreadFilters } from '../kernel/process-filters.ts';
import { nameProcess, readProcessStatus } from '../kernel/process-status.ts';

/** A program and the byte order it is encoded in. */
export interface SourceProgram {
  readonly program: Program;
  readonly endian: Endian;
  /** For assembly, the line of each instruction. */
  readonly lines?: readonly number[];
}

export interface ProgramSource {
  readonly kind: 'program';
  /** What to call it in messages: a path, `<stdin>`, `process 1234 (nginx)`. */
  readonly name: string;
  /** At least one, the oldest first: each call runs through all of them. A file holds one, a listing or a trace can show several. */
  readonly filters: readonly SourceProgram[];
  /** Where they were read: a file, or the kernel that runs here. */
  readonly from: 'file' | 'kernel';
  /** Notes for the reader, each a sentence without a full stop. */
  readonly warnings: readonly string[];
}

/**
 * Reads the filters of a live process, those of its first thread if `pid` names the process. Warns when other threads
 * run under other filters.
 *
 * @param text - a number as the user wrote it
 * @throws OciSeccompError `ERR_USAGE` if it is no number; `ERR_NO_FILTER` if nothing is filtered; `ERR_KERNEL` as
 *   `readProcessFilters`
 */
export function loadProcess(text: string): ProgramSource {
  if (!/^\d+$/.test(text)) {
    throw new OciSeccompError('ERR_USAGE', `'${text}' is not a process ID`, {
      hint: 'pgrep -a NAME shows process IDs',
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

/** The threads of a process that run under other filters than its first one, grouped by their filters. */
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
