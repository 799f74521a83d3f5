/**
 * Recording by notification: every call of the recorded processes waits until it is counted, and is then made.
 * @module
 */
import { allArchitectures, architectures } from '../abi/architectures.ts';
import { directSyscallNumber } from '../abi/syscall-numbers.ts';
import type { NotifyChannel } from '../kernel/notify-channel.ts';
import { readStartTime } from '../kernel/process-status.ts';
import type { CallCounter } from './call-counts.ts';

/** How long the recorder sleeps at most, and works at most, before it looks at signals and children. */
export const TICK_MS = 50;
/** Calls between two looks at the clock. */
export const CLOCK_EVERY = 64;

interface RecordingOptions {
  readonly counts: CallCounter;
  /** The process that becomes the command: what it calls before its execve is not the command's. */
  readonly pid: number;
  /** Called between calls, at least 20 times a second, with whose calls came; returns whether to go on. */
  readonly tick: (threads: ThreadStarts) => boolean;
}

/** Threads, and when each started: their numbers are given again. */
export type ThreadStarts = Map<number, string | undefined>;

/** Whose calls were recorded. */
export interface RecordedThreads {
  readonly threads: ThreadStarts;
  /** Whether all of them have ended. */
  readonly ended: boolean;
}

/** Serves the channel until no task is left under the filter, or `tick` says so. */
export async function recordNotifications(
  channel: NotifyChannel,
  { counts, pid, tick }: RecordingOptions,
): Promise<RecordedThreads> {
  const threads: ThreadStarts = new Map();
  let started = false;
  let served = 0;
  let since = performance.now();
  let last = 0;
  for (;;) {
    const waiting = channel.wait(TICK_MS);
    if (waiting === 'end') return { threads, ended: true };
    if (waiting === 'request' && channel.receive()) {
      const { pid: caller, nr, auditArch } = channel;
      started ||= caller === pid && startsProgram(auditArch, nr);
      if (started) countCall(counts, channel);
      // Before it goes on, and may end.
      if (caller !== last) noteThread(threads, caller);
      last = caller;
      channel.proceed();
    }
    served += 1;
    if (waiting === 'request' && (served % CLOCK_EVERY !== 0 || performance.now() - since < TICK_MS))
      continue;
    await new Promise((resolve) => setImmediate(resolve));
    since = performance.now();
    if (!tick(threads)) return { threads, ended: false };
  }
}

/** After so many new threads, those that have ended are forgotten: a build starts a million, whose numbers come again. */
const FORGET_EACH = 4096;

/** Keeps in mind a thread that waits for the recorder. */
export function noteThread(threads: ThreadStarts, thread: number): void {
  if (threads.has(thread)) return;
  threads.set(thread, readStartTime(thread));
  if (threads.size % FORGET_EACH !== 0) return;
  for (const [each, started] of threads) if (readStartTime(each) !== started) threads.delete(each);
}

/** Counts the call that was received last. */
export function countCall(counts: CallCounter, { auditArch, nr, argument, pid }: NotifyChannel): void {
  counts.add(auditArch, nr, argument, pid);
}

const execs: ReadonlySet<string> = new Set(
  allArchitectures.flatMap(({ name }) =>
    ['execve', 'execveat'].map(
      (call) => `${architectures[name].auditArch}:${directSyscallNumber(call, name)}`,
    ),
  ),
);

/** Whether the call starts a program. */
export function startsProgram(auditArch: number, nr: number): boolean {
  return execs.has(`${auditArch}:${nr}`);
}
