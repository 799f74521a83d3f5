/**
 * Puts a process under a filter at its next execve(2): before the new program has run an instruction, and without its
 * knowledge. The steps are those of inject-machine.ts.
 *
 * The caller becomes the tracer, so all of it has to happen in one thread. If the caller ends before the filter is there,
 * the kernel kills the traced process (PTRACE_O_EXITKILL). The signal mask holds back the signals that arrive meanwhile;
 * they reach the process afterwards.
 *
 * Processes of the same user in the same pid namespace may write the memory of this one meanwhile; two containers can
 * share a namespace. They can keep it from starting, and change what it does under its filter. They cannot make it run
 * unfiltered: between execve(2) and the filter it makes the planned calls or none, and the filter is compared before it
 * goes on.
 *
 * Sources: ptrace(2); Linux 6.18 kernel/ptrace.c, kernel/seccomp.c.
 * @module
 */
import { ESRCH } from '../abi/errno-constants.ts';
import { OciSeccompError } from '../errors.ts';
import { closeNative } from '../ffi.ts';
import { closeMemory } from './close-memory.ts';
import { actions, WAITING_OPTIONS } from './inject-actions.ts';
import type { AttachedProcess, Context, InjectionRequest } from './inject-context.ts';
import { endedError, lateError, unexpectedError } from './inject-errors.ts';
import { nextEvent } from './inject-events.ts';
import {
  type ActiveState,
  type InjectionEvent,
  type InjectionStep,
  injectionMachine,
  isFinal,
} from './inject-machine.ts';
import type { InstalledFilter } from './inject-memory.ts';
import { isPidfdThere, openPidfd } from './pidfd.ts';
import { noSuchProcess } from './process-errors.ts';
import { readStartTime } from './process-status.ts';
import { registerLayout } from './registers.ts';
import { givenAgain, seizeThreads } from './seize-threads.ts';
import { endAfter } from './signals.ts';
import { machineArch } from './this-machine.ts';

type InjectionOutcome =
  | ({ readonly kind: 'installed' } & InstalledFilter)
  /** It ended before it became another program. */
  | { readonly kind: 'gone'; readonly status: number; readonly bySignal: boolean };

/**
 * Traces every thread of a process, so that it cannot become another program unseen, and closes its memory to others
 * until then. From here on it lives no longer than this process, until {@link injectAtExec} has let it go.
 *
 * @param startTime - what {@link readStartTime} said when the number was known to be the process's
 * @throws OciSeccompError `ERR_HOOK` on an architecture without registers in registers.ts; `ERR_KERNEL` if there is no such process, the
 *   number has come to mean another, or it cannot be traced
 */
export function attachProcess(pid: number, startTime?: string): AttachedProcess {
  const layout = registerLayout(machineArch());
  if (readStartTime(pid) === undefined) throw noSuchProcess(pid);
  const pidfd = openPidfd(pid);
  try {
    // The descriptor names one process for good. So if the start time is right now, it was right when it was opened.
    if (startTime !== undefined && readStartTime(pid) !== startTime) throw givenAgain(pid);
    const threads = seizeThreads(pid, WAITING_OPTIONS, () => isPidfdThere(pidfd)).length;
    closeMemory(pid, layout, WAITING_OPTIONS);
    return { pid, pidfd, threads };
  } catch (error) {
    closeNative(pidfd);
    throw error;
  }
}

/**
 * Waits until the process executes a program, puts it under the filter and lets it go. Does not return before; it
 * sleeps in the kernel while it waits.
 *
 * NOTE: takes every report about tracees and children that this thread could wait for, so it wants a process of its own.
 *
 * @throws OciSeccompError `ERR_KERNEL` or `ERR_HOOK` if that cannot be done, whatever `takeListener` and `beforeRelease`
 *   throw; the process has been killed then
 */
export function injectAtExec(attached: AttachedProcess, request: InjectionRequest): InjectionOutcome {
  const context: Context = {
    ...attached,
    request,
    arch: machineArch(),
    stop: undefined,
    end: undefined,
    deadline: Number.POSITIVE_INFINITY,
    releaseSignals: undefined,
    suspended: false,
    kept: 0,
    borrowed: undefined,
    plan: undefined,
    call: undefined,
    expected: undefined,
    listener: undefined,
    installed: undefined,
    failure: undefined,
  };
  try {
    return run(context);
  } finally {
    if (context.deadline !== Number.POSITIVE_INFINITY) endAfter(0);
    context.borrowed?.close();
    if (context.listener !== undefined) closeNative(context.listener);
    closeNative(attached.pidfd);
  }
}

function run(context: Context): InjectionOutcome {
  let state: ActiveState = 'waiting';
  let told: InjectionEvent | undefined;
  for (;;) {
    const event: InjectionEvent = told ?? eventOf(context, state);
    const { action, next }: InjectionStep = injectionMachine[state][event];
    told = undefined;
    try {
      if (action === 'kill') context.failure ??= reasonOf(context, state, event);
      context.request.observe?.(state, event, action);
      told = actions[action](context);
    } catch (error) {
      context.failure ??= error;
      told = 'error';
    }
    // If an action fails, the state that it should have left handles the error.
    if (told === 'error' && isFinal(next)) {
      if (next === 'failed') throw failureOf(context);
      continue;
    }
    if (isFinal(next)) return outcome(context, next);
    state = next;
  }
}

/** If the process cannot be asked why it has stopped, that is an error: it is not let go. */
function eventOf(context: Context, state: ActiveState): InjectionEvent {
  try {
    return nextEvent(context, state);
  } catch (error) {
    context.failure ??= error;
    return 'error';
  }
}

function outcome(context: Context, state: 'done' | 'gone' | 'failed'): InjectionOutcome {
  const { end, installed } = context;
  if (state === 'gone' && end !== undefined) {
    return { kind: 'gone', status: end.status, bySignal: end.bySignal };
  }
  if (state === 'done' && installed !== undefined) return { kind: 'installed', ...installed };
  throw failureOf(context);
}

/** If an action failed because the process had been killed, its end is what is reported. */
function failureOf({ pid, end, failure }: Context): unknown {
  const vanished = failure instanceof OciSeccompError && failure.details.errno === ESRCH;
  return vanished && end !== undefined ? endedError(pid, end) : failure;
}

function reasonOf({ pid, end }: Context, state: ActiveState, event: InjectionEvent): OciSeccompError {
  if (event === 'ended') return endedError(pid, end);
  return event === 'timeout' ? lateError(pid, state) : unexpectedError(pid, state, event);
}
