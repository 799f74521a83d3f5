/**
 * What an agent writes to standard error, which the journal takes: one line an event, with named values.
 * @module
 */
import { constants, openSync, writeSync } from 'node:fs';
import { quoted } from '../hook-log.ts';

export type AgentEvent =
  | 'started'
  | 'reloaded'
  | 'stopping'
  /** A client that was not served. */
  | 'turned-away'
  /** Clients are closed before the agent hears of them. */
  | 'no-descriptors'
  /** What became of a container; the first line is that of the hook. */
  | 'container'
  | 'supervisor-failed';

export type EventValues = Readonly<Record<string, string | number | undefined>>;

const STDERR = 2;
/** sd-daemon(3): the level in front of a line; journald takes it away. */
const levels = { info: '<6>', error: '<3>' } as const;

/** @param isJournal - whether the journal reads it: levels mean nothing to people */
export function createAgentLog(isJournal: boolean) {
  const fd = openWithoutWaiting();
  return (level: keyof typeof levels, event: AgentEvent, values: EventValues = {}): void => {
    const line = `${isJournal ? levels[level] : ''}${formatEvent(event, values)}\n`;
    try {
      writeSync(fd, line);
    } catch {
      // A journal that is gone or slow is no reason to leave containers without their filter.
    }
  };
}

export type AgentLog = ReturnType<typeof createAgentLog>;

/** `started: socket="/run/oci-seccomp/agent.sock" spare=4` */
function formatEvent(event: AgentEvent, values: EventValues): string {
  const fields = Object.entries(values).flatMap(([key, value]) => {
    if (value === undefined) return [];
    return [`${key}=${typeof value === 'number' ? value : quoted(value)}`];
  });
  return `${event}: ${fields.join(' ')}`.trimEnd();
}

/**
 * Standard error for writes that fail where they would wait: for a terminal that is stopped (Ctrl-S), or a pipe that
 * nobody reads. It is opened anew, because others have the same open file and may want to wait.
 */
function openWithoutWaiting(): number {
  try {
    const { O_WRONLY, O_APPEND, O_NONBLOCK, O_NOCTTY } = constants;
    return openSync('/proc/self/fd/2', O_WRONLY | O_APPEND | O_NONBLOCK | O_NOCTTY);
  } catch {
    // The journal's socket cannot be opened, and Node lets no write to a socket wait once it has made a stream of it.
    void process.stderr;
    return STDERR;
  }
}
