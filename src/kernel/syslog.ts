/**
 * The system's log.
 *
 * Sources: syslog(3); glibc <syslog.h>.
 * @module
 */
import { loadKoffi } from '../ffi.ts';

export type LogLevel = 'info' | 'error';

const LOG_PID = 1;
const LOG_DAEMON = 3 << 3;
const priorities = { info: 6, error: 3 } as const satisfies Record<LogLevel, number>;

type Syslog = (priority: number, format: string, ...typed: readonly string[]) => void;

/**
 * Opens the system's log for lines of the facility `daemon`.
 *
 * NOTE: syslog(3) does not tell whether anybody takes them.
 *
 * @param name - of the program, in front of each line
 */
export function openSyslog(name: string): (level: LogLevel, text: string) => void {
  const native = loadKoffi().load(null);
  // The C library keeps the pointer, and koffi frees what it made of a string after the call.
  kept ??= Buffer.from(`${name}\0`);
  native.func('openlog', 'void', ['uint8_t *', 'int', 'int'])(kept, LOG_PID, LOG_DAEMON);
  const write = native.func('void syslog(int priority, const char *format, ...)') as Syslog;
  return (level, text) => write(priorities[level], '%s', 'const char *', text);
}

let kept: Buffer | undefined;
