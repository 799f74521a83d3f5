/**
 * The system's log.
 *
 * syslog(3) is not used. It waits for ever for a log that takes no more lines, and so would all containers of an agent.
 *
 * Sources: RFC 3164 section 4.1; glibc misc/syslog.c; systemd 252 src/journal/journald-syslog.c.
 * @module
 */
import { EAGAIN, EPROTOTYPE } from '../abi/errno-constants.ts';
import { OciSeccompError } from '../errors.ts';
import { closeNative, loadKoffi } from '../ffi.ts';
import { connectWithin, SOCK_STREAM, sendMessage } from './unix-socket.ts';

export type LogLevel = 'info' | 'error';

const LOG_DAEMON = 3 << 3;
const priorities = { info: 6, error: 3 } as const satisfies Record<LogLevel, number>;

const PATH = '/dev/log';
const SOCK_DGRAM = 2;
/** How long a line waits for a log that is full. */
const PATIENCE_MS = 200;
/** Almost no wait; 0 would mean for ever. */
const IMPATIENCE_MS = 1;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;

/** Whether the last line was given up. The next lines then do not wait. */
let isFull = false;

/**
 * Opens the system's log for lines of the facility `daemon`.
 *
 * NOTE: as with syslog(3), nobody is told of lines that no log takes.
 *
 * @param name - of the program, in front of each line
 * @param path - of the log's socket
 */
export function openSyslog(name: string, path = PATH): (level: LogLevel, text: string) => void {
  loadKoffi();
  return (level, text) => {
    const head = `<${LOG_DAEMON | priorities[level]}>${timeOf(new Date())} ${name}[${process.pid}]: `;
    isFull = !isTaken(path, head + text.replaceAll('\0', ' '));
  };
}

/** @returns whether there was room for it, or no log that could have any */
function isTaken(path: string, line: string): boolean {
  try {
    try {
      send(path, SOCK_DGRAM, Buffer.from(line));
    } catch (error) {
      if (errnoOf(error) !== EPROTOTYPE) throw error;
      // Some logs listen on a stream, where a NUL ends a line.
      send(path, SOCK_STREAM, Buffer.from(`${line}\0`));
    }
    return true;
  } catch (error) {
    return errnoOf(error) !== EAGAIN;
  }
}

function send(path: string, type: number, line: Uint8Array): void {
  const connection = connectWithin(path, type, isFull ? IMPATIENCE_MS : PATIENCE_MS);
  try {
    sendMessage(path, connection, line);
  } finally {
    closeNative(connection);
  }
}

/** @throws what is not an error of the kernel */
function errnoOf(error: unknown): unknown {
  if (error instanceof OciSeccompError && error.code === 'ERR_KERNEL') return error.details.errno;
  throw error;
}

/** `Feb  3 04:05:06`, local time. */
function timeOf(date: Date): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':');
  return `${MONTHS[date.getMonth()]} ${String(date.getDate()).padStart(2, ' ')} ${time}`;
}
