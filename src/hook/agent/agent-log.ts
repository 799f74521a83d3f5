/**
 * What an agent writes to standard error, which the journal takes: one line an event, with named values.
 * @module
 */
import { quoted } from '../hook-log.ts';
import { openTell } from '../tell-stderr.ts';

type AgentEvent =
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

type EventValues = Readonly<Record<string, string | number | undefined>>;

/** sd-daemon(3): the level in front of a line; journald takes it away. */
const levels = { info: '<6>', error: '<3>' } as const;

/** @param isJournal - whether the journal reads it: levels mean nothing to people */
export function createAgentLog(isJournal: boolean) {
  // A journal that is gone or slow is no reason to leave containers without their filter.
  const tell = openTell();
  return (level: keyof typeof levels, event: AgentEvent, values: EventValues = {}): void =>
    tell(`${isJournal ? levels[level] : ''}${formatEvent(event, values)}\n`);
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
