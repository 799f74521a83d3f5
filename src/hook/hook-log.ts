/**
 * What hooks write to the log: one line an event, in the same log as their supervisors. A container whose line cannot
 * be written does not start.
 * @module
 */
import { visibleJson } from '../abi/visible-json.ts';
import { OciSeccompError } from '../errors.ts';
import { openLog } from './supervisor/supervisor-log.ts';
import type { LogTarget } from './supervisor/supervisor-protocol.ts';

/**
 * `attached`: a supervisor waits for the container's program and installs the filter; `rewritten`: it is in the
 * config.json; `unfiltered`: the container gets none of ours, as configured; `refused`: the container does not start.
 */
type HookResult = 'attached' | 'rewritten' | 'unfiltered' | 'refused';

export interface HookRecord {
  readonly result: HookResult;
  /** Its id. What is not known, or not yet when something fails, is `undefined`. */
  readonly container?: string | undefined;
  /** Of a table of choices: the one that decided. */
  readonly row?: string | undefined;
  readonly profile?: string | undefined;
  /** Of the program's bytes as the kernel takes them, in hexadecimal. */
  readonly sha256?: string | undefined;
  /** What is proven of the program, in one line. */
  readonly claim?: string | undefined;
  /** Of a trial: what else is to be known, in one line. */
  readonly notes?: string | undefined;
  /** What the store did, in one line; `undefined` without a store, or if nothing had to be compiled. */
  readonly store?: string | undefined;
  /** Whether the agent had the filter in memory. */
  readonly memory?: 'used' | undefined;
  /** Whether a filter will do that nobody has compared: --allow-unverified. */
  readonly unverified?: 'accepted' | undefined;
  readonly milliseconds: number;
  readonly reason?: string | undefined;
}

const MAX_REASON = 1000;

/**
 * Reads the option `--log`.
 *
 * @param target - `syslog`, or the absolute path of a file
 * @throws OciSeccompError `ERR_USAGE` for anything else
 */
export function parseLogTarget(target: string | undefined): LogTarget {
  if (target === undefined) return {};
  if (target === 'syslog') return { syslog: true };
  if (target.startsWith('/')) return { file: target };
  throw new OciSeccompError(
    'ERR_USAGE',
    `--log takes syslog or the absolute path of a file, not '${target}'`,
  );
}

/**
 * Writes a record.
 *
 * @throws OciSeccompError `ERR_IO` if it cannot be written to the file as a whole; `ERR_FFI`
 */
export function writeRecord(target: LogTarget, record: HookRecord): void {
  if (target.file === undefined && target.syslog !== true) return;
  const log = openLog(target, record.container ?? '-');
  try {
    log.write(record.result === 'refused' ? 'error' : 'info', formatRecord(record));
  } finally {
    log.close();
  }
}

/** As {@link writeRecord}, after a failure that is reported elsewhere too: an error of the log must not hide that one. */
export function tryWriteRecord(target: LogTarget, record: HookRecord): void {
  try {
    writeRecord(target, record);
  } catch {
    // The container does not start in any case.
  }
}

/** The record without the container, on one line whatever its texts hold: `attached: profile="/p.json" sha256=… claim="proven: …" ms=12`. */
export function formatRecord(record: HookRecord): string {
  const { result, row, profile, sha256, claim, notes, store, memory, unverified, milliseconds, reason } =
    record;
  const fields: readonly (readonly [string, string | undefined])[] = [
    ['row', quoted(row)],
    ['profile', quoted(profile)],
    ['sha256', sha256],
    ['claim', quoted(claim?.slice(0, MAX_REASON))],
    ['notes', quoted(notes?.slice(0, MAX_REASON))],
    ['store', quoted(store?.slice(0, MAX_REASON))],
    ['memory', memory],
    ['unverified', unverified],
    ['ms', milliseconds.toFixed(0)],
    ['reason', quoted(reason?.slice(0, MAX_REASON))],
  ];
  const given = fields.flatMap(([key, value]) => (value === undefined ? [] : [`${key}=${value}`]));
  return `${result}: ${given.join(' ')}`;
}

/** What happened, for the log. */
export function reasonOf(error: unknown): string {
  if (error instanceof OciSeccompError) return `${error.message} [${error.code}]`;
  return error instanceof Error ? error.message : String(error);
}

/** JSON in which nothing acts on a terminal or begins a line. */
export function quoted(text: string | undefined): string | undefined {
  return text === undefined ? undefined : visibleJson(JSON.stringify(text));
}
