/**
 * What was recorded, as a value that is kept in a file: calls by architecture and name, with counts, dates and values.
 * @module
 */
import { type ArchName, allArchitectures, X32_SYSCALL_BIT } from '../abi/architectures.ts';
import { syscallName } from '../abi/syscall-numbers.ts';
import { OciSeccompError } from '../errors.ts';
import type { CountedCall, WantedArguments } from './call-counts.ts';

/** The values of a call's arguments that belong together, by the arguments' indexes. */
export interface RecordedValues {
  readonly values: readonly bigint[];
  readonly count: number;
}

/** A call that was made. */
export interface RecordedCall {
  readonly arch: ArchName;
  /** `undefined`: no call of this architecture that is known here. */
  readonly name: string | undefined;
  /** With bit 30 for x32. */
  readonly nr: number;
  readonly count: number;
  /** ISO 8601; `undefined` if the source has no times. */
  readonly first: string | undefined;
  readonly last: string | undefined;
  /** In how many runs. */
  readonly runs: number;
  /** The arguments whose values were recorded, 0..5; empty: none. */
  readonly arguments: readonly number[];
  readonly values: readonly RecordedValues[];
  /** Calls whose values were not kept. */
  readonly unkept: number;
}

/** How calls were learnt. */
export type RecordingMethod = 'notification' | 'ptrace' | 'strace' | 'audit' | 'list';

export interface RecordedRun {
  /** The command and its arguments, or the file that was read. */
  readonly command: readonly string[];
  readonly method: RecordingMethod;
  /** ISO 8601. */
  readonly started: string;
  readonly ended: string;
  /** Absent: it has not ended, or the recording was cut off. */
  readonly exitCode: number | undefined;
  readonly arch: ArchName;
  readonly kernel: string;
  readonly calls: number;
}

export interface Recording {
  readonly runs: readonly RecordedRun[];
  /** By architecture, then name. */
  readonly calls: readonly RecordedCall[];
}

/** @returns `undefined` for an architecture that libseccomp does not know */
export function archOfWords(auditArch: number, nr: number): ArchName | undefined {
  const found = allArchitectures.find((row) => row.auditArch === auditArch && row.name !== 'x32')?.name;
  return found === 'x86_64' && nr >= 0 && (nr & X32_SYSCALL_BIT) !== 0 ? 'x32' : found;
}

/** The calls of one run. @param wanted - as they were counted with */
export function recordedCalls(
  counted: readonly CountedCall[],
  wanted: WantedArguments,
): readonly RecordedCall[] {
  const calls = counted.flatMap((call): readonly RecordedCall[] => {
    const { auditArch, nr, count, first, last, values, unkept } = call;
    const arch = archOfWords(auditArch, nr);
    if (arch === undefined) return [];
    return [
      {
        arch,
        name: nr < 0 ? undefined : syscallName(nr, arch),
        nr,
        count,
        first: new Date(first).toISOString(),
        last: new Date(last).toISOString(),
        runs: 1,
        arguments: wanted(auditArch, nr)?.map(({ index }) => index) ?? [],
        values: [...(values?.values() ?? [])].map((each) => ({ values: each.values, count: each.count })),
        unkept,
      },
    ];
  });
  return sortCalls(calls);
}

function sortCalls(calls: readonly RecordedCall[]): readonly RecordedCall[] {
  const keyOf = ({ arch, name, nr }: RecordedCall): string => `${arch} ${name ?? `~${nr}`}`;
  return calls.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}

/** Several recordings as one: counts and runs are added, dates span all. @param limit - of different values of a call */
export function uniteRecordings(recordings: readonly Recording[], limit: number): Recording {
  const byCall = new Map<string, RecordedCall>();
  for (const call of recordings.flatMap(({ calls }) => calls)) {
    const key = `${call.arch} ${call.nr}`;
    const before = byCall.get(key);
    byCall.set(key, before === undefined ? call : uniteCalls(before, call, limit));
  }
  return { runs: recordings.flatMap(({ runs }) => runs), calls: sortCalls([...byCall.values()]) };
}

function uniteCalls(left: RecordedCall, right: RecordedCall, limit: number): RecordedCall {
  const common = {
    ...left,
    count: left.count + right.count,
    first: extreme(left.first, right.first, (a, b) => a < b),
    last: extreme(left.last, right.last, (a, b) => a > b),
    runs: left.runs + right.runs,
  };
  // Values of other arguments, or of none, say nothing about these.
  if (left.arguments.join() !== right.arguments.join()) {
    const [known, unknown] = left.arguments.length > 0 ? [left, right] : [right, left];
    const { arguments: indexes, values } = known;
    return { ...common, arguments: indexes, values, unkept: known.unkept + unknown.count };
  }
  const byValues = new Map<string, RecordedValues>();
  let unkept = left.unkept + right.unkept;
  for (const each of [...left.values, ...right.values]) {
    const key = each.values.join();
    const before = byValues.get(key);
    if (before === undefined && byValues.size >= limit) unkept += each.count;
    else byValues.set(key, { ...each, count: each.count + (before?.count ?? 0) });
  }
  return { ...common, values: [...byValues.values()], unkept };
}

function extreme(
  left: string | undefined,
  right: string | undefined,
  wins: (a: string, b: string) => boolean,
): string | undefined {
  if (left === undefined || right === undefined) return left ?? right;
  return wins(left, right) ? left : right;
}

/** Of the files that hold recordings. */
const FORMAT = 'oci-seccomp recording 1';

/** Writes a recording as JSON; values are decimal strings, for they have 64 bits. */
export function writeRecording({ runs, calls }: Recording): string {
  const rows = calls.map(({ arch, name, nr, count, first, last, runs: inRuns, ...call }) => ({
    ...{ arch, name, nr, count, first, last, runs: inRuns },
    ...(call.arguments.length === 0
      ? {}
      : {
          arguments: call.arguments,
          values: call.values.map((each) => ({ values: each.values.map(String), count: each.count })),
          unkept: call.unkept,
        }),
  }));
  const list = (items: readonly unknown[]): string =>
    items.length === 0 ? '[]' : `[\n    ${items.map((item) => JSON.stringify(item)).join(',\n    ')}\n  ]`;
  return `{\n  "format": ${JSON.stringify(FORMAT)},\n  "runs": ${list(runs)},\n  "calls": ${list(rows)}\n}\n`;
}

/** @throws OciSeccompError `ERR_USAGE` if the text is not a recording */
export function readRecording(text: string, name: string): Recording {
  const refuse = (why: string): OciSeccompError =>
    new OciSeccompError('ERR_USAGE', `${name} is not a recording: ${why}`, {
      hint: 'oci-seccomp record -o profile.json writes one beside the profile',
    });
  let root: unknown;
  try {
    root = JSON.parse(text);
  } catch (cause) {
    throw refuse(`it is not JSON (${cause instanceof Error ? cause.message : String(cause)})`);
  }
  if (!isRecord(root)) throw refuse('it is not an object');
  if (root.format !== FORMAT) throw refuse(`its "format" is not "${FORMAT}"`);
  const { runs, calls } = root;
  if (!Array.isArray(runs) || !Array.isArray(calls)) throw refuse('"runs" and "calls" are not lists');
  return {
    runs: runs.map((row, at) => parseRun(row) ?? fail(refuse(`runs[${at}] is not a run`))),
    calls: sortCalls(calls.map((row, at) => parseCall(row) ?? fail(refuse(`calls[${at}] is not a call`)))),
  };
}

function fail(error: OciSeccompError): never {
  throw error;
}

type Fields = Readonly<Record<string, unknown>>;

function isRecord(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const methods: readonly string[] = ['notification', 'ptrace', 'strace', 'audit', 'list'];

function archNamed(value: unknown): ArchName | undefined {
  return allArchitectures.find(({ name }) => name === value)?.name;
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function parseRun(row: unknown): RecordedRun | undefined {
  if (!isRecord(row)) return undefined;
  const { command, method, started, ended, exitCode, kernel, calls } = row;
  const arch = archNamed(row.arch);
  const isList = Array.isArray(command) && command.every(isText);
  if (!isList || !isText(method) || !methods.includes(method) || arch === undefined) return undefined;
  if (!isText(started) || !isText(ended) || !isText(kernel) || !isCount(calls)) return undefined;
  if (exitCode !== undefined && !isCount(exitCode)) return undefined;
  return { command, method: method as RecordingMethod, started, ended, exitCode, arch, kernel, calls };
}

function parseCall(row: unknown): RecordedCall | undefined {
  if (!isRecord(row)) return undefined;
  const { name, nr, count, first, last, runs, arguments: indexes = [], values = [], unkept = 0 } = row;
  const arch = archNamed(row.arch);
  if (arch === undefined || !isCount(count) || !isCount(runs) || !isCount(unkept)) return undefined;
  if (typeof nr !== 'number' || !Number.isInteger(nr) || Math.abs(nr) >= 2 ** 31) return undefined;
  // The number counts. A name that only a newer table has is dropped.
  const found = nr < 0 ? undefined : syscallName(nr, arch);
  if (name !== undefined && (!isText(name) || (found !== undefined && found !== name))) return undefined;
  if ((first !== undefined && !isText(first)) || (last !== undefined && !isText(last))) return undefined;
  if (!Array.isArray(indexes) || !Array.isArray(values)) return undefined;
  if (!indexes.every((index) => isCount(index) && index < 6)) return undefined;
  const parsed = values.map((each) => parseValues(each, indexes.length));
  if (parsed.some((each) => each === undefined)) return undefined;
  return {
    ...{ arch, name: found, nr, count, first, last, runs, arguments: indexes, unkept },
    values: parsed.filter((each) => each !== undefined),
  };
}

function parseValues(row: unknown, length: number): RecordedValues | undefined {
  if (!isRecord(row) || !Array.isArray(row.values) || !isCount(row.count)) return undefined;
  const { values, count } = row;
  if (values.length !== length || !values.every((value) => isText(value) && /^\d{1,20}$/.test(value))) {
    return undefined;
  }
  const numbers = values.map((value) => BigInt(value as string));
  return numbers.every((value) => value < 1n << 64n) ? { values: numbers, count } : undefined;
}
