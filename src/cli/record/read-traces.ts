/**
 * Recordings from what other programs recorded: traces of strace(1) and perf-trace(1), audit records, lists, recordings.
 * @module
 */
import { type ArchName, architectures } from '../../abi/architectures.ts';
import { U32_MAX } from '../../abi/operators.ts';
import { directSyscallNumber, formatCallNumber } from '../../abi/syscall-numbers.ts';
import type { HalfKnownArgument } from '../../decision/outcomes.ts';
import { OciSeccompError } from '../../errors.ts';
import { machineKernelRelease } from '../../kernel/this-machine.ts';
import { countCalls, type WantedArguments } from '../../observe/call-counts.ts';
import { type Recording, readRecording, recordedCalls } from '../../observe/recording.ts';
import { readTrace } from '../../observe/trace-file.ts';
import { displayName, noHint, readInput } from '../../pipeline/read-input.ts';
import { createProgressLine, progressBar } from '../render/progress-line.ts';
import { archOfTraced } from '../run/decide-trace.ts';
import { valuesOf } from '../run/trace-values.ts';

/** Kinds of sources, as `--via` names them. */
const sourceKinds = ['strace', 'audit', 'list', 'recording'] as const;

interface ReadSource {
  readonly recording: Recording;
  /** What was not read of it; `undefined` for a recording, which is read whole or refused. */
  readonly trace: TraceReading | undefined;
}

/** What of a trace is not in its recording. */
export interface TraceReading {
  readonly file: string;
  readonly unreadLines: readonly number[];
  /** Each once, with the first line that has it. */
  readonly unknownCalls: readonly UnknownCall[];
}

interface UnknownCall {
  readonly line: number;
  readonly arch: ArchName;
  readonly name?: string;
  /** Where the trace has a number that no rule can have. */
  readonly nr?: number;
}

/** Bytes. A minute of strace of a busy program takes about ten million. */
const MAX_SIZE = 1 << 28;
/** Calls between two looks at the clock. */
const SHOWN_EACH = 10_000;
/** Numbers of unread lines that are listed. */
const LISTED = 5;

/**
 * Reads `strace:FILE` and the like.
 *
 * @param arch - whose calls a list or trace shows
 * @throws OciSeccompError `ERR_USAGE`, `ERR_IO`
 */
export function readSource(
  text: string,
  { arch, wanted, limit, isQuiet }: Omit<TraceSource, 'kind' | 'name'>,
): ReadSource {
  const colon = text.indexOf(':');
  const kind = sourceKinds.find((each) => each === text.slice(0, colon));
  if (kind === undefined) {
    throw new OciSeccompError('ERR_USAGE', `--via: '${text}' does not say what kind of file it is`, {
      hint: `write ${sourceKinds.map((each) => `${each}:FILE`).join(', ')}`,
    });
  }
  const file = text.slice(colon + 1);
  const name = displayName(file);
  const bytes = readInput(file, MAX_SIZE + 1, noHint);
  if (bytes.length > MAX_SIZE) {
    throw new OciSeccompError('ERR_USAGE', `${name} is longer than ${MAX_SIZE} bytes`, {
      hint: 'record the command itself: oci-seccomp record -- command',
    });
  }
  const content = Buffer.from(bytes).toString('utf8');
  if (kind === 'recording') return { recording: readRecording(content, name), trace: undefined };
  return recordingOfTrace(content, { kind, name, arch, wanted, limit, isQuiet });
}

/** How a file of a kind comes about. */
const madeWith = {
  strace: 'write it with strace -f -o FILE COMMAND',
  audit: 'oci-seccomp audit FILE says which logs hold records of seccomp, and when they are written',
  list: 'write one name of a system call a line',
} as const;

interface TraceSource {
  readonly kind: 'strace' | 'audit' | 'list';
  readonly name: string;
  readonly arch: ArchName;
  readonly wanted: WantedArguments;
  readonly limit: number;
  readonly isQuiet: boolean;
}

function recordingOfTrace(content: string, source: TraceSource): ReadSource {
  const { kind, name, arch, wanted, limit } = source;
  const { calls, unread } = readTrace(content);
  if (calls.length === 0) {
    throw new OciSeccompError('ERR_USAGE', `${name} shows no system calls`, {
      hint: madeWith[kind],
    });
  }
  const now = new Date();
  const counts = countCalls(wanted, limit, () => now.getTime());
  const unknown = new Map<string, UnknownCall>();
  const progress = createProgressLine(source.isQuiet);
  for (const [at, call] of calls.entries()) {
    if (at % SHOWN_EACH === 0) progress.show(() => progressBar(at, calls.length, `calls of ${name}`));
    const own = archOfTraced(call, arch);
    const nr = /^\d+$/.test(call.name) ? Number(call.name) : directSyscallNumber(call.name, own);
    if (nr === undefined || nr >= 2 ** 31) {
      const key = `${own} ${call.name}`;
      const what = nr === undefined ? { name: call.name } : { nr };
      if (!unknown.has(key)) unknown.set(key, { line: call.line, arch: own, ...what });
      continue;
    }
    const values = call.args === undefined ? [] : valuesOf(call, own);
    counts.addMany(architectures[own].auditArch, nr, call.count, (index, mask) => known(values[index], mask));
  }
  progress.clear();
  const at = now.toISOString();
  const recorded = recordedCalls(counts.calls(), wanted).map((call) => ({
    ...call,
    first: undefined,
    last: undefined,
  }));
  const run = { command: [name], method: kind, started: at, ended: at, exitCode: undefined };
  return {
    recording: {
      runs: [{ ...run, arch, kernel: machineKernelRelease(), calls: counts.total() }],
      calls: recorded,
    },
    trace: { file: name, unreadLines: unread, unknownCalls: [...unknown.values()] },
  };
}

/** What was not read, as sentences with their places. */
export function unreadWarnings({ file, unreadLines, unknownCalls }: TraceReading): readonly string[] {
  const unknown = unknownCalls.map(({ line, arch, name, nr = 0 }) => {
    const what = name === undefined ? `with the number ${formatCallNumber(nr)}` : `'${name}'`;
    return `${file}:${line}: ${arch} has no system call ${what}`;
  });
  return unreadLines.length === 0 ? unknown : [...unknown, `${file}: ${describeUnread(unreadLines)}`];
}

/** @returns `undefined` if the trace does not show all bits that the kernel reads */
function known(value: HalfKnownArgument | undefined, mask: bigint): bigint | undefined {
  if (value?.low === undefined) return undefined;
  const low = BigInt(value.low);
  if (mask <= U32_MAX) return low & mask;
  return value.high === undefined ? undefined : ((BigInt(value.high) << 32n) | low) & mask;
}

function describeUnread(lines: readonly number[]): string {
  const listed = lines.slice(0, LISTED).join(', ');
  const more = lines.length > LISTED ? ` and ${lines.length - LISTED} more` : '';
  return `${lines.length === 1 ? 'line' : 'lines'} ${listed}${more} could not be read`;
}
