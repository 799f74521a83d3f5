/**
 * Guards recorded processes: a signal does not make a call fail that waits for the recorder (restart-calls.ts).
 *
 * The guard is a process of its own. It traces them for their signals alone, and sleeps until one of them stops.
 * @module
 */
import { ECHILD } from '../abi/errno-constants.ts';
import { directSyscallNumber } from '../abi/syscall-numbers.ts';
import { OciSeccompError } from '../errors.ts';
import { letInitDie } from './init-faults.ts';
import {
  type PtraceRequest,
  ptrace,
  ptraceOptions,
  SIGTRAP,
  type TraceeReport,
  takeReports,
} from './ptrace.ts';
import { type BegunRestart, finishRestart, restartInterrupted } from './restart-calls.ts';
import { resumeTracee } from './resume-tracee.ts';
import { noteMounts } from './served-mounts.ts';
import { readSyscallStop } from './syscall-stop.ts';
import { machineArch } from './this-machine.ts';

/** What is traced of guarded processes, besides their signals: the processes and threads that they start. */
export const GUARD_OPTIONS =
  ptraceOptions.PTRACE_O_TRACESYSGOOD |
  ptraceOptions.PTRACE_O_TRACEFORK |
  ptraceOptions.PTRACE_O_TRACEVFORK |
  ptraceOptions.PTRACE_O_TRACECLONE |
  ptraceOptions.PTRACE_O_EXITKILL;

type Stopped = Extract<TraceeReport, { kind: 'stopped' }>;

/**
 * Becomes the tracer of a thread, and of all that it will start.
 *
 * @returns 0, or the error number: somebody else traces it, or this process may not
 */
export function seizeForSignals(tid: number): number {
  const { result, errno } = ptrace('PTRACE_SEIZE', tid, 0, GUARD_OPTIONS);
  return result === -1 ? errno : 0;
}

/**
 * Guards all tracees of this thread until they have ended.
 *
 * @returns 0, or the error number of waitid(2): then they end with this process
 */
export function guardSignals(): number {
  const guard = openGuard('PTRACE_CONT');
  for (;;) {
    for (const report of takeReports({ block: true })) {
      if (report.kind === 'failed') return report.errno === ECHILD ? 0 : report.errno;
      if (report.kind === 'stopped') guard.letGo(report);
      if (report.kind === 'ended') guard.forget(report.tid);
    }
  }
}

interface SignalGuard {
  /** Lets a stopped tracee go on, with its signal, and without harm by it. */
  readonly letGo: (report: Stopped) => void;
  /** The thread has ended. */
  readonly forget: (tid: number) => void;
}

type Going = Extract<PtraceRequest, 'PTRACE_CONT' | 'PTRACE_SYSCALL'>;

/** A handler that leaves by longjmp(3) never returns: after so many stops at calls, its thread is left alone. */
const MAX_STOPS = 10_000;

interface Restarts {
  /** The interrupted calls of a thread whose handlers run. */
  readonly begun: readonly BegunRestart[];
  /** How often it has stopped at a call since. */
  readonly stops: number;
}

/** @param request - how tracees go on */
export function openGuard(request: Going): SignalGuard {
  const threads = new Map<number, Restarts>();
  const seesServed = noteMounts();
  const remember = (tid: number, begun: readonly BegunRestart[], stops: number): void => {
    if (begun.length === 0 || stops > MAX_STOPS) threads.delete(tid);
    else threads.set(tid, { begun, stops });
  };
  /** @returns whether the tracee goes on already */
  const protect = (report: Stopped): boolean => {
    const { tid, signal, event, syscall } = report;
    const { begun, stops } = threads.get(tid) ?? { begun: [], stops: 0 };
    if (syscall) {
      if (begun.length > 0)
        remember(tid, returnsFromHandler(tid) ? finishRestart(tid, begun) : begun, stops + 1);
      return false;
    }
    if (signal === 0 || event !== 0) return false;
    if (signal === SIGTRAP && begun.at(-1)?.seenAt === 'handler') {
      finishRestart(tid, begun);
      threads.delete(tid);
      resumeTracee({ ...report, signal: 0 }, request);
      return true;
    }
    // Restarts that wait for the handler's first instruction are dropped: it did not stop there.
    const waiting = begun.filter(({ seenAt }) => seenAt === 'return');
    remember(tid, waiting, stops);
    if (letInitDie(report)) return true;
    const next = restartInterrupted(tid, signal, seesServed);
    if (next === undefined) return false;
    remember(tid, [...waiting, next], 0);
    if (next.seenAt === 'return') return false;
    ptrace('PTRACE_SINGLESTEP', tid, 0, signal);
    return true;
  };
  return {
    letGo: (report) => {
      try {
        if (protect(report)) return;
      } catch (error) {
        // It was killed while it was stopped.
        if (!(error instanceof OciSeccompError && error.code === 'ERR_KERNEL')) throw error;
      }
      resumeTracee(report, threads.has(report.tid) ? 'PTRACE_SYSCALL' : request);
    },
    forget: (tid) => threads.delete(tid),
  };
}

/** Whether a thread that is stopped at a call is about to make rt_sigreturn(2). */
function returnsFromHandler(tid: number): boolean {
  const stop = readSyscallStop(tid);
  return stop.at === 'entry' && Number(stop.nr) === directSyscallNumber('rt_sigreturn', machineArch());
}
