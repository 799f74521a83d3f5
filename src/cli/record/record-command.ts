/**
 * A command that runs under the recorder.
 * @module
 */
import type { ChildProcess } from 'node:child_process';
import { EACCES, EBUSY, EINVAL, ENOSYS, EPERM } from '../../abi/errno-constants.ts';
import { OciSeccompError } from '../../errors.ts';
import { closeNative } from '../../ffi.ts';
import { openSocketPair, receiveMessage, sendNumber } from '../../kernel/descriptor-messages.ts';
import { rememberDescriptors } from '../../kernel/descriptors.ts';
import { openNotifyChannel } from '../../kernel/notify-channel.ts';
import { filterError } from '../../kernel/seccomp.ts';
import { ignoreSignals } from '../../kernel/signals.ts';
import { machineKernelRelease } from '../../kernel/this-machine.ts';
import { type CallCounts, countCalls, type WantedArguments } from '../../observe/call-counts.ts';
import { recordNotifications } from '../../observe/record-notifications.ts';
import { recordTraced, seizeChild } from '../../observe/record-ptrace.ts';
import { parseKernel } from '../../pipeline/parse-host.ts';
import { RECORDED_START, type RecordedStart } from './recorded-word.ts';

export interface RecordedCommand {
  readonly counts: CallCounts;
  readonly method: RecordedStart['method'];
  /** As shells have it: 128 and the number of a signal that ended the command. */
  readonly exitCode: number;
  /** What to tell the user. */
  readonly notes: readonly string[];
}

export interface CommandOptions {
  readonly words: readonly string[];
  readonly path: string;
  readonly wanted: WantedArguments;
  /** How many different values are kept of a call. */
  readonly limit: number;
  /** Called often. */
  readonly tick: (counts: CallCounts, method: RecordedStart['method']) => void;
  /** Tells the user something at once. */
  readonly note: (text: string) => void;
}

/** Runs the command and records it until it and all that it started have ended. */
export async function recordCommand(options: CommandOptions): Promise<RecordedCommand> {
  const counts = countCalls(options.wanted, options.limit, Date.now);
  const { kernel, major } = parseKernel(machineKernelRelease());
  // Before Linux 5.5 a listener cannot let a call go on.
  if (kernel < 5 || (kernel === 5 && major < 5)) {
    return {
      counts,
      method: 'ptrace',
      exitCode: trace(options, counts),
      notes: [slowNote('the kernel is older than Linux 5.5')],
    };
  }
  const started = start(options, 'notification');
  const message = receiveMessage(started.socket);
  closeNative(started.socket);
  if (message?.kind === 'descriptor') {
    return { counts, method: 'notification', ...(await serve(started, message.descriptor, counts, options)) };
  }
  await started.ended;
  if (message === undefined) {
    throw new OciSeccompError('ERR_KERNEL', 'the process that was to become the command has ended', {
      hint: 'its message above says why',
    });
  }
  if (!means.has(message.value)) throw filterError(message.value);
  const notes = [slowNote(means.get(message.value) ?? '')];
  return { counts, method: 'ptrace', exitCode: trace(options, counts), notes };
}

function slowNote(why: string): string {
  return `note: notifications cannot be had here (${why}); ptrace was used, which is slower`;
}

/** Errors of seccomp(2) that mean that no listener can be had here, whatever the filter. */
const means: ReadonlyMap<number, string> = new Map([
  [EBUSY, 'another recorder or a container runtime listens already'],
  [EINVAL, 'the kernel is older than Linux 5.0'],
  [ENOSYS, 'the kernel has no seccomp, or a filter hides it'],
  [EPERM, 'a filter denies seccomp(2)'],
  [EACCES, 'a filter denies seccomp(2)'],
]);

const SIGINT = 2;
const SIGQUIT = 3;

function trace(options: CommandOptions, counts: CallCounts): number {
  const { child, pid, socket } = start(options, 'ptrace');
  receiveMessage(socket);
  seizeChild(pid);
  // The terminal sends them to the command too. Handlers of Node would never run: this thread only traces.
  ignoreSignals([SIGINT, SIGQUIT]);
  child.unref();
  return recordTraced(
    pid,
    counts,
    () => {
      sendNumber(socket, 0);
      closeNative(socket);
    },
    () => options.tick(counts, 'ptrace'),
  );
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
  { child, pid, ended }: StartedCommand,
  listener: number,
  counts: CallCounts,
  { tick, note }: CommandOptions,
): Promise<{ readonly exitCode: number; readonly notes: readonly string[] }> {
  const hands = takeSignals(child);
  let since: number | undefined;
  void ended.then(() => {
    since = performance.now();
    hands.noteEnd();
  });
  const notes: string[] = [];
  try {
    const { threads, ended: all } = await recordNotifications(openNotifyChannel(listener), {
      counts,
      pid,
      tick: () => {
        tick(counts, 'notification');
        if (since !== undefined && performance.now() - since > PATIENCE_MS) {
          since = Number.POSITIVE_INFINITY;
          note(
            'the command has ended, but processes that it started run on and are recorded: Ctrl-C ends them\n',
          );
        }
        return !hands.stopped();
      },
    });
    // Without a recorder their calls all fail: they are ended instead.
    if (!all) {
      for (const thread of threads) endProcess(thread);
      notes.push('processes that the command had left running were ended');
    }
  } finally {
    hands.release();
    closeNative(listener);
  }
  return { exitCode: await ended, notes };
}

/** After it, the user is told what is waited for. */
const PATIENCE_MS = 2000;

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
