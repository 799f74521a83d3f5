/**
 * The behaviour of a process that gets a filter, as the events of inject-machine.ts.
 * @module
 */
import { isFault } from './init-faults.ts';
import type { Context } from './inject-context.ts';
import { crashError, interferenceError } from './inject-errors.ts';
import type { ActiveState, InjectionEvent } from './inject-machine.ts';
import { handlesSignal, readProcessStatus } from './process-status.ts';
import {
  PTRACE_EVENT_CLONE,
  PTRACE_EVENT_EXEC,
  PTRACE_EVENT_FORK,
  PTRACE_EVENT_STOP,
  PTRACE_EVENT_VFORK,
  ptrace,
  SIGTRAP,
  type TraceeReport,
  waitForTracee,
} from './ptrace.ts';
import { sleep } from './sleep.ts';
import { differenceOf, readSyscallStop } from './syscall-stop.ts';

const SIGSTOP = 19;
const SPIN_MS = 2;
const STEP_MS = 1;

type Stop = Extract<TraceeReport, { kind: 'stopped' }>;

/**
 * Waits for what the process does next.
 *
 * @throws OciSeccompError `ERR_KERNEL` if it has stopped and cannot be asked why
 */
export function nextEvent(context: Context, state: ActiveState): InjectionEvent {
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
  if (report.syscall) return syscallEvent(context, report);
  return state === 'waiting' && crashes(context, report) ? 'fault' : stopEvent(report, state);
}

/**
 * Whether the process would end by a fault if nobody traced it. While the first process of a pid namespace is traced, the
 * kernel does not end it by a fault (Linux 6.18 kernel/signal.c, force_sig_info_to_task): it would fault for ever. An
 * execve(2) that fails half-way ends in a fault, for instance because RLIMIT_AS is too low for the program.
 */
function crashes(context: Context, { tid, event, signal }: Stop): boolean {
  if (event !== 0 || !isFault({ tid, signal })) return false;
  const status = readProcessStatus(tid);
  if (typeof status !== 'string' && handlesSignal(status, signal)) return false;
  context.failure ??= crashError(context.pid, signal);
  return true;
}

/** In `waiting`, any thread can report something. From execve(2) on, there is only one. */
function nextReport({ pid, deadline }: Context, state: ActiveState): TraceeReport | 'timeout' {
  if (state === 'waiting') return waitForTracee('any', { block: true });
  const start = performance.now();
  for (;;) {
    const report = waitForTracee(pid, { block: false });
    if (report.kind !== 'none') return report;
    const now = performance.now();
    if (now >= deadline) return 'timeout';
    if (now - start > SPIN_MS) sleep(STEP_MS);
  }
}

/** Whether it is another process. If clone(2) made it with a signal other than SIGCHLD, the kernel traces it as a thread. */
function isForeign(pid: number, tid: number): boolean {
  if (tid === pid) return false;
  const status = readProcessStatus(tid);
  return typeof status !== 'string' && status.threadGroup !== pid;
}

/** The kernel is asked which side of a call this is; what came before is no proof. */
function syscallEvent(context: Context, { tid }: Stop): InjectionEvent {
  const stop = readSyscallStop(tid);
  if (stop.at === 'exit') return 'return';
  if (stop.at === 'elsewhere') return 'error';
  const { expected } = context;
  const difference = expected === undefined ? 'a call where none was expected' : differenceOf(stop, expected);
  if (difference === undefined) return 'entry';
  context.failure ??= interferenceError(context.pid, difference);
  return 'otherCall';
}

function stopEvent({ event, signal }: Stop, state: ActiveState): InjectionEvent {
  switch (event) {
    case 0:
      return state === 'waiting' || signal === SIGSTOP ? 'signal' : 'fault';
    case PTRACE_EVENT_EXEC:
      return 'exec';
    case PTRACE_EVENT_FORK:
    case PTRACE_EVENT_VFORK:
    case PTRACE_EVENT_CLONE:
      return 'birth';
    case PTRACE_EVENT_STOP:
      return signal === SIGTRAP ? 'interruption' : 'groupStop';
    default:
      return 'otherStop';
  }
}
