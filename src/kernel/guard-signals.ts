/**
 * Guards recorded processes: signals do not make calls fail that wait for the recorder (restart-calls.ts).
 *
 * They are traced for their signals alone, in a process of its own: it sleeps until one of them stops.
 * @module
 */
import { OciSeccompError } from '../errors.ts';
import { letInitDie } from './init-faults.ts';
import {
  type PtraceRequest,
  ptrace,
  ptraceOptions,
  SIGTRAP,
  type TraceeReport,
  waitForTracee,
} from './ptrace.ts';
import { type BegunRestart, finishRestart, restartInterrupted } from './restart-calls.ts';
import { resumeTracee } from './resume-tracee.ts';

/** What is traced of guarded processes, besides their signals: the processes and threads that they start. */
export const GUARD_OPTIONS =
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

/** Guards all tracees of this thread until they have ended. */
export function guardSignals(): void {
  const guard = openGuard('PTRACE_CONT');
  for (;;) {
    const report = waitForTracee('any', { block: true });
    if (report.kind === 'failed') return;
    if (report.kind === 'stopped') guard.letGo(report);
    if (report.kind === 'ended') guard.forget(report.tid);
  }
}

export interface SignalGuard {
  /** Lets a stopped tracee go on, with its signal, and without harm by it. */
  readonly letGo: (report: Stopped) => void;
  /** The thread has ended. */
  readonly forget: (tid: number) => void;
}

/** @param request - how tracees go on */
export function openGuard(request: Extract<PtraceRequest, 'PTRACE_CONT' | 'PTRACE_SYSCALL'>): SignalGuard {
  const begun = new Map<number, BegunRestart>();
  /** @returns whether the tracee goes on already */
  const protect = (report: Stopped): boolean => {
    const { tid, signal, event, syscall } = report;
    const restart = begun.get(tid);
    begun.delete(tid);
    if (signal === 0 || event !== 0 || syscall) return false;
    if (restart !== undefined && signal === SIGTRAP) {
      finishRestart(tid, restart);
      resumeTracee({ ...report, signal: 0 }, request);
      return true;
    }
    if (letInitDie(report)) return true;
    const next = restartInterrupted(tid, signal);
    if (next === undefined) return false;
    begun.set(tid, next);
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
      resumeTracee(report, request);
    },
    forget: (tid) => begun.delete(tid),
  };
}
