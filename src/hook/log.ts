/**
 * The log of hooks: one line an event, to a file or to syslog. A container whose line cannot be written does not start.
 *
 * Source: RFC 3164, as syslog(3) writes it to the local daemon: without a host's name.
 * @module
 */
import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { OciSeccompError } from '../errors.ts';
import { sendDatagram } from '../kernel/datagram.ts';

/**
 * `attached`: a helper waits for the container's program and installs the filter; `rewritten`: it is in the config.json;
 * `unfiltered`: the container gets none of ours, as configured; `refused`: the container does not start.
 */
export type HookResult = 'attached' | 'rewritten' | 'unfiltered' | 'refused';

export interface HookRecord {
  readonly result: HookResult;
  /** What is not known yet when something fails stays away. */
  readonly container?: string | undefined;
  readonly profile?: string | undefined;
  /** Of the program's bytes as the kernel takes them, in hexadecimal. */
  readonly sha256?: string | undefined;
  readonly milliseconds: number;
  readonly reason?: string | undefined;
}

/** Writes a record. @throws OciSeccompError `ERR_IO`, `ERR_KERNEL` if it is not written as a whole */
export type HookLog = (record: HookRecord) => void;

/** `LOG_AUTHPRIV`, `LOG_ERR` and `LOG_INFO` of syslog(3). */
const FACILITY = 10 << 3;
const SEVERITY = { error: 3, information: 6 } as const;
const SYSLOG_SOCKET = '/dev/log';
const MAX_REASON = 1000;
const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

/**
 * Opens a log.
 *
 * @param target - `syslog`, or the absolute path of a file: appended to, made with mode 0600 if it is not there
 * @throws OciSeccompError `ERR_USAGE` for anything else; `ERR_IO` if the file cannot be opened
 */
export function openHookLog(target: string): HookLog {
  if (target === 'syslog') return writeSyslog;
  if (!target.startsWith('/')) {
    throw new OciSeccompError(
      'ERR_USAGE',
      `--log takes syslog or the absolute path of a file, not '${target}'`,
    );
  }
  closeSync(openForAppending(target));
  return (record) => appendLine(target, `${new Date().toISOString()} ${tag()} ${formatRecord(record)}\n`);
}

/** The record on one line, whatever its texts hold: `result=attached container="web" … ms=12`. */
export function formatRecord(record: HookRecord): string {
  const { result, container, profile, sha256, milliseconds, reason } = record;
  const fields: readonly (readonly [string, string | undefined])[] = [
    ['result', result],
    ['container', quoted(container)],
    ['profile', quoted(profile)],
    ['sha256', sha256],
    ['ms', milliseconds.toFixed(0)],
    ['reason', quoted(reason?.slice(0, MAX_REASON))],
  ];
  return fields.flatMap(([key, value]) => (value === undefined ? [] : [`${key}=${value}`])).join(' ');
}

/** JSON escapes control characters but DEL, the second block of them and the line separators. */
function quoted(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  return JSON.stringify(text).replace(/[\u007f-\u009f\u2028\u2029]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

function tag(): string {
  return `oci-seccomp[${process.pid}]:`;
}

function openForAppending(path: string): number {
  const { O_WRONLY, O_APPEND, O_CREAT, O_NOFOLLOW, O_NONBLOCK } = constants;
  try {
    // NONBLOCK: a pipe without a reader must not hold up containers.
    return openSync(path, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK, 0o600);
  } catch (cause) {
    throw logError(path, cause);
  }
}

/** One write(2) with O_APPEND: lines of containers that start at once do not mix. */
function appendLine(path: string, line: string): void {
  const bytes = new TextEncoder().encode(line);
  const fd = openForAppending(path);
  try {
    const count = writeSync(fd, bytes);
    if (count !== bytes.length) throw logError(path, { code: 'ENOSPC' });
  } catch (cause) {
    throw cause instanceof OciSeccompError ? cause : logError(path, cause);
  } finally {
    closeSync(fd);
  }
}

const reasons: Readonly<Record<string, string>> = {
  ENOSPC: 'no space left on the device',
  ENOENT: 'its folder does not exist',
  EACCES: 'permission denied',
  EROFS: 'the file system is read-only',
  ELOOP: 'it is a symbolic link',
};

function logError(path: string, cause: unknown): OciSeccompError {
  const { code = 'unknown reason' } = cause as NodeJS.ErrnoException;
  return new OciSeccompError('ERR_IO', `the log ${path} cannot be written: ${reasons[code] ?? code}`, {
    cause,
  });
}

const writeSyslog: HookLog = (record) => {
  const severity = record.result === 'refused' ? SEVERITY.error : SEVERITY.information;
  const now = new Date();
  const clock = [now.getHours(), now.getMinutes(), now.getSeconds()].map((part) =>
    String(part).padStart(2, '0'),
  );
  const stamp = `${MONTHS[now.getMonth()]} ${String(now.getDate()).padStart(2, ' ')} ${clock.join(':')}`;
  const message = `<${FACILITY | severity}>${stamp} ${tag()} ${formatRecord(record)}`;
  sendDatagram(SYSLOG_SOCKET, new TextEncoder().encode(message));
};
