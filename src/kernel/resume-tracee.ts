/**
 * How a stopped tracee goes on.
 *
 * Source: ptrace(2), "Group-stop" and "Signal-delivery-stop".
 * @module
 */
import { PTRACE_EVENT_STOP, type PtraceRequest, ptrace, SIGTRAP, type TraceeReport } from './ptrace.ts';

/** Lets a thread go on, with the signal that it was stopped for; a stopped group stays stopped until SIGCONT. */
export function resumeTracee(
  { tid, signal, event, syscall }: Extract<TraceeReport, { kind: 'stopped' }>,
  request: Extract<PtraceRequest, 'PTRACE_CONT' | 'PTRACE_SYSCALL'>,
): void {
  if (event === PTRACE_EVENT_STOP && signal !== SIGTRAP) ptrace('PTRACE_LISTEN', tid);
  else ptrace(request, tid, 0, syscall || event !== 0 ? 0 : signal);
}
