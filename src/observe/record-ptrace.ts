/**
 * Recording by ptrace(2): where no filter with a listener can be had. It costs several times as much as notifications.
 *
 * Everything here is synchronous: a tracer is a thread, and Node's own wait for its children would take the stops.
 *
 * Sources: ptrace(2) ("Attaching and detaching", "Group-stop"), waitid(2).
 * @module
 */
import { formatErrno } from '../abi/errno.ts';
import { ECHILD } from '../abi/errno-constants.ts';
import { OciSeccompError } from '../errors.ts';
import { openGuard } from '../kernel/guard-signals.ts';
import { ptrace, ptraceOptions, type TraceeReport, takeReports } from '../kernel/ptrace.ts';
import { readSyscallStop } from '../kernel/syscall-stop.ts';
import type { CallCounter } from './call-counts.ts';
import { startsProgram } from './record-notifications.ts';

const OPTIONS =
  ptraceOptions.PTRACE_O_TRACESYSGOOD |
  ptraceOptions.PTRACE_O_TRACEFORK |
  ptraceOptions.PTRACE_O_TRACEVFORK |
  ptraceOptions.PTRACE_O_TRACECLONE |
  ptraceOptions.PTRACE_O_TRACEEXEC |
  ptraceOptions.PTRACE_O_EXITKILL;

/** Looks without sleeping, then with: most calls of a busy program come at once. */
const BUSY_LOOKS = 200;
const SLEEP_MS = 2;
const TICK_CALLS = 4096;

/**
 * Seizes a child of this process.
 *
 * @throws OciSeccompError `ERR_KERNEL` if this process may not trace it
 */
export function seizeChild(pid: number): void {
  for (const request of ['PTRACE_SEIZE', 'PTRACE_INTERRUPT'] as const) {
    const { result, errno } = ptrace(request, pid, 0, request === 'PTRACE_SEIZE' ? OPTIONS : 0);
    if (result !== -1) continue;
    throw cannotTrace(`ptrace(${request})`, errno, pid);
  }
}

function cannotTrace(call: string, errno: number, pid: number): OciSeccompError {
  return new OciSeccompError('ERR_KERNEL', `${call}: ${formatErrno(errno)}`, {
    hint: 'neither notifications nor ptrace can be had here; give a recorder around this one --no-guard, record elsewhere, or read a trace with --via',
    details: { call: call.replace(/\(.*/, ''), errno, pid },
  });
}

/**
 * Follows a seized child and all that it starts, until all have ended.
 *
 * @param ready - called once the child's calls are seen
 * @param tick - called now and then
 * @returns the exit code of the child: 128 and the number of a signal that ended it
 */
export function recordTraced(pid: number, counts: CallCounter, ready: () => void, tick: () => void): number {
  let exitCode = 0;
  let started = false;
  let isReady = false;
  // Under the filter of another recorder, a signal must not make a call fail that waits for that one.
  const guard = openGuard('PTRACE_SYSCALL');
  let seen = 0;
  for (const report of reportsOf(tick)) {
    if (seen % TICK_CALLS === 0) tick();
    seen += 1;
    if (report.kind === 'failed' && report.errno === ECHILD) break;
    if (report.kind === 'failed') throw cannotTrace('waitid', report.errno, pid);
    if (report.kind === 'ended' && report.tid === pid) {
      exitCode = report.bySignal ? 128 + report.status : report.status;
    }
    if (report.kind === 'ended') guard.forget(report.tid);
    if (report.kind !== 'stopped') continue;
    if (report.syscall) started = countStop(report.tid, counts, started, pid);
    guard.letGo(report);
    if (!isReady) ready();
    isReady = true;
  }
  return exitCode;
}

/** Reports, one after the other; the last one says that nobody is left to wait for. */
function* reportsOf(tick: () => void): Generator<TraceeReport, void> {
  for (let looks = 0; ; looks += 1) {
    const reports = takeReports({ block: false });
    yield* reports;
    if (reports.length > 0) looks = 0;
    if (looks < BUSY_LOOKS) continue;
    Atomics.wait(sleeper, 0, 0, SLEEP_MS);
    tick();
  }
}

const sleeper = new Int32Array(new SharedArrayBuffer(4));

/** @returns whether the command has started */
function countStop(tid: number, counts: CallCounter, started: boolean, pid: number): boolean {
  try {
    const stop = readSyscallStop(tid);
    if (stop.at !== 'entry') return started;
    const nr = Number(BigInt.asIntN(32, stop.nr));
    const isCommand = started || (tid === pid && startsProgram(stop.arch, nr));
    if (isCommand) counts.add(stop.arch, nr, (index) => stop.args[index] ?? 0n, tid);
    return isCommand;
  } catch (error) {
    // It was killed while it was stopped.
    if (error instanceof OciSeccompError && error.code === 'ERR_KERNEL') return started;
    throw error;
  }
}
