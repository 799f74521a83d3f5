/**
 * Puts a process under a filter at its next execve(2): before the new program has run an instruction, and without its
 * knowledge. The steps are those of inject-machine.ts.
 *
 * The caller becomes the tracer: all of it has to happen in one thread, and if that thread's process ends before the
 * filter is there, the kernel kills the traced process (PTRACE_O_EXITKILL). Signals that arrive meanwhile are held back
 * in the kernel by the signal mask and reach the process afterwards.
 *
 * Sources: ptrace(2); Linux 6.18 kernel/ptrace.c, kernel/seccomp.c.
 * @module
 */
import { closeSync } from 'node:fs';
import type { ArchName } from '../abi/architectures.ts';
import { formatErrno } from '../abi/errno.ts';
import { EINVAL, EPERM, ESRCH } from '../abi/errno-constants.ts';
import { OciSeccompError } from '../errors.ts';
import { type FilterRequest, filterCalls, statusOf } from './inject-calls.ts';
import { endedError, lateError, unexpectedError } from './inject-errors.ts';
import {
  type ActiveState,
  type InjectionAction,
  type InjectionEvent,
  type InjectionStep,
  injectionMachine,
  isFinal,
} from './inject-machine.ts';
import { type Borrowed, borrow, type InstalledFilter, verifyFilter } from './inject-memory.ts';
import { machineArch } from './machine.ts';
import { openPidfd, signalPidfd, takeDescriptor } from './pidfd.ts';
import { noSuchProcess } from './process-errors.ts';
import { readProcessStatus, readStartTime } from './process-status.ts';
import {
  PTRACE_EVENT_CLONE,
  PTRACE_EVENT_EXEC,
  PTRACE_EVENT_STOP,
  type PtraceRequest,
  ptrace,
  ptraceOptions,
  SIGTRAP,
  type TraceeReport,
  waitForTracee,
} from './ptrace.ts';
import { callResult, readRegisters, registerLayout, registersForCall, writeRegisters } from './registers.ts';
import { seizeThreads } from './threads.ts';

const { PTRACE_O_EXITKILL, PTRACE_O_TRACEEXEC, PTRACE_O_TRACECLONE, PTRACE_O_TRACESYSGOOD } = ptraceOptions;
const OPTIONS = PTRACE_O_EXITKILL | PTRACE_O_TRACEEXEC | PTRACE_O_TRACECLONE | PTRACE_O_TRACESYSGOOD;
const SIGKILL = 9;
const ALL_SIGNALS = 0xffff_ffff_ffff_ffffn;
/** sizeof(sigset_t) in the kernel: 64 signals. */
const SIGSET_SIZE = 8;
const TIMEOUT_MS = 10_000;
const SPIN_MS = 2;
const STEP_MS = 1;
const KILL_MS = 2000;

/** A process whose threads are all traced by the calling thread. */
export interface AttachedProcess {
  readonly pid: number;
  readonly pidfd: number;
  /** How many it had. */
  readonly threads: number;
}

export interface InjectionRequest extends FilterRequest {
  /** For all that happens from execve(2) on, in milliseconds; 10000 unless told. */
  readonly timeoutMs?: number;
  /** Called when the filter is there and checked, before the program runs; if it throws, the process is killed. */
  readonly beforeRelease?: (installed: InstalledFilter) => void;
  /** Told of each step before it is made. */
  readonly observe?: (state: ActiveState, event: InjectionEvent, action: InjectionAction) => void;
}

export type InjectionOutcome =
  | ({ readonly kind: 'installed' } & InstalledFilter)
  /** It ended before it became another program. */
  | { readonly kind: 'gone'; readonly status: number; readonly bySignal: boolean };

/**
 * Traces every thread of a process, so that it cannot become another program unseen. From here on it lives no longer
 * than this process, until {@link injectAtExec} has let it go.
 *
 * @param startTime - what {@link readStartTime} said when the number was known to be the process's
 * @throws OciSeccompError `ERR_HOOK` on an architecture other than x86_64; `ERR_KERNEL` if there is no such process, the
 *   number has come to mean another, or it cannot be traced
 */
export function attachProcess(
  pid: number,
  startTime?: string,
  arch: ArchName = machineArch(),
): AttachedProcess {
  registerLayout(arch);
  if (readStartTime(pid) === undefined) throw noSuchProcess(pid);
  const pidfd = openPidfd(pid);
  try {
    // The descriptor holds on to one process: if the start time is right now, it was when it was opened.
    if (startTime !== undefined && readStartTime(pid) !== startTime) {
      throw new OciSeccompError('ERR_KERNEL', `process ${pid} is another one by now`, { details: { pid } });
    }
    return { pid, pidfd, threads: seizeThreads(pid, OPTIONS).length };
  } catch (error) {
    closeSync(pidfd);
    throw error;
  }
}

interface Context {
  readonly pid: number;
  readonly pidfd: number;
  readonly request: InjectionRequest;
  readonly arch: ArchName;
  /** The stop that the last event told of. */
  stop: Extract<TraceeReport, { kind: 'stopped' }> | undefined;
  end: Extract<TraceeReport, { kind: 'ended' }> | undefined;
  deadline: number;
  signalMask: Uint8Array | undefined;
  suspended: boolean;
  /** Signals to send when it is let go; there is only SIGSTOP to keep. */
  kept: number;
  borrowed: Borrowed | undefined;
  plan: ReturnType<typeof filterCalls> | undefined;
  call: Parameters<typeof registersForCall>[2] | undefined;
  listener: number | undefined;
  installed: InstalledFilter | undefined;
  failure: unknown;
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
export function injectAtExec(
  attached: AttachedProcess,
  request: InjectionRequest,
  arch: ArchName = machineArch(),
): InjectionOutcome {
  const context: Context = {
    ...attached,
    request,
    arch,
    stop: undefined,
    end: undefined,
    deadline: Number.POSITIVE_INFINITY,
    signalMask: undefined,
    suspended: false,
    kept: 0,
    borrowed: undefined,
    plan: undefined,
    call: undefined,
    listener: undefined,
    installed: undefined,
    failure: undefined,
  };
  try {
    return run(context);
  } finally {
    context.borrowed?.close();
    if (context.listener !== undefined) closeSync(context.listener);
    closeSync(attached.pidfd);
  }
}

function run(context: Context): InjectionOutcome {
  let state: ActiveState = 'waiting';
  let told: InjectionEvent | undefined;
  for (;;) {
    const event: InjectionEvent = told ?? nextEvent(context, state);
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
    // What fails on the way out of a state is for that state to handle.
    if (told === 'error' && isFinal(next)) {
      if (next === 'failed') throw failureOf(context);
      continue;
    }
    if (isFinal(next)) return outcome(context, next);
    state = next;
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

/** Whatever could not be done to a process that had been killed: its end is the reason. */
function failureOf({ pid, end, failure }: Context): unknown {
  const vanished = failure instanceof OciSeccompError && failure.details.errno === ESRCH;
  return vanished && end !== undefined ? endedError(pid, end) : failure;
}

function reasonOf({ pid, end }: Context, state: ActiveState, event: InjectionEvent): OciSeccompError {
  if (event === 'ended') return endedError(pid, end);
  return event === 'timeout' ? lateError(pid, state) : unexpectedError(pid, state, event);
}

function nextEvent(context: Context, state: ActiveState): InjectionEvent {
  const report = nextReport(context, state);
  if (report === 'timeout') return report;
  if (report.kind === 'ended') {
    if (report.tid !== context.pid) return 'threadEnded';
    context.end = report;
    return 'ended';
  }
  if (report.kind !== 'stopped') return 'error';
  context.stop = report;
  if (isForeign(context.pid, report.tid)) {
    ptrace('PTRACE_DETACH', report.tid);
    return 'threadEnded';
  }
  return stopEvent(report);
}

/** While it waits any thread can have something to tell; from execve(2) on there is only one. */
function nextReport({ pid, deadline }: Context, state: ActiveState): TraceeReport | 'timeout' {
  if (state === 'waiting') return waitForTracee('any', { block: true });
  const start = performance.now();
  for (;;) {
    const report = waitForTracee(pid, { block: false });
    if (report.kind !== 'none') return report;
    if (Date.now() >= deadline) return 'timeout';
    if (performance.now() - start > SPIN_MS) sleep(STEP_MS);
  }
}

/** A process that clone(2) made with another signal than SIGCHLD is traced as a thread would be; it is not ours. */
function isForeign(pid: number, tid: number): boolean {
  if (tid === pid) return false;
  const status = readProcessStatus(tid);
  return typeof status !== 'string' && status.threadGroup !== pid;
}

function stopEvent({ event, signal, syscall }: Extract<TraceeReport, { kind: 'stopped' }>): InjectionEvent {
  if (syscall) return 'syscall';
  switch (event) {
    case 0:
      return 'signal';
    case PTRACE_EVENT_EXEC:
      return 'exec';
    case PTRACE_EVENT_CLONE:
      return 'clone';
    case PTRACE_EVENT_STOP:
      return signal === SIGTRAP ? 'interruption' : 'groupStop';
    default:
      return 'otherStop';
  }
}

const actions: Readonly<Record<InjectionAction, (context: Context) => InjectionEvent | undefined>> = {
  nothing: () => undefined,
  resume: (context) => go(context, 'PTRACE_CONT'),
  deliver: (context) => go(context, 'PTRACE_CONT', context.stop?.signal),
  listen: (context) => go(context, 'PTRACE_LISTEN'),
  proceed: (context) => go(context, 'PTRACE_SYSCALL'),
  hold: (context) => {
    const { pid, request } = context;
    context.deadline = Date.now() + (request.timeoutMs ?? TIMEOUT_MS);
    context.signalMask = new Uint8Array(SIGSET_SIZE);
    demand('PTRACE_GETSIGMASK', pid, SIGSET_SIZE, context.signalMask);
    setSignalMask(pid, new Uint8Array(BigUint64Array.of(ALL_SIGNALS).buffer));
    context.suspended = suspendFilters(pid);
    return go(context, 'PTRACE_SYSCALL');
  },
  keep: (context) => {
    context.kept = context.stop?.signal ?? 0;
    return go(context, 'PTRACE_SYSCALL');
  },
  prepare: (context) => {
    const { pid, request } = context;
    const status = statusOf(pid);
    const borrowed = borrow(pid, registerLayout(context.arch), request.program);
    context.borrowed = borrowed;
    context.plan = filterCalls(pid, borrowed.at, status, request, (fd) => {
      context.listener = takeDescriptor(context.pidfd, fd);
    });
    return planned(context, context.plan.next());
  },
  enter: (context) => {
    const { pid, borrowed, call } = context;
    if (borrowed === undefined || call === undefined) throw unexpectedError(pid, 'planning', 'call');
    writeRegisters(pid, registersForCall(borrowed.layout, borrowed.registers, call));
    return go(context, 'PTRACE_SYSCALL');
  },
  collect: (context) => {
    const { pid, borrowed, plan } = context;
    if (borrowed === undefined || plan === undefined) throw unexpectedError(pid, 'returning', 'syscall');
    const result = callResult(borrowed.layout, readRegisters(pid, borrowed.layout));
    return planned(context, plan.next(result));
  },
  release: ({ pid, kept }) => {
    demand('PTRACE_DETACH', pid, 0, kept);
    return undefined;
  },
  kill: (context) => {
    killAndWait(context);
    return undefined;
  },
};

function planned(context: Context, { done, value }: IteratorResult<unknown, void>): InjectionEvent {
  const { borrowed, pid } = context;
  if (borrowed === undefined) throw unexpectedError(pid, 'planning', 'call');
  if (done !== true) {
    const { name, args } = value as { name: 'prctl' | 'seccomp' | 'close'; args: readonly number[] };
    context.call = { name, args, at: borrowed.instructionPointer };
    return 'call';
  }
  finish(context, borrowed);
  return 'installed';
}

/** What is left to do once the calls are made: check, give back, hand on. */
function finish(context: Context, borrowed: Borrowed): void {
  const { pid, request, listener, suspended } = context;
  const installed = { ...verifyFilter(pid, request.program, borrowed.filtersBefore), suspended };
  borrowed.giveBack();
  if (context.signalMask !== undefined) setSignalMask(pid, context.signalMask);
  if (listener !== undefined) request.takeListener?.(listener);
  context.installed = installed;
  request.beforeRelease?.(installed);
}

function setSignalMask(pid: number, mask: Uint8Array): void {
  demand('PTRACE_SETSIGMASK', pid, SIGSET_SIZE, mask);
}

/** Its filters do not judge the calls made for us; without the right to that they do. */
function suspendFilters(pid: number): boolean {
  const options = OPTIONS | ptraceOptions.PTRACE_O_SUSPEND_SECCOMP;
  const { result, errno } = ptrace('PTRACE_SETOPTIONS', pid, 0, options);
  if (result === -1 && errno !== EPERM && errno !== EINVAL)
    throw requestError('PTRACE_SETOPTIONS', pid, errno);
  return result !== -1;
}

/** One that was killed cannot be let run: its end is told next. */
function go({ stop, pid }: Context, request: PtraceRequest, signal = 0): undefined {
  const tid = stop?.tid ?? pid;
  const { result, errno } = ptrace(request, tid, 0, signal);
  if (result === -1 && errno !== ESRCH) throw requestError(request, tid, errno);
}

function demand(request: PtraceRequest, tid: number, addr: number, data: number | Uint8Array): void {
  const { result, errno } = ptrace(request, tid, addr, data);
  if (result === -1) throw requestError(request, tid, errno);
}

function requestError(request: PtraceRequest, tid: number, errno: number): OciSeccompError {
  return new OciSeccompError('ERR_KERNEL', `ptrace(${request}) of process ${tid}: ${formatErrno(errno)}`, {
    details: { pid: tid, call: 'ptrace', request, errno },
  });
}

function killAndWait(context: Context): void {
  const { pid, pidfd } = context;
  if (context.end !== undefined) return;
  // Ended already, and not yet told: then there is a report to wait for as well.
  signalPidfd(pidfd, SIGKILL);
  const deadline = Date.now() + KILL_MS;
  // Threads end before their process does, and whoever waits for the process hears of it once its tracer has.
  for (;;) {
    const report = waitForTracee('any', { block: false });
    if (report.kind === 'ended' && report.tid === pid) context.end = report;
    if (report.kind === 'failed' || context.end !== undefined) return;
    if (report.kind !== 'none') continue;
    if (Date.now() >= deadline) return;
    sleep(STEP_MS);
  }
}

function sleep(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
