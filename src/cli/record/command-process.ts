/**
 * The process of a recorded command: its start, the signals for it, its end.
 * @module
 */
import type { ChildProcess } from 'node:child_process';
import { formatErrno } from '../../abi/errno.ts';
import { OciSeccompError } from '../../errors.ts';
import { closeNative } from '../../ffi.ts';
import { ioWords } from '../../hook/io-words.ts';
import {
  openSocketPair,
  type ReceivedMessage,
  receiveMessage,
  sendNumber,
} from '../../kernel/descriptor-messages.ts';
import { type DescriptorState, rememberDescriptors } from '../../kernel/descriptors.ts';
import { fetchListener } from '../../kernel/fetch-listener.ts';
import { closePidfd, openPidfd, signalPidfd } from '../../kernel/pidfd.ts';
import { openPollSet } from '../../kernel/poll-set.ts';
import { nameProcess, readProcessStatus, readStartTime } from '../../kernel/process-status.ts';
import { ignoreGroupSignals } from '../../kernel/signals.ts';
import type { ThreadStarts } from '../../observe/record-notifications.ts';
import { RECORDED_GUARD, RECORDED_START, type RecordedStart } from './recorded-word.ts';

export interface StartedCommand {
  readonly child: ChildProcess;
  readonly pid: number;
  readonly socket: number;
  /** Its descriptors that this process had inherited. */
  readonly inherited: readonly number[];
  readonly ended: Promise<number>;
}

/**
 * Starts the process that becomes the command, with everything that this process inherited.
 *
 * @param inherited - noted before this process opened sockets of its own, which look like inherited ones
 */
export function startCommand(
  { words, path }: { readonly words: readonly string[]; readonly path: string },
  how: Pick<RecordedStart, 'method' | 'more' | 'guarded'>,
  { inherited }: Pick<DescriptorState, 'inherited'> = rememberDescriptors(),
): StartedCommand {
  const [own, other] = openSocketPair();
  // Descriptors keep their numbers; the socket takes one above them.
  const socket = Math.max(2, ...inherited) + 1;
  const stdio = Array.from({ length: socket + 1 }, (_, fd) => {
    if (fd === socket) return other;
    return fd <= 2 || inherited.includes(fd) ? fd : 'ignore';
  });
  const ids = { recorder: process.pid, grandparent: process.ppid };
  const told: RecordedStart = { ...how, ...ids, socket, path, words: words.length };
  const { spawn } = process.getBuiltinModule('node:child_process');
  const [self = ''] = process.argv.slice(1);
  const start = [...process.execArgv, self, RECORDED_START, JSON.stringify(told)];
  const child = started(() => spawn(process.execPath, start, { stdio }));
  closeNative(other);
  const ended = new Promise<number>((resolve, reject) => {
    child.once('error', (cause) => reject(notStarted(cause)));
    child.once('exit', (code, signal) => resolve(code ?? 128 + signalNumber(signal)));
  });
  // If something else fails first, nobody waits for this.
  ended.catch(() => {});
  return { child, pid: child.pid ?? -1, socket: own, inherited, ended };
}

/** Node throws some reasons at once, and tells others later. */
function started(start: () => ChildProcess): ChildProcess {
  try {
    return start();
  } catch (cause) {
    throw notStarted(cause);
  }
}

function notStarted(cause: unknown): OciSeccompError {
  // fcntl(2), F_DUPFD: the number is not below the limit.
  const isAbove = (cause as NodeJS.ErrnoException).code === 'EINVAL';
  const reason = isAbove ? 'it inherits a descriptor above the limit of open files' : ioWords(cause);
  return new OciSeccompError('ERR_KERNEL', `no process can be started for the command: ${reason}`, {
    hint: 'raise the limits: ulimit -n 1024 for open files, ulimit -u for processes',
    cause,
  });
}

/** How often the recorder looks whether the listener does not come by itself. */
const LOOK_MS = 50;

/**
 * Waits for the listener. Whoever sends it runs under the filter already. If V8 makes a call there in between, to collect
 * garbage, that waits for the recorder: so this one takes the listener then. The message comes later, and must find the
 * socket open.
 *
 * @returns what came, as receiveMessage() does
 */
export function awaitListener({
  child,
  pid,
  socket,
  inherited,
}: StartedCommand): ReceivedMessage | undefined {
  const messages = openPollSet([socket]);
  try {
    for (;;) {
      if (messages.wait(LOOK_MS) > 0) return receiveMessage(socket);
      const descriptor = fetchListener(pid, inherited);
      if (descriptor !== undefined) return { kind: 'descriptor', descriptor };
    }
  } catch (error) {
    // Its calls would never be answered.
    child.kill('SIGKILL');
    throw error;
  }
}

/** Attaches to the process that becomes the command. */
export interface CommandGuard {
  /** @returns why the process is not guarded; `undefined`: it is. Call this exactly once */
  readonly hold: (pid: number) => string | undefined;
  /** Waits for its end. @returns how it ended, `SIGKILL` or `exit code 1`; `undefined`: when all that it guarded had ended */
  readonly wait: () => Promise<string | undefined>;
}

/** The descriptor by which the guard gets its socket. */
const GUARD_SOCKET = 3;

/** Starts the guard, which becomes ready while the command's process does. */
export async function startGuard(): Promise<CommandGuard> {
  const [own, other] = openSocketPair();
  const { spawn } = process.getBuiltinModule('node:child_process');
  const [self = ''] = process.argv.slice(1);
  const start = [...process.execArgv, self, RECORDED_GUARD, String(GUARD_SOCKET)];
  const stdio = ['ignore', 'ignore', 'ignore', other] as const;
  const child = started(() => spawn(process.execPath, start, { cwd: '/', stdio: [...stdio] }));
  const failed = new Promise<unknown>((resolve) => child.once('error', resolve));
  const ended = new Promise<string | undefined>((resolve) => {
    child.once('exit', (code, signal) => resolve(code === 0 ? undefined : (signal ?? `exit code ${code}`)));
  });
  child.unref();
  closeNative(other);
  if (child.pid === undefined) {
    closeNative(own);
    const reason = `the guard cannot be started: ${ioWords(await failed)}`;
    return { hold: () => reason, wait: async () => undefined };
  }
  const wait = (): Promise<string | undefined> => {
    // Else this process ends before it hears of it.
    child.ref();
    return ended;
  };
  return { hold: (pid) => holdBy(own, pid), wait };
}

/** @param socket - to the guard */
function holdBy(socket: number, pid: number): string | undefined {
  try {
    sendNumber(socket, pid);
    const answer = receiveMessage(socket);
    if (answer?.kind !== 'number') return 'the guard has ended';
    if (answer.value === 0) return undefined;
    return answer.value > 0 ? formatErrno(answer.value) : `waitid: ${formatErrno(-answer.value)}`;
  } finally {
    closeNative(socket);
  }
}

function isStopped(pid: number): boolean {
  const status = readProcessStatus(pid);
  return typeof status !== 'string' && 'Tt'.includes(status.state);
}

/**
 * Tells the user once why nothing happens: the command, or a process that it started, stays stopped by a signal.
 *
 * @param total - how many calls there were
 * @returns a function to call often, which also drops threads that have ended
 */
export function noteStop(
  pid: number,
  total: () => number,
  note: (text: string) => void,
): (threads: ThreadStarts) => void {
  let since = performance.now();
  let before = -1;
  let isSaid = false;
  return (threads) => {
    if (isSaid || performance.now() - since < PATIENCE_MS) return;
    since = performance.now();
    const isIdle = total() === before;
    before = total();
    if (!isIdle) return;
    // A tracer stops threads too, but these make calls between two looks.
    const stopped = isStopped(pid) ? pid : stoppedOf(threads);
    if (stopped === undefined) return;
    isSaid = true;
    const who = stopped === pid ? 'the command' : `process ${nameProcess(stopped)} of the command`;
    note(`${who} is stopped, and record waits for it: kill -CONT ${stopped} lets it go on\n`);
  };
}

function stoppedOf(threads: ThreadStarts): number | undefined {
  for (const [thread, started] of threads) {
    if (readStartTime(thread) !== started) threads.delete(thread);
    else if (isStopped(thread)) return thread;
  }
  return undefined;
}

function signalNumber(name: NodeJS.Signals | null): number {
  return name === null ? 0 : process.getBuiltinModule('node:os').constants.signals[name];
}

const SIGKILL = 9;
/** After this time, the user is told what the recorder waits for. */
const PATIENCE_MS = 2000;

/**
 * Ends the processes of threads that were recorded.
 *
 * @param who - what was ended, for the note
 * @returns what to tell the user
 */
export function endThreads(threads: ThreadStarts, who: string): string {
  const left = new Set<number>();
  let reason = '';
  for (const [thread, started] of threads) {
    const status = readProcessStatus(thread);
    if (started === undefined || typeof status === 'string') continue;
    try {
      endProcess(status.threadGroup, () => readStartTime(thread) === started);
    } catch (error) {
      if (readStartTime(thread) !== started) continue;
      left.add(status.threadGroup);
      reason = error instanceof Error ? error.message : String(error);
    }
  }
  if (left.size === 0) return `${who} ended`;
  return `warning: processes run on whose calls now fail, because they could not be ended (${reason}): kill -9 ${[...left].join(' ')}`;
}

/** @param isIt - whether the number is still that of the process, and not another's by now */
function endProcess(pid: number, isIt: () => boolean): void {
  const pidfd = openPidfd(pid);
  try {
    if (isIt()) signalPidfd(pidfd, SIGKILL);
  } finally {
    closePidfd(pidfd);
  }
}

/** What the recorder does with signals, and what it says when the command has ended and others run on. */
interface SignalHands {
  readonly hasEnded: () => boolean;
  /** False if a signal came after the command had ended: then processes that it left running are not recorded further. */
  readonly goesOn: () => boolean;
  readonly release: () => void;
}

/**
 * While the command runs, the recorder passes signals on to it. Those of the terminal reach it anyway.
 *
 * @param sayLeft - called once, some time after the end of the command
 */
export function takeSignals(
  { child, ended }: Pick<StartedCommand, 'child' | 'ended'>,
  sayLeft: () => void,
): SignalHands {
  // Only now: a command that starts later would inherit that signals are ignored.
  ignoreGroupSignals();
  let endedAt: number | undefined;
  let isSaid = false;
  let isSignalled = false;
  void ended.then(() => {
    endedAt = performance.now();
  });
  const take = (signal: NodeJS.Signals): void => {
    if (endedAt !== undefined) {
      isSignalled = true;
      return;
    }
    if (signal === 'SIGTERM' || signal === 'SIGHUP') child.kill(signal);
    // A stopped process takes no signal, so it is continued first, as timeout(1) does.
    if (isStopped(child.pid ?? -1)) child.kill('SIGCONT');
  };
  const signals = ['SIGINT', 'SIGQUIT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, take);
  return {
    hasEnded: () => endedAt !== undefined,
    goesOn: () => {
      if (!isSaid && endedAt !== undefined && performance.now() - endedAt > PATIENCE_MS) {
        isSaid = true;
        sayLeft();
      }
      return !isSignalled;
    },
    release: () => {
      for (const signal of signals) process.off(signal, take);
    },
  };
}
