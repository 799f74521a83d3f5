/**
 * Guards recorded processes: signals do not make calls fail that wait for the recorder (kernel/restart-calls.ts).
 *
 * They are traced for their signals alone, in a process of its own: it sleeps until one of them stops.
 * @module
 */
import { OciSeccompError } from '../errors.ts';
import { ptrace, ptraceOptions, type TraceeReport, waitForTracee } from '../kernel/ptrace.ts';
import { restartInterrupted } from '../kernel/restart-calls.ts';
import { resumeTracee } from './resume-tracee.ts';

const OPTIONS =
  ptraceOptions.PTRACE_O_TRACEFORK |
  ptraceOptions.PTRACE_O_TRACEVFORK |
  ptraceOptions.PTRACE_O_TRACECLONE |
  ptraceOptions.PTRACE_O_EXITKILL;

/**
 * Becomes the tracer of a thread, and of all that it will start.
 *
 * @returns 0, or the error number: somebody else traces it, or this process may not
 */
export function seizeForSignals(tid: number): number {
  const { result, errno } = ptrace('PTRACE_SEIZE', tid, 0, OPTIONS);
  return result === -1 ? errno : 0;
}

/** Guards until all have ended. */
export function guardSignals(): void {
  for (;;) {
    const report = waitForTracee('any', { block: true });
    if (report.kind === 'failed') return;
    if (report.kind === 'stopped') letGo(report);
  }
}

function letGo(report: Extract<TraceeReport, { kind: 'stopped' }>): void {
  try {
    if (report.signal !== 0 && report.event === 0) restartInterrupted(report.tid);
  } catch (error) {
    // It was killed while it was stopped.
    if (!(error instanceof OciSeccompError && error.code === 'ERR_KERNEL')) throw error;
  }
  resumeTracee(report, 'PTRACE_CONT');
}
