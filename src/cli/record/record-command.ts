/**
 * Runs a command under the recorder.
 * @module
 */
import { formatErrno } from '../../abi/errno.ts';
import { EACCES, EBUSY, EINVAL, ENOSYS, EPERM } from '../../abi/errno-constants.ts';
import { OciSeccompError } from '../../errors.ts';
import { closeNative } from '../../ffi.ts';
import { receiveMessage, sendNumber } from '../../kernel/descriptor-messages.ts';
import { openNotifyChannel } from '../../kernel/notify-channel.ts';
import { canRestartCalls } from '../../kernel/restart-registers.ts';
import { loadError } from '../../kernel/seccomp.ts';
import { ignoreGroupSignals, ignoreSignals } from '../../kernel/signals.ts';
import { machineArch, machineKernelRelease } from '../../kernel/this-machine.ts';
import { type CallCounter, countCalls, type WantedArguments } from '../../observe/call-counts.ts';
import { recordNotifications } from '../../observe/record-notifications.ts';
import { recordTraced, seizeChild } from '../../observe/record-ptrace.ts';
import { type WatchedCounts, watchCalls } from '../../observe/watched-calls.ts';
import { parseKernel } from '../../pipeline/parse-host.ts';
import {
  awaitListener,
  type CommandGuard,
  endThreads,
  noteStop,
  type StartedCommand,
  startCommand,
  startGuard,
  takeSignals,
} from './command-process.ts';

/** How a running command is recorded. */
type LiveMethod = 'notification' | 'ptrace';

export interface RecordedCommand {
  readonly counts: WatchedCounts;
  readonly method: LiveMethod;
  /** Whether its processes were traced for their signals. */
  readonly guarded: boolean;
  /** As in shells: 128 and the number of the signal that ended the command. */
  readonly exitCode: number;
  /** What to tell the user. */
  readonly notes: readonly string[];
}

export interface CommandOptions {
  readonly words: readonly string[];
  readonly path: string;
  /** Whether signals are kept from making calls fail; the command can then not be traced by others. */
  readonly guard: boolean;
  readonly wanted: WantedArguments;
  /** How many different values of a call are kept. */
  readonly limit: number;
  /** Called often. */
  readonly tick: (counts: CallCounter, method: LiveMethod) => void;
  /** Tells the user something at once. */
  readonly note: (text: string) => void;
}

/** Runs the command and records it until it and all that it started have ended. */
export async function recordCommand(options: CommandOptions): Promise<RecordedCommand> {
  const counts = watchCalls(countCalls(options.wanted, options.limit, Date.now));
  const { kernel, major } = parseKernel(machineKernelRelease());
  // Before Linux 5.5 a listener cannot let a call go on.
  if (kernel < 5 || (kernel === 5 && major < 5)) {
    return {
      counts,
      method: 'ptrace',
      guarded: false,
      exitCode: trace(options, counts),
      notes: [slowNote('the kernel is older than Linux 5.5')],
    };
  }
  const guarded = options.guard && canRestartCalls();
  const started = startCommand(options, { method: 'notification', guarded });
  const guard = guarded ? await startGuard() : undefined;
  const unguarded = guard === undefined ? lacksGuard(options) : holdCommand(started, guard);
  const message = awaitListener(started);
  if (message?.kind === 'descriptor') {
    const { exitCode, notes, all } = await serve(started, message.descriptor, counts, options);
    const isGuarded = guarded && unguarded.length === 0;
    const lost = guard !== undefined && all && exitCode === KILLED ? await whatGuardLost(guard) : [];
    return {
      ...{ counts, method: 'notification', guarded: isGuarded, exitCode },
      notes: [...unguarded, ...notes, ...lost],
    };
  }
  closeNative(started.socket);
  if (message?.kind === 'number' && message.value < 0) started.child.kill('SIGKILL');
  const code = await started.ended;
  if (message === undefined) {
    const [how, hint] =
      code > 128
        ? [` by signal ${code - 128}`, 'somebody else, or the kernel, ended it']
        : ['', 'its message above says why'];
    throw new OciSeccompError('ERR_KERNEL', `the process that was to become the command has ended${how}`, {
      hint,
    });
  }
  const notes = [slowNote(reasonOf(message.value))];
  return { counts, method: 'ptrace', guarded: false, exitCode: trace(options, counts), notes };
}

/**
 * Why the listener did not come.
 *
 * @param errno - of seccomp(2); with a minus: of sendmsg(2)
 * @throws OciSeccompError `ERR_KERNEL` if ptrace is no way out
 */
function reasonOf(errno: number): string {
  if (errno < 0) return `the listener cannot be handed over: ${formatErrno(-errno)}`;
  const reason = means.get(errno);
  if (reason === undefined) throw loadError(errno);
  return reason;
}

/** @returns what to tell the user if a guard is wanted but missing */
export function lacksGuard({ guard }: Pick<CommandOptions, 'guard'>): readonly string[] {
  if (!guard) return [];
  return [
    `note: there is no guard against signals on ${machineArch()} yet: a signal can make a call fail that waits for the recorder`,
  ];
}

/** @returns what to tell the user if the guard cannot attach to the command */
function holdCommand({ socket, pid }: StartedCommand, guard: CommandGuard): readonly string[] {
  const ready = receiveMessage(socket);
  const reason = guard.hold(pid);
  if (ready !== undefined) sendNumber(socket, 0);
  if (reason === undefined) return [];
  return [
    `note: ptrace cannot be had here (${reason}): a signal can make a call fail that waits for the recorder`,
  ];
}

/** 128 and SIGKILL. */
const KILLED = 137;

/** What is traced ends with its tracer, by SIGKILL. @returns what to tell the user */
async function whatGuardLost(guard: CommandGuard): Promise<readonly string[]> {
  const how = await guard.wait();
  return how === undefined
    ? []
    : [
        `warning: the guard of the command ended early (${how}), and the kernel ended with it the processes that it guarded: the recording is not whole`,
      ];
}

function slowNote(why: string): string {
  return `note: notifications cannot be had here (${why}); ptrace was used, which is slower`;
}

/** Errors of seccomp(2) that mean that this process gets no listener with any filter. */
const means: ReadonlyMap<number, string> = new Map([
  [EBUSY, 'another recorder or a container runtime listens already'],
  [EINVAL, 'the kernel is older than Linux 5.0'],
  [ENOSYS, 'the kernel has no seccomp, or a filter hides it'],
  [EPERM, 'a filter denies seccomp(2)'],
  [EACCES, 'a filter denies seccomp(2)'],
]);

const SIGINT = 2;
const SIGQUIT = 3;

function trace(options: CommandOptions, counts: CallCounter): number {
  const { child, pid, socket } = startCommand(options, { method: 'ptrace' });
  receiveMessage(socket);
  try {
    seizeChild(pid);
  } catch (error) {
    // A process that is told nothing executes nothing.
    closeNative(socket);
    throw error;
  }
  // The terminal sends these signals to the command too. Node's handlers would never run: this thread only traces.
  ignoreSignals([SIGINT, SIGQUIT]);
  ignoreGroupSignals();
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

interface Served {
  readonly exitCode: number;
  readonly notes: readonly string[];
  /** Whether all recorded processes have ended. */
  readonly all: boolean;
}

async function serve(
  command: StartedCommand,
  listener: number,
  counts: CallCounter,
  { tick, note }: CommandOptions,
): Promise<Served> {
  const { pid } = command;
  const hands = takeSignals(command, () =>
    note('the command has ended, but processes that it started run on and are recorded: Ctrl-C ends them\n'),
  );
  const notes: string[] = [];
  const lookForStop = noteStop(pid, counts.total, note);
  let all: boolean;
  try {
    const { threads, ended } = await recordNotifications(openNotifyChannel(listener), {
      counts,
      pid,
      tick: (threads) => {
        tick(counts, 'notification');
        lookForStop(threads);
        return hands.goesOn();
      },
    });
    // Without a recorder, all calls of these processes would fail, so they are ended.
    all = ended;
    if (!all) notes.push(endThreads(threads, 'processes that the command had left running were'));
  } catch (error) {
    // It has the listener too until it becomes the command: no call of its would ever be answered.
    command.child.kill('SIGKILL');
    throw error;
  } finally {
    hands.release();
    closeNative(listener);
    closeNative(command.socket);
  }
  return { exitCode: await command.ended, notes, all };
}
