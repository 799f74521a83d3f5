/**
 * What was recorded, as a value that is kept in a file: calls by architecture and name, with counts, dates and values.
 * @module
 */
import { type ArchName, allArchitectures, X32_SYSCALL_BIT } from '../abi/architectures.ts';
import { isRecord } from '../abi/is-record.ts';
import { syscallName } from '../abi/syscall-numbers.ts';
import { OciSeccompError } from '../errors.ts';
import { addCounts, type CountedCall, type WantedArguments } from './call-counts.ts';

/** The values of a call's arguments that belong together, by the arguments' indexes. */
interface RecordedValues {
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
type RecordingMethod = 'notification' | 'ptrace' | 'strace' | 'audit' | 'list';

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
    count: addCounts(left.count, right.count),
    first: extreme(left.first, right.first, (a, b) => a < b),
    last: extreme(left.last, right.last, (a, b) => a > b),
    runs: addCounts(left.runs, right.runs),
  };
  // Values of other arguments, or of none, say nothing about these.
  if (left.arguments.join() !== right.arguments.join()) {
    const [known, unknown] = left.arguments.length > 0 ? [left, right] : [right, left];
    const { arguments: indexes, values } = known;
    return { ...common, arguments: indexes, values, unkept: addCounts(known.unkept, unknown.count) };
  }
  const byValues = new Map<string, RecordedValues>();
  let unkept = addCounts(left.unkept, right.unkept);
  for (const each of [...left.values, ...right.values]) {
    const key = each.values.join();
    const before = byValues.get(key);
    if (before === undefined && byValues.size >= limit) unkept = addCounts(unkept, each.count);
    else byValues.set(key, { ...each, count: addCounts(each.count, before?.count ?? 0) });
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

/** The format of files that hold recordings. */
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
  const rowsOf = <Row>(key: 'runs' | 'calls', fields: Expected<Row>): readonly Row[] => {
    const rows: unknown = root[key];
    if (!Array.isArray(rows)) throw refuse(`"${key}" is not a list`);
    for (const [at, row] of rows.entries()) {
      const wrong = isRecord(row) ? wrongField(row, fields) : 'it is not an object';
      if (wrong !== undefined) throw refuse(`${key}[${at}]: ${wrong}`);
    }
    return rows;
  };
  return {
    runs: rowsOf('runs', runFields).map(runOf),
    calls: sortCalls(rowsOf('calls', callFields).map(callOf)),
  };
}

type Fields = Readonly<Record<string, unknown>>;

const methods: readonly string[] = [
  'notification',
  'ptrace',
  'strace',
  'audit',
  'list',
] satisfies RecordingMethod[];

function archNamed(value: unknown): ArchName | undefined {
  return allArchitectures.find(({ name }) => name === value)?.name;
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

/** What a field has to be, and how that is said. */
type Expectation = readonly [test: (value: unknown, row: Fields) => boolean, is: string];
type Expected<Row> = Readonly<Record<keyof Row, Expectation>>;

const COUNT: Expectation = [isCount, 'a whole number from 0 to 2^53 - 1'];
const TEXT: Expectation = [isText, 'a text'];
const ARCH: Expectation = [(value) => archNamed(value) !== undefined, 'an architecture'];

function optional([test, is]: Expectation): Expectation {
  return [(value, row) => value === undefined || test(value, row), is];
}

/** @returns which field is not what it has to be */
function wrongField<Row>(row: Fields, fields: Expected<Row>): string | undefined {
  const found = Object.entries<Expectation>(fields).find(([key, [test]]) => !test(row[key], row));
  return found === undefined ? undefined : `"${found[0]}" is not ${found[1][1]}`;
}

const runFields: Expected<RecordedRun> = {
  command: [(value) => Array.isArray(value) && value.every(isText), 'a list of texts'],
  method: [(value) => isText(value) && methods.includes(value), `one of ${methods.join(', ')}`],
  started: TEXT,
  ended: TEXT,
  exitCode: optional(COUNT),
  arch: ARCH,
  kernel: TEXT,
  calls: COUNT,
};

/** A call as the file has it: values are decimal texts. */
interface WrittenCall extends Omit<RecordedCall, 'arguments' | 'values' | 'unkept'> {
  readonly arguments?: readonly number[];
  readonly values?: readonly { readonly values: readonly string[]; readonly count: number }[];
  readonly unkept?: number;
}

const callFields: Expected<WrittenCall> = {
  arch: ARCH,
  nr: [
    (value) => typeof value === 'number' && Number.isInteger(value) && Math.abs(value) < 2 ** 31,
    'a number of 32 bits',
  ],
  name: optional([isNameOf, 'the name of the call with this number']),
  count: COUNT,
  first: optional(TEXT),
  last: optional(TEXT),
  runs: COUNT,
  arguments: optional([
    (value) => Array.isArray(value) && value.every((index) => isCount(index) && index < 6),
    'a list of numbers from 0 to 5',
  ]),
  values: optional([isValues, 'a list of values of 64 bits and their counts, one value for each argument']),
  unkept: optional(COUNT),
};

function nameOfNumber({ arch, nr }: Pick<RecordedCall, 'arch' | 'nr'>): string | undefined {
  return nr < 0 ? undefined : syscallName(nr, arch);
}

/**
 * Whether a number has this name, or none here: the number counts, and a newer table may know its name.
 *
 * @param row - whose architecture and number have been looked at
 */
function isNameOf(name: unknown, row: Fields): boolean {
  const known = nameOfNumber(row as unknown as RecordedCall);
  return isText(name) && (known === undefined || known === name);
}

function isValues(rows: unknown, { arguments: indexes = [] }: Fields): boolean {
  const length = Array.isArray(indexes) ? indexes.length : 0;
  const isValue = (value: unknown): boolean =>
    isText(value) && /^\d{1,20}$/.test(value) && BigInt(value) < 1n << 64n;
  const isRow = (row: unknown): boolean =>
    isRecord(row) &&
    isCount(row.count) &&
    Array.isArray(row.values) &&
    row.values.length === length &&
    row.values.every(isValue);
  return Array.isArray(rows) && rows.every(isRow);
}

function runOf({ command, method, started, ended, exitCode, arch, kernel, calls }: RecordedRun): RecordedRun {
  return { command, method, started, ended, exitCode, arch, kernel, calls };
}

function callOf(written: WrittenCall): RecordedCall {
  const { arch, nr, count, first, last, runs, arguments: indexes = [], values = [], unkept = 0 } = written;
  return {
    ...{ arch, name: nameOfNumber(written), nr, count, first, last, runs, arguments: indexes, unkept },
    values: values.map((each) => ({ values: each.values.map(BigInt), count: each.count })),
  };
}
