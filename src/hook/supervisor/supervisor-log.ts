/**
 * The supervisor's log: what happened to a container after the hook's end, when nothing reads its stderr any more.
 * @module
 */
import { closeSync, constants, fstatSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
import { OciSeccompError } from '../../errors.ts';
import { type LogLevel, openSyslog } from '../../kernel/syslog.ts';
import type { LogTarget } from './supervisor-protocol.ts';

export interface Log {
  /** @throws OciSeccompError `ERR_IO` if the line cannot be written whole */
  readonly write: (level: LogLevel, message: string) => void;
  readonly close: () => void;
}

const NAME = 'oci-seccomp-hook';

/**
 * Opens the log at once, so that an unwritable log is known before the container continues.
 *
 * @throws OciSeccompError `ERR_IO` if the file cannot be opened
 */
export function openLog({ file, syslog = false }: LogTarget, containerId: string): Log {
  const fd = file === undefined ? undefined : openFile(file);
  const toSyslog = syslog ? openSyslog(NAME) : undefined;
  // The name of a container must not add lines to the log.
  const name = containerId.replace(/[^\x21-\x7e]/g, '?');
  return {
    write: (level, message) => {
      const text = `container ${name}: ${message.replace(/\p{Cc}/gu, ' ')}`;
      toSyslog?.(level, text);
      if (fd !== undefined)
        append(fd, file ?? '', `${new Date().toISOString()} ${NAME}[${process.pid}] ${level} ${text}\n`);
    },
    close: () => {
      if (fd !== undefined) closeSync(fd);
    },
  };
}

/** A pipe that nobody reads must not hold up a container, or an agent and so all containers: it is an error. */
const { O_WRONLY, O_CREAT, O_APPEND, O_NONBLOCK } = constants;

function openFile(file: string): number {
  try {
    return openSync(file, O_WRONLY | O_CREAT | O_APPEND | O_NONBLOCK, 0o600);
  } catch (cause) {
    throw logError(file, cause);
  }
}

function append(fd: number, file: string, line: string): void {
  let written = 0;
  try {
    written = writeSync(fd, line);
  } catch (cause) {
    throw logError(file, cause);
  }
  if (written === Buffer.byteLength(line)) return;
  takeBack(fd, written);
  throw logError(file, new Error('the disk is full'));
}

/**
 * Removes the part of a line for which there was room: the next line would continue it, and it says `attached` of a container
 * that does not start. It stays if another process has written behind it, or where a file cannot be cut.
 */
function takeBack(fd: number, written: number): void {
  try {
    const end = Number(/^pos:\s*(\d+)$/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'latin1'))?.[1]);
    if (fstatSync(fd).size === end) ftruncateSync(fd, end - written);
  } catch {
    // The log is full in any case, and the error says so.
  }
}

function logError(file: string, cause: unknown): OciSeccompError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new OciSeccompError('ERR_IO', `the log ${file} cannot be written: ${reason}`, {
    hint: 'a container starts only if the hook can log the outcome',
    details: { file },
    cause,
  });
}
