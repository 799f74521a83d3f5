/**
 * The actions of inject-machine.ts, carried out on a process.
 * @module
 */
import { formatErrno } from '../abi/errno.ts';
import { ESRCH } from '../abi/errno-constants.ts';
import { OciSeccompError } from '../errors.ts';
import { requireBoundingSet } from './bounding-set.ts';
import { GUARD_OPTIONS } from './guard-signals.ts';
import { filterCalls, type PlannedCall, statusOf } from './inject-calls.ts';
import type { Context } from './inject-context.ts';
import { unexpectedError } from './inject-errors.ts';
import type { InjectionAction, InjectionEvent } from './inject-machine.ts';
import { type Borrowed, borrow, verifyInstalled } from './inject-memory.ts';
import { signalPidfd, takeDescriptor } from './pidfd.ts';
import { type PtraceRequest, ptrace, ptraceOptions, waitForTracee } from './ptrace.ts';
import {
  callResult,
  expectedEntry,
  preventSystemCall,
  readRegisters,
  registerLayout,
  registersForCall,
  writeRegisters,
} from './registers.ts';
import { holdSignals } from './signal-mask.ts';
import { endAfter } from './signals.ts';
import { sleep } from './sleep.ts';
import { suspendFilters } from './suspend-filters.ts';
import { readSyscallStop } from './syscall-stop.ts';

const {
  PTRACE_O_EXITKILL,
  PTRACE_O_TRACEEXEC,
  PTRACE_O_TRACECLONE,
  PTRACE_O_TRACEFORK,
  PTRACE_O_TRACEVFORK,
  PTRACE_O_TRACESYSGOOD,
} = ptraceOptions;
/** While it is the runtime's program: its threads are traced, and its children are the runtime's business. */
export const WAITING_OPTIONS =
  PTRACE_O_EXITKILL | PTRACE_O_TRACEEXEC | PTRACE_O_TRACECLONE | PTRACE_O_TRACESYSGOOD;
/**
 * From its execve(2) on it has no reason to make a process. If it made one, that would be traced, and die with us. This is
 * a second line of defence: each call is compared at its entry, so none that makes a process gets so far.
 */
const HOLDING_OPTIONS = WAITING_OPTIONS | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK;
const SIGKILL = 9;
/** After it the process is killed. The work takes about a millisecond, so a machine that still runs is fast enough. */
const TIMEOUT_MS = 10_000;
const STEP_MS = 1;
const KILL_MS = 2000;

export const actions: Readonly<Record<InjectionAction, (context: Context) => InjectionEvent | undefined>> = {
  nothing: () => undefined,
  resume: (context) => go(context, 'PTRACE_CONT'),
  deliver: (context) => go(context, 'PTRACE_CONT', context.stop?.signal),
  listen: (context) => go(context, 'PTRACE_LISTEN'),
  proceed: (context) => go(context, 'PTRACE_SYSCALL'),
  hold: (context) => {
    const { pid, request } = context;
    const timeoutMs = request.timeoutMs ?? TIMEOUT_MS;
    context.deadline = performance.now() + timeoutMs;
    // The program's file may be in a file system that answers no more. The end of its tracer kills the process.
    endAfter(Math.ceil((timeoutMs + KILL_MS) / 1000));
    context.releaseSignals = holdSignals(pid);
    // Without the right to suspend them, the old filters judge the calls that are made for us.
    context.suspended = suspendFilters(pid, HOLDING_OPTIONS);
    return go(context, 'PTRACE_SYSCALL');
  },
  keep: (context) => {
    context.kept = context.stop?.signal ?? 0;
    return go(context, 'PTRACE_SYSCALL');
  },
  prepare: (context) => {
    const { pid, request } = context;
    const status = statusOf(pid);
    if (request.boundingSet !== undefined) requireBoundingSet(pid, status, request.boundingSet);
    const borrowed = borrow(pid, registerLayout(context.arch), request.program);
    context.borrowed = borrowed;
    context.plan = filterCalls(pid, borrowed.at, status, request, (result) =>
      verify(context, borrowed, result),
    );
    return planned(context, context.plan.next());
  },
  enter: (context) => {
    const { pid, borrowed, call } = context;
    if (borrowed === undefined || call === undefined) throw unexpectedError(pid, 'planning', 'call');
    writeRegisters(pid, registersForCall(borrowed.layout, borrowed.registers, call));
    context.expected = expectedEntry(borrowed.layout, borrowed.registers, call);
    return go(context, 'PTRACE_SYSCALL');
  },
  collect: (context) => {
    const { pid, borrowed, plan } = context;
    if (borrowed === undefined || plan === undefined) throw unexpectedError(pid, 'returning', 'return');
    context.expected = undefined;
    const result = callResult(borrowed.layout, readRegisters(pid, borrowed.layout));
    return planned(context, plan.next(result));
  },
  release: ({ pid, kept, request }) => {
    if (request.isGuarded === true) demand('PTRACE_SETOPTIONS', pid, GUARD_OPTIONS);
    demand(request.isGuarded === true ? 'PTRACE_CONT' : 'PTRACE_DETACH', pid, kept);
    return undefined;
  },
  kill: (context) => {
    preventCall(context);
    killAndWait(context);
    return undefined;
  },
};

function planned(context: Context, { done, value }: IteratorResult<PlannedCall, void>): InjectionEvent {
  const { borrowed, pid } = context;
  if (borrowed === undefined) throw unexpectedError(pid, 'planning', 'call');
  if (done !== true) {
    context.call = { ...value, at: borrowed.instructionPointer };
    return 'call';
  }
  finish(context, borrowed);
  return 'installed';
}

/**
 * The process has run nothing since the kernel took the filter, and does not continue with a filter other than ours.
 */
function verify(context: Context, { filtersBefore }: Borrowed, result: number): void {
  const { pid, pidfd, request, suspended } = context;
  const { program, allowUnverified = false } = request;
  context.installed = { ...verifyInstalled(pid, program, filtersBefore, allowUnverified), suspended };
  if (request.takeListener !== undefined) context.listener = takeDescriptor(pidfd, result);
}

/** The rest after the calls are made: return the memory, pass the listener on. */
function finish(context: Context, borrowed: Borrowed): void {
  const { pid, request, listener, installed } = context;
  if (installed === undefined) throw unexpectedError(pid, 'planning', 'installed');
  borrowed.giveBack();
  context.releaseSignals?.();
  if (listener !== undefined) request.takeListener?.(listener);
  request.beforeRelease?.(installed);
}

/** Lets the process go on. If it was killed, ptrace(2) fails with ESRCH, and the next report tells of its end. */
function go({ stop, pid }: Context, request: PtraceRequest, signal = 0): undefined {
  const tid = stop?.tid ?? pid;
  const { result, errno } = ptrace(request, tid, 0, signal);
  if (result === -1 && errno !== ESRCH) throw requestError(request, tid, errno);
}

function demand(request: PtraceRequest, tid: number, data: number): void {
  const { result, errno } = ptrace(request, tid, 0, data);
  if (result === -1) throw requestError(request, tid, errno);
}

function requestError(request: PtraceRequest, tid: number, errno: number): OciSeccompError {
  return new OciSeccompError('ERR_KERNEL', `ptrace(${request}) of process ${tid}: ${formatErrno(errno)}`, {
    details: { pid: tid, call: 'ptrace', request, errno },
  });
}

/**
 * Takes back a call that the process has entered. The kernel makes no call for a process with a SIGKILL either (Linux
 * 6.18 include/linux/ptrace.h, ptrace_report_syscall), but this does not rely on that.
 */
function preventCall({ pid, arch, stop }: Context): void {
  if (stop?.syscall !== true) return;
  try {
    if (readSyscallStop(stop.tid).at !== 'entry') return;
    preventSystemCall(stop.tid, registerLayout(arch));
  } catch (error) {
    // Somebody else has killed it, so it makes no call.
    if (!(error instanceof OciSeccompError && error.details.pid === pid)) throw error;
  }
}

function killAndWait(context: Context): void {
  const { pid, pidfd } = context;
  if (context.end !== undefined) return;
  // It may have ended already. Then there is a report to wait for, too.
  signalPidfd(pidfd, SIGKILL);
  const deadline = performance.now() + KILL_MS;
  // The threads end before the process. Its parent is told only after its tracer.
  for (;;) {
    const report = waitForTracee('any', { block: false });
    if (report.kind === 'ended' && report.tid === pid) context.end = report;
    // A process that it has made: stopped before it has run anything.
    if (report.kind === 'stopped' && report.tid !== pid) process.kill(report.tid, SIGKILL);
    if (report.kind === 'failed' || context.end !== undefined) return;
    if (report.kind !== 'none') continue;
    if (performance.now() >= deadline) return;
    sleep(STEP_MS);
  }
}
