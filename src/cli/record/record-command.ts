/**
 * A command that runs under the recorder.
 * @module
 */
import type { ChildProcess } from 'node:child_process';
import { OciSeccompError } from '../../errors.ts';
import { closeNative } from '../../ffi.ts';
import { openSocketPair, receiveMessage } from '../../kernel/descriptor-messages.ts';
import { rememberDescriptors } from '../../kernel/descriptors.ts';
import { openNotifyChannel } from '../../kernel/notify-channel.ts';
import { filterError } from '../../kernel/seccomp.ts';
import { type CallCounts, countCalls, type WantedArguments } from '../../observe/call-counts.ts';
import { recordNotifications } from '../../observe/record-notifications.ts';
import { RECORDED_START, type RecordedStart } from './recorded-word.ts';

export interface RecordedCommand {
  readonly counts: CallCounts;
  readonly method: 'notification' | 'ptrace';
  /** As shells have it: 128 and the number of a signal that ended the command. */
  readonly exitCode: number;
}

export interface CommandOptions {
  readonly words: readonly string[];
  readonly path: string;
  readonly wanted: WantedArguments;
  /** How many different values are kept of a call. */
  readonly limit: number;
  /** Called at least 20 times a second. */
  readonly tick: (counts: CallCounts) => void;
}

/** Runs the command and records it until it and all that it started has ended. */
export async function recordCommand(options: CommandOptions): Promise<RecordedCommand> {
  const counts = countCalls(options.wanted, options.limit, Date.now);
  const started = start(options, 'notification');
  const message = receiveMessage(started.socket);
  if (message?.kind === 'descriptor') {
    const exitCode = await serve(started, message.descriptor, counts, options);
    return { counts, method: 'notification', exitCode };
  }
  closeNative(started.socket);
  throw message === undefined
    ? new OciSeccompError('ERR_KERNEL', 'the process that was to become the command has ended')
    : filterError(message.value);
}

interface StartedCommand {
  readonly child: ChildProcess;
  readonly pid: number;
  readonly socket: number;
  readonly ended: Promise<number>;
}

function start({ words, path }: CommandOptions, method: RecordedStart['method']): StartedCommand {
  const { inherited } = rememberDescriptors();
  const [own, other] = openSocketPair();
  // Descriptors keep their numbers; the socket takes one above them.
  const socket = Math.max(2, ...inherited) + 1;
  const stdio = Array.from({ length: socket + 1 }, (_, fd) => {
    if (fd === socket) return other;
    return fd <= 2 || inherited.includes(fd) ? fd : 'ignore';
  });
  const told: RecordedStart = { method, socket, path, words: words.length, grandparent: process.ppid };
  const { spawn } = process.getBuiltinModule('node:child_process');
  const [self = ''] = process.argv.slice(1);
  const child = spawn(process.execPath, [...process.execArgv, self, RECORDED_START, JSON.stringify(told)], {
    stdio,
  });
  closeNative(other);
  const ended = new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve(code ?? 128 + signalNumber(signal)));
  });
  return { child, pid: child.pid ?? -1, socket: own, ended };
}

function signalNumber(name: NodeJS.Signals | null): number {
  return name === null ? 0 : process.getBuiltinModule('node:os').constants.signals[name];
}

async function serve(
  { child, pid, socket, ended }: StartedCommand,
  listener: number,
  counts: CallCounts,
  { tick }: CommandOptions,
): Promise<number> {
  closeNative(socket);
  const hands = takeSignals(child);
  void ended.then(hands.noteEnd);
  try {
    const { threads, ended: all } = await recordNotifications(openNotifyChannel(listener), {
      counts,
      pid,
      tick: () => {
        tick(counts);
        return !hands.stopped();
      },
    });
    // Without a recorder their calls all fail: they are ended instead.
    if (!all) for (const thread of threads) endProcess(thread);
  } finally {
    hands.release();
    closeNative(listener);
  }
  return ended;
}

function endProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
}

/** What the recorder does with signals. */
interface SignalHands {
  readonly noteEnd: () => void;
  /** Whether a signal came after the command had ended: what it left running need not be recorded. */
  readonly stopped: () => boolean;
  readonly release: () => void;
}

/** While the command runs, the terminal's signals reach it without the recorder, and others are handed on to it. */
function takeSignals(child: ChildProcess): SignalHands {
  let hasEnded = false;
  let stopped = false;
  const take = (signal: NodeJS.Signals): void => {
    if (hasEnded) stopped = true;
    else if (signal === 'SIGTERM' || signal === 'SIGHUP') child.kill(signal);
  };
  const signals = ['SIGINT', 'SIGQUIT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, take);
  return {
    noteEnd: () => {
      hasEnded = true;
    },
    stopped: () => stopped,
    release: () => {
      for (const signal of signals) process.off(signal, take);
    },
  };
}
